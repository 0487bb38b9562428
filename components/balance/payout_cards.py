"""The payouts of the days as a list, or the one that is opened, with what is in it."""

from html import escape
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.column_rules import ListName
from cardpay.domain.business_days import Days
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.payment.payout import Itemisation
from cardpay.reporting.balance.ledger_filter import LedgerFilter
from cardpay.reporting.balance.ledger_list import LedgerSum, ledger_page, ledger_sums
from cardpay.reporting.balance.payout_filter import PayoutDay, PayoutFilter
from cardpay.reporting.balance.payout_list import payouts_page
from cardpay.reporting.operations.payout_reports import PayoutReport
from cardpay.services.desk import Desk
from components.balance.balance_links import PAYOUT_PARAMETER
from components.balance.bank_line import bank_line
from components.balance.ledger_table import ledger_table
from components.balance.payout_table import (
    arrival_words,
    bank_words,
    payout_chip,
    payout_columns,
    payout_table,
)
from components.columns.columns_panel import columns_panel, shown_columns
from components.exports.export_panel import export_panel
from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted
from components.widgets.messages import empty_place, message_box, small_text
from components.widgets.money_markup import chip_markup, signed_text
from components.widgets.pager import page_buttons, place_in

_LAST: Final = "balance.payout.last"


def opened_payout() -> str | None:
    """Stripe's id of the payout that the address names; None shows all."""
    return st.query_params.get(PAYOUT_PARAMETER)


def payout_list_card(desk: Desk, actor: Actor, zone: ZoneInfo, days: Days, currency: str) -> None:
    """Draw those that left the balance in these days, and the search for a bank line."""
    chosen = PayoutFilter(days, currency=currency, by=PayoutDay.LEAVES)
    page = payouts_page(desk.store, actor, zone, chosen, place_in("payouts", chosen))
    with st.container(key="payouts"):
        title, find = st.columns([2, 5], vertical_alignment="bottom")
        title.subheader("Payouts", anchor=False)
        with find:
            bank_line(desk, actor, currency, _open)
        if page.frame.empty:
            empty_place("payouts", "No payouts left the balance in these days.")
            return
        with st.container(horizontal=True, horizontal_alignment="right"):
            columns = shown_columns(desk, actor, ListName.PAYOUTS, payout_columns(zone.key))
            columns_panel(desk, actor, columns)
            export_panel(actor, ExportKind.PAYOUTS, chosen)
        payout_table(list(page.frame["Payout"]), _open, st.session_state.get(_LAST), columns)
        with st.container(horizontal=True, vertical_alignment="center"):
            if page.newer or page.older:
                page_buttons("payouts", chosen, page)
            small_text(
                "Payouts that left the balance in these days, newest first. Arrives is the day "
                "the bank has them."
            )


def payout_card(desk: Desk, actor: Actor, zone: ZoneInfo, payout: PayoutReport) -> None:
    """Draw one payout: its facts, its transactions, their sum and the remainder."""
    with st.container(key="card-payout", border=True):
        with st.container(horizontal=True, vertical_alignment="center", key="payout-head"):
            st.subheader(
                f"Transactions in the payout of {arrival_words(payout.arrival_at)}", anchor=False
            )
            st.button("All payouts", icon=":material/arrow_back:", on_click=uninterrupted(_close))
        st.html(
            f"<p class='payout-facts'>{chip_markup(payout_chip(payout))}"
            f"<b>{signed_text(payout.amount)}</b><span>{_facts(payout)}</span></p>"
        )
        if payout.failure:
            message_box("error", f"{payout.failure} The money is back in the balance.")
        if payout.itemisation is Itemisation.IMPOSSIBLE:
            small_text("Stripe doesn't say what's in a payout that was made by hand.")
        elif payout.itemisation is Itemisation.WAITING:
            small_text("Stripe hasn't said yet what's in this payout. Look again in some hours.")
        else:
            _inside(desk, actor, zone, payout)


def _inside(desk: Desk, actor: Actor, zone: ZoneInfo, payout: PayoutReport) -> None:
    if payout.itemisation is Itemisation.DIFFERS:
        message_box(
            "error",
            f"These transactions add up to {signed_text(payout.listed)}, not "
            f"{signed_text(payout.amount)}. Compare them with Stripe's dashboard, under Payouts.",
        )
    chosen = LedgerFilter(currency=payout.amount.currency, payout_id=payout.payout_id)
    page = ledger_page(desk.store, actor, zone, chosen, place_in("ledger", chosen))
    sums = ledger_sums(desk.store, actor, zone, chosen)
    total = sums.get(payout.amount.currency) or LedgerSum.nothing(payout.amount.currency)
    ledger_table(page.frame, zone.key, total, "Transactions in the payout, newest first", payout)
    if page.newer or page.older:
        with st.container(horizontal=True, vertical_alignment="center"):
            page_buttons("ledger", chosen, page)
            small_text("The sum is of all transactions in the payout.")


def _facts(payout: PayoutReport) -> str:
    return escape(" · ".join(part for part in (bank_words(payout), payout.payout_id) if part))


def _open(payout_id: str) -> None:
    st.session_state[_LAST] = payout_id
    st.query_params[PAYOUT_PARAMETER] = payout_id


def _close() -> None:
    keep_session_active()
    st.query_params.pop(PAYOUT_PARAMETER, None)
