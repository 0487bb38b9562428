"""What was checked of the last card: whether the caller has the card, and how risky it looks."""

from html import escape
from typing import Final

import streamlit as st

from cardpay.services.taking.payment_view import CardChecks, PaymentView

_WORDS: Final = {"pass": "Matches", "fail": "Doesn't match", None: "Not given"}
_CLASSES: Final = {"Matches": ' class="good"', "Doesn't match": ' class="bad"'}
_NOT_SAID: Final = "Not checked by the bank"
_RISKS: Final = {"normal": "Normal", "elevated": "Elevated", "highest": "Highest"}


def card_checks(payment: PaymentView | None, *, by_phone: bool) -> None:
    """Draw the checks of the last attempt; its place is empty until Stripe has stated them."""
    last = payment.last_attempt if payment is not None else None
    if last is None or not last.checks.are_known:
        st.empty()
        return
    st.html(f"<h2>Card checks</h2>{checks_markup(last.checks, by_phone=by_phone)}")


def checks_markup(checks: CardChecks, *, by_phone: bool) -> str:
    """The checks as a list: a match and what doesn't match are told by sign, colour and words."""
    rows = "".join(
        f"<div{_CLASSES.get(words, '')}><dt>{escape(name)}</dt><dd>{escape(words)}</dd></div>"
        for name, words in check_words(checks, by_phone=by_phone).items()
    )
    return f'<dl class="cardpay-checks">{rows}</dl>'


def check_words(checks: CardChecks, *, by_phone: bool) -> dict[str, str]:
    """Each check with what staff read of it.

    `by_phone` says that the card was to go as a telephone order: then it is said if it did not.
    """
    risk = _RISKS.get(checks.risk_level or "", checks.risk_level or "Not assessed")
    score = f" · {checks.risk_score} of 100" if checks.risk_score is not None else ""
    shown = {
        "Security code": _WORDS.get(checks.security_code, _NOT_SAID),
        "Postal code": _WORDS.get(checks.postal_code, _NOT_SAID),
        "Address": _WORDS.get(checks.address, _NOT_SAID),
        "Risk": risk + score,
    }
    if by_phone or checks.telephone_order:
        shown["Telephone order"] = "Yes" if checks.telephone_order else "No"
    return shown
