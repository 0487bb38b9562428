"""Which columns of a list a person sees: chosen under "Columns", and kept for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.column_rules import ListName
from cardpay.services import column_choices
from cardpay.services.desk import Desk
from components.columns.list_column import ListColumn, laid_out
from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted
from components.widgets.linked_table import Cell, Column
from components.widgets.messages import small_text


@dataclass(frozen=True)
class ShownColumns:
    """The columns of a list that are shown, in their order, and all that there are.

    The first one opens a row: it is always there.
    """

    of: ListName
    known: tuple[ListColumn, ...]
    shown: tuple[ListColumn, ...]
    as_chosen: bool

    @property
    def further(self) -> frozenset[str]:
        """The columns of the list's frame that are read for what is shown."""
        return frozenset(name for one in self.shown for name in one.further)

    def columns(self) -> list[Column]:
        """How they are drawn."""
        return laid_out(self.shown, as_chosen=self.as_chosen)

    def cells(self, row: Any) -> list[Cell]:
        """What they show of a row."""
        return [one.cell(row) for one in self.shown]


def usual_columns(of: ListName, known: Sequence[ListColumn]) -> ShownColumns:
    """The columns that a list has before anybody chooses."""
    usual = tuple(one for one in known if one.usual)
    return ShownColumns(of, tuple(known), usual, as_chosen=False)


def shown_columns(
    desk: Desk, actor: Actor, of: ListName, known: Sequence[ListColumn]
) -> ShownColumns:
    """The columns that the person chose, or else the usual ones.

    A name that the list does not know, of an older version, is passed over.
    """
    chosen = column_choices.chosen_columns(desk, actor, of)
    if chosen is None:
        return usual_columns(of, known)
    by_name = {one.name: one for one in known[1:]}
    own = [by_name[name] for name in chosen if name in by_name]
    return ShownColumns(of, tuple(known), (known[0], *own), as_chosen=True)


def columns_panel(desk: Desk, actor: Actor, columns: ShownColumns) -> None:
    """Draw "Columns", with the field that chooses them behind it."""
    key = f"{columns.of}.columns"
    first, *others = (one.column for one in columns.known)
    labels = {one.name: one.label for one in others}

    def keep() -> None:
        keep_session_active()
        column_choices.choose_columns(desk, actor, columns.of, st.session_state[key])

    def reset() -> None:
        keep_session_active()
        column_choices.reset_columns(desk, actor, columns.of)

    panel = st.expander(
        "Columns",
        icon=":material/view_column:",
        key=f"{key}.panel",
        on_change=keep_session_active,
    )
    if not panel.open:  # the names of columns are those of other fields, too
        return
    # What is kept is what holds: another tab may have changed it. Only set if it is another,
    # since the browser would forget what is being chosen meanwhile.
    names = [one.name for one in columns.shown[1:]]
    if st.session_state.get(key) != names:
        st.session_state[key] = names
    with panel:
        st.multiselect(
            "Columns shown",
            list(labels),
            format_func=labels.__getitem__,
            key=key,
            on_change=uninterrupted(keep),
        )
        small_text(
            f"{first.label} comes first, then these in the order in which they were chosen. "
            "Only you see this choice."
        )
        if columns.as_chosen:
            st.button("Reset columns", key=f"{key}.reset", on_click=uninterrupted(reset))
