"""What each person asked to refund, of what the list of refunds is filtered by."""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from cardpay.reporting.refunds.refunds_list import AskedFor
from components.frame.desk_access import keep_session_active
from components.frame.page_list import REFUNDS
from components.lists.list_filters import choose_person
from components.widgets.amounts import count
from components.widgets.linked_table import Cell, Column, Row, linked_table
from components.widgets.money_markup import number_text, signed_text

ASKED_BY: Final = "taken_by"
"""The parameter of the address."""

_COLUMNS: Final = (
    Column("name", "Asked by", None, "clip"),
    Column("status", "Refunds", 120, "right"),
    Column("amount-of", "Amount", 180, "right strong"),
)


def refunds_by_person_panel(read: Callable[[], Sequence[AskedFor]]) -> None:
    """Draw "By person", with the sums that `read` returns behind it; a row filters by its person.

    They are read once it is opened.
    """
    panel = st.expander(
        "By person",
        icon=":material/group:",
        key="refunds.people",
        on_change=keep_session_active,
    )
    if not panel.open:
        return
    rows = [_row(one) for one in read()]
    with panel:
        linked_table(
            "refunds.people.table", "Refunds by who asked", _COLUMNS, rows, _choose, opens="refund"
        )


def _choose(row_id: str) -> None:
    keep_session_active()
    choose_person(ASKED_BY, row_id.partition(" ")[0])


def _row(one: AskedFor) -> Row:
    money = one.sum.amount
    label = f"{one.name}, {signed_text(money)}, {count(one.sum.rows, 'refund')}"
    parameters = {name: st.query_params.get_all(name) for name in st.query_params}
    query = urlencode({**parameters, ASKED_BY: one.actor_id}, doseq=True)
    cells = (
        Cell(one.name),
        Cell(f"{one.sum.rows:,}"),
        Cell(number_text(money), code=money.currency.upper()),
    )
    return Row(f"{one.actor_id} {money.currency}", f"/{REFUNDS.name}?{query}", label, cells)
