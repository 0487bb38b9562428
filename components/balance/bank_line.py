"""Find the payout that a line of the bank statement is of, by its amount and its date."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import Money
from cardpay.domain.typed_amounts import parse_major
from cardpay.reporting.balance.bank_lines import BANK_LINE_DAYS, payouts_of_bank_line
from cardpay.reporting.operations.payout_reports import PayoutReport
from cardpay.services.desk import Desk
from components.balance.payout_table import arrival_words
from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted
from components.widgets.money_markup import MINUS, signed_text
from components.widgets.plain_text import plain
from components.widgets.text_fields import text_field

_AMOUNT: Final = "balance.bank.amount"
_DAY: Final = "balance.bank.day"


def bank_line(desk: Desk, actor: Actor, currency: str, open_payout: Callable[[str], None]) -> None:
    """Draw Amount and Date, and below them the payouts that they find, each with its button."""
    words, amount_place, day_place = st.columns([3, 2, 2], vertical_alignment="bottom")
    words.html("<p class='find-label'>Find a bank line by the day it arrived</p>")
    with amount_place:
        typed = text_field(
            "Amount", _AMOUNT, placeholder="8,126.40", on_change=keep_session_active
        )
    day = day_place.date_input(
        "Date", value=None, format="DD/MM/YYYY", key=_DAY, on_change=keep_session_active
    )
    if not typed.strip() or not isinstance(day, date):
        return
    try:
        amount = _amount(typed, currency)
    except InvalidInput as wrong:
        amount_place.error(plain(wrong.sentence))
        return
    found = payouts_of_bank_line(desk.store, actor, amount, day)
    if found.equal:
        _offer(found.equal, "", open_payout)
    elif found.nearest is None:
        st.info(f"No payout arrives within {BANK_LINE_DAYS} days of that date.")
    else:
        st.info(plain(f"No payout of {signed_text(amount)} arrives within {BANK_LINE_DAYS} days."))
        _offer((found.nearest,), "Nearest: ", open_payout)


def _amount(typed: str, currency: str) -> Money:
    """As the statement has it: with or without a sign of a currency, below zero for a debit."""
    text = typed.strip()
    number = re.sub(r"^\D+|\D+$", "", text)
    money = parse_major(number, currency)
    is_debit = bool(re.match(rf"^\D*[-{MINUS}]", text))
    return Money(-money.amount_minor if is_debit else money.amount_minor, currency)


def _offer(
    payouts: Sequence[PayoutReport], before: str, open_payout: Callable[[str], None]
) -> None:
    for one in payouts:
        words = f"{before}{signed_text(one.amount)}, {arrival_words(one.arrival_at)}, {one.status}"
        st.button(
            plain(words),
            icon=":material/account_balance:",
            key=f"balance.found.{one.payout_id}",
            on_click=uninterrupted(_open),
            args=(open_payout, one.payout_id),
        )


def _open(open_payout: Callable[[str], None], payout_id: str) -> None:
    keep_session_active()
    open_payout(payout_id)
