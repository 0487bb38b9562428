"""Cells of a CSV file that a spreadsheet may open."""

import re
from collections.abc import Iterable
from typing import Final

# What begins a formula (OWASP: "CSV Injection"); the full-width forms do where a spreadsheet is
# set to an East Asian language. Where it is set to part cells by semicolons, a cell may begin
# behind one.
_FORMULA: Final = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[ \"']*[=+@＝＋－＠\t\r\n-])")


def is_formula_in(texts: Iterable[str]) -> bool:
    """Whether `cell` would change any of these."""
    return _FORMULA.search("\n".join(texts)) is not None


def cell(text: str | None) -> str:
    """The text, with an apostrophe before each part that a spreadsheet would run as a formula."""
    return _FORMULA.sub("'", text) if text else ""
