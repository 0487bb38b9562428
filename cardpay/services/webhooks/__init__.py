"""Receiving Stripe's events and applying them."""
