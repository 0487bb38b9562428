"""Queries of payments, attempts, refunds and disputes."""
