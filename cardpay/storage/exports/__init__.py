"""Exports: what became of each file."""
