"""What the sandbox keeps: its file, its clock, its account."""
