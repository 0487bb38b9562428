"""Disputes: what cardholders object to."""
