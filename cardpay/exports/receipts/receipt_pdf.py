"""A receipt as a PDF: A4, black on white, in as many pages as it needs."""

import io
import logging
from typing import Final, Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode
from PIL import Image

from cardpay.exports.receipts.receipt_fonts import BOLD, REGULAR, fonts_for
from cardpay.exports.receipts.receipt_sheet import Sheet, Sum

# Both libraries log what they write and leave out, which are customers' names among others.
for _library in ("fpdf", "fontTools"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)

# Millimetres, unless a name says points.
_MARGIN: Final = 19.0
_WIDTH: Final = 210 - 2 * _MARGIN
_FOOT: Final = 25.0
_LINE: Final = 5.3
_TEXT_POINTS: Final = 10.0
_LOGO_HEIGHT: Final = 12.0
_LOGO_WIDTH: Final = 60.0
# A logo that is so much wider than high holds the name already.
_HAS_NAME: Final = 2.0
_SUMS_WIDTH: Final = 85.0
_GREY: Final = 68
_HAIRLINE: Final = 187


def receipt_pdf(sheet: Sheet) -> bytes:
    """The file. The same receipt makes the same bytes."""
    pages = _Drawing(sheet, pages=1)
    pages.draw()
    if pages.page != 1:
        count = pages.page
        pages = _Drawing(sheet, pages=count)
        pages.draw()
    return bytes(pages.output())


class _Drawing(FPDF):
    """One receipt on its pages; `pages` is how many, for the foot of each."""

    def __init__(self, sheet: Sheet, *, pages: int) -> None:
        super().__init__(format="A4")
        self._sheet = sheet
        self._pages = pages
        self.set_margin(_MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(auto=True, margin=_FOOT)
        self.set_title(f"{sheet.title} {sheet.number}")
        self.set_author(sheet.name)
        self.set_lang("en-GB")
        self.set_creation_date(sheet.at)
        self.add_font("text", "", REGULAR)
        self.add_font("text", "B", BOLD)
        others = fonts_for(sheet.texts())
        for font in others:
            self.add_font(font.stem, "", font)
        self.set_fallback_fonts([font.stem for font in others], exact_match=False)
        self.set_text_shaping(use_shaping_engine=True)
        self.set_line_width(0.2)

    def footer(self) -> None:
        """Which payment, and which page: the library asks for it on each one."""
        self.set_y(-_FOOT + 5)
        self._rule(_HAIRLINE)
        self.ln(3)
        self._font(points=9)
        self.cell(_WIDTH * 0.75, 4, self._sheet.foot)
        self.cell(_WIDTH * 0.25, 4, f"Page {self.page} of {self._pages}", align="R")

    def draw(self) -> None:
        """Everything from top to bottom."""
        sheet = self._sheet
        self.add_page()
        self._head()
        self._font("B", 18)
        self.multi_cell(_WIDTH, 9, sheet.title, new_x="LMARGIN", new_y="NEXT")
        if sheet.warning:
            self._font("B")
            self.multi_cell(_WIDTH, _LINE, sheet.warning, new_x="LMARGIN", new_y="NEXT")
        self.ln(4)
        self._facts()
        self.ln(4)
        self._table()
        self.ln(2)
        for one in sheet.sums:
            self._sum(one)
        self._total()
        for one in sheet.after:
            self._sum(one)
        if sheet.closing:
            self.ln(10)
            self._font()
            self.multi_cell(_WIDTH, _LINE, sheet.closing, align="L", new_x="LMARGIN", new_y="NEXT")

    def _head(self) -> None:
        """Logo and name at the left, the letterhead at the right."""
        top, left = self.get_y(), _MARGIN
        wide = False
        if self._sheet.logo:
            logo = _in_grey(self._sheet.logo)
            scale = min(_LOGO_HEIGHT / logo.height, _LOGO_WIDTH / logo.width)
            width = logo.width * scale
            self.image(logo, left, top, width, logo.height * scale)
            wide = logo.width > _HAS_NAME * logo.height
            left += width + 3
        half = _WIDTH / 2
        bottom = top + (_LOGO_HEIGHT if self._sheet.logo else 0)
        if not wide:
            self._font("B", 13.5)
            self.set_xy(left, top)
            self.multi_cell(_MARGIN + half - left, 7, self._sheet.name, new_y="NEXT", align="L")
            bottom = max(bottom, self.get_y())
        self._font(grey=_GREY)
        self.set_y(top)
        for line in self._sheet.letterhead:
            self.set_x(_MARGIN + half)
            self.multi_cell(half, _LINE, line, align="R", new_y="NEXT")
        self.set_y(max(bottom, self.get_y()) + 12)

    def _facts(self) -> None:
        """Three beside each other, as many rows as they need."""
        gap = 4.0
        column = (_WIDTH - 2 * gap) / 3
        facts = self._sheet.facts
        for first in range(0, len(facts), 3):
            top, bottom = self.get_y(), 0.0
            for place, (heading, lines) in enumerate(facts[first : first + 3]):
                self.set_y(top)
                for text, style in ((heading, "B"), *((line, "") for line in lines)):
                    self._font("B" if style else "")
                    self.set_x(_MARGIN + place * (column + gap))
                    self.multi_cell(
                        column, _LINE, text, align="L", new_y="NEXT", wrapmode=WrapMode.WORD
                    )
                bottom = max(bottom, self.get_y())
            self.set_y(bottom + 4)

    def _table(self) -> None:
        widths = _widths(len(self._sheet.headings))
        self._row(self._sheet.headings, widths, bold=True)
        for place, row in enumerate(self._sheet.rows):
            if self.will_page_break(self._height(row, widths)):
                self.add_page()
                self._row(self._sheet.headings, widths, bold=True)
            last = place == len(self._sheet.rows) - 1
            self._row(row, widths, shade=0 if last else _HAIRLINE)

    def _row(
        self, cells: tuple[str, ...], widths: list[float], *, bold: bool = False, shade: int = 0
    ) -> None:
        height = self._height(cells, widths, bold=bold)
        self._font("B" if bold else "")
        top, left = self.get_y(), _MARGIN
        for place, (text, width) in enumerate(zip(cells, widths, strict=True)):
            self.set_xy(left, top + 2)
            self.multi_cell(width, _LINE, text, align=_side(place))
            left += width
        self.set_xy(_MARGIN, top + height)
        self._rule(shade)

    def _height(self, cells: tuple[str, ...], widths: list[float], *, bold: bool = False) -> float:
        """How high a row becomes: names are long, and wrap."""
        self.set_font("text", "B" if bold else "", _TEXT_POINTS)
        most = 1
        for text, width in zip(cells, widths, strict=True):
            lines = self.multi_cell(
                width, _LINE, text, dry_run=True, output=MethodReturnValue.LINES
            )
            assert isinstance(lines, list)  # that was asked for
            most = max(most, len(lines))
        return most * _LINE + 4

    def _sum(self, one: Sum, style: Literal["", "B"] = "", points: float = _TEXT_POINTS) -> None:
        """A label and its amount, in the right part of the page; the amount is never cut."""
        height = _LINE + points / 6
        if self.will_page_break(height):
            self.add_page()
        self._font(style, points)
        amount = min(self.get_string_width(one.amount) + 4, _SUMS_WIDTH * 0.75)
        self.set_x(_MARGIN + _WIDTH - _SUMS_WIDTH)
        top = self.get_y()
        self.multi_cell(_SUMS_WIDTH - amount, height, one.label, align="L", new_y="NEXT")
        bottom = self.get_y()
        self.set_xy(_MARGIN + _WIDTH - amount, top)
        self.cell(amount, height, one.amount, align="R")
        self.set_xy(_MARGIN, bottom)

    def _total(self) -> None:
        if self.will_page_break(15):
            self.add_page()
        self.ln(2)
        left = _MARGIN + _WIDTH - _SUMS_WIDTH
        self.set_draw_color(0)
        self.line(left, self.get_y(), _MARGIN + _WIDTH, self.get_y())
        self.ln(2)
        self._sum(self._sheet.total, "B", 15)
        self.ln(1)

    def _rule(self, shade: int) -> None:
        self.set_draw_color(shade)
        self.line(_MARGIN, self.get_y(), _MARGIN + _WIDTH, self.get_y())

    def _font(
        self, style: Literal["", "B"] = "", points: float = _TEXT_POINTS, grey: int = 0
    ) -> None:
        """Choose a font, and have it chosen in the file as well, by writing a blank.

        The library chooses it with the first text, and for a text with shifted letters of another
        font it does so inside a bracket, after which all text would be in the font before.
        """
        self.set_font("text", style, points)
        self.set_text_color(grey)
        self.current_font_is_set_on_page = False
        self.cell(0.01, 0, " ")


def _side(place: int) -> Literal["L", "R"]:
    return "R" if place else "L"


def _widths(columns: int) -> list[float]:
    """The first column takes what the narrower ones leave."""
    others = {2: [45.0], 3: [24.0, 45.0], 4: [22.0, 36.0, 42.0], 5: [20.0, 32.0, 18.0, 40.0]}
    rest = others[columns]
    return [_WIDTH - sum(rest), *rest]


def _in_grey(logo: bytes) -> Image.Image:
    """The logo in shades of grey on white, as it comes out of most office printers anyway."""
    with Image.open(io.BytesIO(logo)) as opened:
        coloured = opened.convert("RGBA")
    white = Image.new("RGBA", coloured.size, "white")
    white.alpha_composite(coloured)
    return white.convert("L")
