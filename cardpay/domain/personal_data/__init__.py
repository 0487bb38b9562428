"""Personal data: for how long it is kept, and what keeps it from being erased."""
