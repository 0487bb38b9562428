"""Opening + transactions − payouts = closing: the balance in one row, and whether it adds up."""

from datetime import date
from html import escape
from typing import Final

import streamlit as st

from cardpay.domain.business_days import Days
from cardpay.domain.money import Money
from cardpay.reporting.balance.balance_of_days import Balance
from cardpay.reporting.balance.categories import Part, category_words
from cardpay.reporting.balance.not_paid_out import NotPaidOut
from components.widgets.money_markup import amount_markup, signed_text, symbol_markup
from components.widgets.times import plain_day

_MOST_FEES: Final = 3  # kinds of fees that are named
# The bank has it some days later, which is the day that its statement and the list say.
_CAPTIONS: Final = {Part.PAID_OUT: "by the day it left"}


def equation(balance: Balance, days: Days, waiting: NotPaidOut) -> None:
    """Draw it; `waiting` is what is in the balance now, whatever the days."""
    cells = [("Opening", _on(days.first), amount_markup(balance.opening), "edge")]
    for part, amount in balance.parts.items():
        if amount.amount_minor or part is not Part.OTHER:
            caption = _fees(balance) if part is Part.FEES else _CAPTIONS.get(part, "")
            cells.append((part.value, caption, _signed(amount), ""))
    cells.append(("Closing", _on(days.last), amount_markup(balance.closing), "edge"))
    shown = "".join(
        f"<div class='{kind}'><dt>{escape(name)}</dt><dd>{amount}"
        f"<small>{escape(caption)}</small></dd></div>"
        for name, caption, amount, kind in cells
    )
    st.html(
        f"<div class='equation'><dl>{shown}</dl>"
        f"<div class='foot'><p>{_now(waiting)}</p>{_check(balance.difference)}</div></div>"
    )


def _on(day: date | None) -> str:
    return plain_day(day) if day else ""


def _signed(amount: Money) -> str:
    return ("+" if amount.amount_minor > 0 else "") + amount_markup(amount)


def _fees(balance: Balance) -> str:
    """Of what they were kept, where that is more than one kind."""
    named = [f"{signed_text(fee)} {category_words(name).lower()}" for name, fee in balance.fees]
    if len(named) > _MOST_FEES:
        named = [*named[:_MOST_FEES], "other"]
    return ", ".join(named) if len(named) > 1 else ""


def _now(waiting: NotPaidOut) -> str:
    return (
        f"Not paid out as of today: {amount_markup(waiting.available)} available, "
        f"{amount_markup(waiting.pending)} pending."
    )


def _check(difference: Money) -> str:
    if difference.amount_minor:
        return (
            f"<p class='differs' role='status'>{symbol_markup('cancel')}<b>Doesn't add up</b>, "
            f"difference {amount_markup(difference)}</p>"
        )
    return (
        f"<p class='adds-up' role='status'>{symbol_markup('check')}<b>Adds up</b>, "
        f"remainder {amount_markup(difference)}</p>"
    )
