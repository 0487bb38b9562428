"""The Operations page."""
