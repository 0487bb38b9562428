"""Queries of import and reconciliation."""
