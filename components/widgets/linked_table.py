"""A table whose rows are opened: a small HTML table with one link a row.

One click anywhere in a row opens it, and so does Enter; with Ctrl it opens in a new tab. It is a
component of the browser, since Streamlit's own table is a picture that neither a keyboard nor a
screen reader opens a row of.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

from components.widgets.status_chips import Chip

_STYLE: Final = Path(__file__).with_suffix(".css")


@dataclass(frozen=True)
class Column:
    """A column. `width` is in pixels; None takes the rest.

    `name` places it where the window is narrow: name, amount-of, status and time stay, others have
    "middle" (left out on a phone) or "wide" (left out below 1,120 px) in `kind`. Besides, `kind`
    says how a cell is drawn: "right", "strong", "clip" (may be cut). Where columns are "chosen"
    the table is as wide as what is in them, and scrolls sideways.
    """

    name: str
    label: str
    width: int | None
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """A row. `label` is what a screen reader says of its link; a cell is a text or what it is."""

    id: str
    href: str
    label: str
    cells: Sequence["Cell"]


@dataclass(frozen=True)
class Cell:
    """A text; with `code` an amount and its currency, with `chip` a status in that colour.

    With `href` it is a link of its own, which opens beside the desk; not in the first column.
    """

    text: str
    code: str = ""
    chip: str = ""
    icon: str = ""
    href: str = ""


def chip_cell(chip: Chip) -> Cell:
    """A status."""
    return Cell(chip.words, chip=chip.colour, icon=chip.icon)


def amount_cell(amount: str, code: str) -> Cell:
    """An amount, without its currency's code where that stands before it for want of a symbol."""
    return Cell(amount.removeprefix(code).lstrip("\N{NO-BREAK SPACE}"), code=code)


def linked_table(
    key: str,
    label: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    on_open: Callable[[str], None],
    *,
    focus: str | None = None,
    opens: str = "payment",
) -> None:
    """Draw the table; `on_open` is called with the id of the row that is opened.

    `label` names the table. `focus` is the row that has the focus when the table appears. `opens`
    is what a row's page is of: what a narrow table leaves out is there.
    """

    def opened() -> None:
        row_id = (st.session_state.get(key) or {}).get("opened")
        if row_id is not None:
            on_open(row_id)

    _component()(
        key=key,
        data={
            "label": label,
            "columns": [asdict(column) for column in columns],
            "rows": [
                {
                    "id": row.id,
                    "href": row.href,
                    "label": row.label,
                    "cells": [asdict(cell) for cell in row.cells],
                }
                for row in rows
            ],
            "left_out": _left_out(columns, opens),
            "focus": focus,
        },
        on_opened_change=opened,
    )


def _left_out(columns: Sequence[Column], opens: str) -> list[str]:
    """What is said below the table about the columns that a middle and a narrow one leave out.

    Empty where it leaves out none.
    """
    wide = [one.label for one in columns if "wide" in one.kind]
    narrow = [one.label for one in columns if "wide" in one.kind or "middle" in one.kind]
    if any("chosen" in one.kind for one in columns):  # not all of what one can choose is there
        return ["", f"A wider window shows {_listed(narrow)}, too." if narrow else ""]
    return [
        f"{_listed(names)} {'is' if len(names) == 1 else 'are'} on the {opens}'s page."
        if names
        else ""
        for names in (wide, narrow)
    ]


def _listed(names: Sequence[str]) -> str:
    """In one sentence: "Items, card and PaymentIntent"."""
    first, *others = names
    lower = [
        name if name[1:] != name[1:].lower() else name[0].lower() + name[1:] for name in others
    ]
    if not lower:
        return first
    return " and ".join([", ".join([first, *lower[:-1]]), lower[-1]])


@cache
def _component() -> Callable[..., Any]:
    # Its script is a file: the content policy lets no script run that came as a text.
    return st.components.v2.component(
        "cardpay-card-form.linked_table",
        html='<div class="linked-table"></div>',
        css=_STYLE.read_text(encoding="utf-8"),
        js="linked_table-*.js",
    )
