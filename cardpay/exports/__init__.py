"""Files made of what reporting reads."""
