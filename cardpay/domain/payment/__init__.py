"""A payment's order, statuses, declines and limits."""
