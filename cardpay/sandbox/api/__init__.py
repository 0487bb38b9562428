"""Stripe's resources, one a file."""
