"""Erasure of customers' details, and retention."""
