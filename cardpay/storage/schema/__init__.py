"""Every table, and how columns are declared."""
