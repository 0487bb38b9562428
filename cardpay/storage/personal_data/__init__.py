"""Queries of erasure and retention."""
