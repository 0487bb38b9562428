"""The Insights page: its fields, its numbers, its charts with their tables and files."""
