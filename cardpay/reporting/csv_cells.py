"""Texts for a CSV file that a spreadsheet will open."""

from typing import Final

# A cell that begins so is run as a formula (OWASP: "CSV Injection").
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(text: str) -> str:
    """`text` as a spreadsheet shows it: never a formula, whoever wrote it."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text
