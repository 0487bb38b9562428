"""Fields, tables, times and the like, used by several screens."""
