"""All transactions of the days, a page at a time, of one category or of all."""

from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.business_days import Days
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.money import Money
from cardpay.reporting.balance.balance_of_days import Balance
from cardpay.reporting.balance.categories import category_words
from cardpay.reporting.balance.ledger_filter import LedgerFilter
from cardpay.reporting.balance.ledger_list import LedgerSum, ledger_page
from cardpay.services.desk import Desk
from components.balance.ledger_table import ledger_table
from components.exports.export_panel import export_panel
from components.frame.desk_access import keep_session_active
from components.widgets.messages import small_text
from components.widgets.pager import page_buttons, place_in

_CATEGORY: Final = "balance.category"


def ledger_card(desk: Desk, actor: Actor, zone: ZoneInfo, days: Days, balance: Balance) -> None:
    """Draw them with their sum."""
    with st.container(key="card-ledger", border=True):
        title, field = st.columns([3, 1], vertical_alignment="center")
        title.subheader("Transactions", anchor=False)
        if not balance.categories:
            small_text("No transactions in these days.")
            return
        with field:
            category = _category(balance)
        chosen = LedgerFilter(
            days,
            categories=frozenset({category} if category else ()),
            currency=balance.currency,
        )
        page = ledger_page(desk.store, actor, zone, chosen, place_in("ledger", chosen))
        with st.container(horizontal=True, horizontal_alignment="right"):
            export_panel(actor, ExportKind.BALANCE, chosen)
        ledger_table(page.frame, zone.key, _total(balance, category), "Transactions, newest first")
        with st.container(horizontal=True, vertical_alignment="center"):
            if page.newer or page.older:
                page_buttons("ledger", chosen, page)
            small_text(f"Newest first. The sum is of all of them. Days and times in {zone.key}.")


def _category(balance: Balance) -> str | None:
    counts = {one.category: one.transactions for one in balance.categories}
    if st.session_state.get(_CATEGORY) not in counts:
        st.session_state[_CATEGORY] = None
    chosen: str | None = st.selectbox(
        "Category",
        list(counts),
        index=None,
        placeholder="All categories",
        format_func=lambda one: f"{category_words(one)} ({counts.get(one, 0):,})",
        key=_CATEGORY,
        label_visibility="collapsed",
        on_change=keep_session_active,
    )
    return chosen if chosen in counts else None


def _total(balance: Balance, category: str | None) -> LedgerSum:
    """What the page has to come to, by the same sums as the equation above it."""
    found = [one for one in balance.categories if category in {None, one.category}]
    return LedgerSum(
        sum(one.transactions for one in found),
        *(
            Money(sum(amounts), balance.currency)
            for amounts in zip(
                *(
                    (one.gross.amount_minor, one.fee.amount_minor, one.net.amount_minor)
                    for one in found
                ),
                strict=True,
            )
        ),
    )
