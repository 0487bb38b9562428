"""Files of what reporting reads: CSV, and what is recorded before one leaves."""
