"""Applying what Stripe states to the desk's rows, whoever brings it."""
