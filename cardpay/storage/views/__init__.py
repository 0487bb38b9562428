"""Saved views: who sees which."""
