"""What stands in the form's place once the card was taken: the payment's facts, and its checks."""

from html import escape
from typing import Final

import streamlit as st

from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.payments.method_words import method_words
from cardpay.services.taking.payment_view import PaymentView
from components.frame.desk_access import viewer_time_zone
from components.take_payment.card_checks import checks_markup
from components.widgets.amounts import amount_held
from components.widgets.messages import small_text
from components.widgets.payment_links import payment_link
from components.widgets.times import in_zone

TAKEN = frozenset({DisplayStatus.SUCCEEDED, DisplayStatus.AUTHORISED})
"""What a payment is once its card needs nothing more at this desk."""
_GIVEN_UP: Final = frozenset({DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED})


def taken_card(payment: PaymentView | None, *, may_open: bool, by_phone: bool) -> None:
    """Draw the facts beside the checks.

    `may_open` makes the PaymentIntent a link to its page, `by_phone` is for `check_words`.
    """
    if payment is None or payment.link is not None or payment.can_be_created_again:
        st.empty()
        return
    if payment.display in _GIVEN_UP:  # there is no form either
        small_text("No card can be tried for this payment any more.")
        return
    if payment.display not in TAKEN:
        st.empty()
        return
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in _facts(payment).items()
        if value
    )
    shown = escape(payment.payment_intent_id or "")
    if may_open:
        shown = f"<a href='{payment_link(payment.payment_id)}' target='_self'>{shown}</a>"
    last = payment.last_attempt
    is_known = last is not None and last.checks.are_known
    checks = checks_markup(last.checks, by_phone=by_phone) if last is not None and is_known else ""
    st.html(
        f"<div class='cardpay-taken'><dl>{facts}<dt>Payment</dt><dd>{shown}</dd></dl>"
        f"{checks}</div>"
    )


def _facts(payment: PaymentView) -> dict[str, str]:
    is_held = payment.display is DisplayStatus.AUTHORISED
    last, zone = payment.last_attempt, viewer_time_zone()
    method = method_words(payment.method_type, payment.card_brand, payment.card_last4)
    return {
        "Card": method,
        "Amount": "" if is_held else format_money(payment.received),
        "Held": (
            format_money(payment.total)
            if is_held
            else amount_held(payment.received, payment.total)
        ),
        "Paid": in_zone(payment.succeeded_at, zone),
        "Authorised": in_zone(last.created_at, zone) if is_held and last is not None else "",
        "Taken by": payment.taken_by,
    }
