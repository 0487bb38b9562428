"""Clients of Stripe that were not made for the sandbox, as installed from npm and PyPI."""
