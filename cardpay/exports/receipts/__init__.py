"""Receipts as a page to print and as a PDF: the same sheet, drawn twice."""
