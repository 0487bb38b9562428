"""Checkout: Sessions whose hosted page a customer pays on."""
