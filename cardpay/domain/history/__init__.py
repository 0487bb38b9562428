"""Import and reconciliation: which lists, how fast and how much, when, and gaps."""
