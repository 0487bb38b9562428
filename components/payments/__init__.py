"""The list of payments and its export."""
