"""Totals of business days: computed from the books, kept in a table, and read from both."""
