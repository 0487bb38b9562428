"""Attempts, refunds, disputes and customers as lists of one make: filters, totals, rows."""
