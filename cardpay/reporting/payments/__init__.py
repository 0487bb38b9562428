"""Payments for people to read: list, search, one payment's page."""
