"""Taking an order's payment: create, confirm, refresh, cancel, and its limits."""
