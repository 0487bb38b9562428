"""Customers: one row for each, by what the erasure of personal data knows them by."""
