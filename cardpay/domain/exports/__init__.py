"""Exports: lists as files."""
