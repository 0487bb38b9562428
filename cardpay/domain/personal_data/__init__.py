"""Personal data: for how long it is kept."""
