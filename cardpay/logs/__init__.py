"""Logging and redaction."""
