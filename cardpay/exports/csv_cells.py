"""Texts for a CSV file that a spreadsheet will open."""

import re
from typing import Final

# What begins a formula (OWASP: "CSV Injection"); the full-width forms do where a spreadsheet is
# set to an East Asian language. Where it is set to part cells by semicolons, a cell may begin
# behind one.
_FORMULA: Final = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[ \"']*[=+@＝＋－＠\t\r\n-])")


def cell(text: str | None) -> str:
    """Somebody's words, with an apostrophe before what a spreadsheet would carry out."""
    return _FORMULA.sub("'", text) if text else ""
