"""Import and reconciliation: the lists they read, how fast and how much, and gaps."""
