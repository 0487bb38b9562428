"""A sheet that is given whole rows, as they stand in its file.

XlsxWriter takes a cell at a time, which is most of the time that a large workbook costs. And in
its mode that keeps memory flat, it takes a text for markup that begins with <r> and ends with
</r>, which somebody may have typed.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from xlsxwriter.worksheet import Worksheet

# What a text may not hold as it is: markup, characters that XML has none for, and what the format
# itself writes for these (ECMA-376 part 1, 22.9.2.19: ST_Xstring).
_SPECIAL: Final = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_MARKUP: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Sheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet in a workbook with `constant_memory`. The header is written a cell at a time."""

    def add_rows(self, first: int, letters: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Add rows from number `first` (from 0) on, which nothing may be above.

        A cell is what stands in the file behind its row's number; an empty one is left out.
        """
        self._write_single_row(first)  # what waits to be written: the header
        number = first
        for number, row in enumerate(rows, first + 1):
            cells = [
                f'<c r="{letter}{number}{cell}'
                for letter, cell in zip(letters, row, strict=True)
                if cell
            ]
            self.fh.write(f'<row r="{number}">{"".join(cells)}</row>')
        self.dim_rowmax = number - 1

    @staticmethod
    def escaped(texts: Iterable[str | None]) -> list[str]:
        """The texts as they stand in the file."""
        given = [text or "" for text in texts]
        if _SPECIAL.search("\n".join(given)) is None:
            return given
        return [_SPECIAL.sub(_escape, text) for text in given]


def _escape(found: "re.Match[str]") -> str:
    text: Any = found[0]
    return _MARKUP.get(text) or (f"_x{ord(text):04X}_" if len(text) == 1 else f"_x005F{text}")
