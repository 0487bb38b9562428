"""Logging: what code logs with, how it is set up, and what is redacted from every line."""
