"""A column that a list can have, and how the chosen ones are laid out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from components.widgets.linked_table import Cell, Column
from components.widgets.times import short_time

Read = Callable[[Any], Cell]
"""What a cell shows of a row."""


@dataclass(frozen=True)
class ListColumn:
    """A column that a list can have: how it is drawn, and its `cell` of a row.

    `further` are columns of the list's frame that are read for it alone. Of a list's columns those
    that are `usual` are shown until a person chooses.
    """

    column: Column
    cell: Read
    further: tuple[str, ...] = ()
    usual: bool = True

    @property
    def name(self) -> str:
        """By which it is kept that a person chose it; not to be changed."""
        return self.column.name


def text(column: Column, frame: str | None = None) -> ListColumn:
    """A usual one with a text of the frame's column of its label, or of another one."""
    source = frame or column.label
    return ListColumn(column, lambda row: Cell(row[source]))


def unusual(column: Column, cell: Read, *further: str) -> ListColumn:
    """One that is there only for whoever chooses it."""
    return ListColumn(column, cell, further, usual=False)


def unusual_text(name: str, label: str, *, frame: str | None = None) -> ListColumn:
    """The same, with a text as `text` has it."""
    source = frame or label
    return unusual(Column(name, label, None, "clip"), lambda row: Cell(row[source]), source)


def time_cell(at: Any, zone: str) -> Cell:
    """A time, or nothing where there is none."""
    return Cell("" if pd.isna(at) else short_time(at.to_pydatetime(), zone))


def laid_out(columns: Sequence[ListColumn], *, as_chosen: bool) -> list[Column]:
    """The columns as they are drawn.

    The usual ones give way to each other where the window is narrow. Those that a person chose
    are all shown, as wide as what is in them, and the table scrolls sideways: but on a phone,
    where a row is a card, those that are no part of one are left out.
    """
    if not as_chosen:
        return [one.column for one in columns]
    return [replace(one.column, kind=_chosen_kind(one.column)) for one in columns]


def _chosen_kind(column: Column) -> str:
    kept = [one for one in column.kind.split() if one not in {"wide", "middle"}]
    is_of_card = column.name in {"name", "amount-of", "status", "time"}
    return " ".join([*kept, *(() if is_of_card else ("middle",)), "chosen"])
