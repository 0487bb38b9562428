"""The fonts of a receipt: one for Latin, Greek and Cyrillic, others for what it lacks.

They lie beside this file, since no machine can be counted on to have them, and a customer's name
is in any alphabet. `fonts/README.md` says where they are from.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

_FOLDER: Final = Path(__file__).parent / "fonts"
REGULAR: Final = _FOLDER / "alphabets" / "NotoSans-Regular.ttf"
BOLD: Final = _FOLDER / "alphabets" / "NotoSans-Bold.ttf"


def fonts_for(texts: Iterable[str]) -> list[Path]:
    """The fonts that are needed besides REGULAR and BOLD to write these texts.

    A character that no font has, an emoji for one, needs none: it is drawn as an empty box.
    """
    missing = {ord(character) for text in texts for character in text} - _characters(REGULAR)
    needed = []
    for font in _others():
        if not missing:
            break
        if found := missing & _characters(font):
            needed.append(font)
            missing -= found
    return needed


@cache
def _others() -> tuple[Path, ...]:
    """In the order in which they are asked: small fonts of one script before the large one."""
    found = [font for font in _FOLDER.glob("*/*.ttf") if font not in {REGULAR, BOLD}]
    return tuple(sorted(found, key=lambda font: (font.stat().st_size, font.name)))


@cache
def _characters(font: Path) -> frozenset[int]:
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())
