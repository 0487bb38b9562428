"""The month-end file: a workbook that adds up, and what has changed since it was last made."""
