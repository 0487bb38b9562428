"""The panel that exports a list, and the addresses of its files."""
