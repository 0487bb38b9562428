"""A history for the demo, so that there is something to browse at the first start."""
