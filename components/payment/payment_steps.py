"""Refund, capture and cancel, for those who may: in two steps, the second names what happens.

The button of the second step belongs to one amount and one submission: its key changes with
them, so that a click on what was on screen never does something else, and a double click is
one click. How it ended is read from the books, not from the callback, which a rerun may end.
"""

from collections.abc import Callable
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor, Permission
from cardpay.domain.errors import CardpayError, InvalidInput, MoneyMoved
from cardpay.domain.money import Money, parse_major, plain_number
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.status import TERMINAL, PaymentStatus, money_moved
from cardpay.gateway.errors import RequestRefused
from cardpay.reporting.payments.allowed_actions import LastAction
from cardpay.reporting.payments.payment_details import PaymentDetails
from cardpay.services.after_payment import captures, refunds
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes import operations
from cardpay.services.taking import checkout
from components.frame import session
from components.frame.desk_access import still_here
from components.widgets.panel import aside, box, show_answer
from components.widgets.plain_text import plain
from components.widgets.text_fields import refuse_masked, text_field
from components.widgets.times import in_zone

_REASONS: Final[dict[refunds.Reason, str]] = {
    "requested_by_customer": "The customer asked for it",
    "duplicate": "It was paid twice",
    "fraudulent": "The payment was fraudulent",
}
_NOUNS: Final = {"refund": "refund", "capture": "capture", "cancel": "cancellation"}


def payment_steps(desk: Desk, actor: Actor, payment: PaymentDetails, zone: str) -> None:
    """The ways on with a payment that this person may go, in the row that is being drawn."""
    steps = payment.allowed_actions
    if steps.refundable is not None and actor.may(Permission.REFUND_PAYMENT):
        _refund_form(desk, actor, payment, steps.refundable)
    if steps.held is not None and actor.may(Permission.CAPTURE_PAYMENT):
        _capture_form(desk, actor, payment, steps.held, zone)
    if steps.can_cancel and actor.may(Permission.CANCEL_PAYMENT):
        _cancel_form(desk, actor, payment)


def steps_told(payment: PaymentDetails) -> None:
    """What came of the last step: while its answer is missing to all, else to who asked."""
    show_answer(_panel(payment.payment_id))
    last = payment.allowed_actions.last
    if payment.allowed_actions.hold_expired:
        box("warning", "The hold on the card has run out, so it cannot be captured any more.")
    if last is None:
        return
    asked = session.asked_step(payment.payment_id)
    if last.is_open:
        box(*_open_words(last, needs_person=payment.allowed_actions.needs_person))
    elif asked in (last.operation_id, last.kind):
        box(*_ended_words(last, payment))


def _open_words(last: LastAction, *, needs_person: bool) -> tuple[str, str]:
    what = f"{_NOUNS[last.kind].capitalize()} of {format_money(last.amount)}"
    if needs_person:
        return (
            "error",
            f"{what}: Stripe gave no clear answer. It waits on Operations for somebody to decide.",
        )
    return (
        "warning",
        f"{what}: Checking with Stripe. It is not known yet whether money moved. Do not ask for "
        "it again; the outcome appears here by itself.",
    )


def _ended_words(last: LastAction, payment: PaymentDetails) -> tuple[str, str]:
    amount, card = format_money(last.amount), _card(payment)
    # Money may have moved by another step. A refund is of a payment that was taken in any case.
    money = MoneyMoved.NO if last.kind == "refund" else money_moved(payment.status)
    if last.state == "refused":
        why = f" Stripe said: {last.problem}" if last.problem else ""
        return "error", f"Stripe did not accept the {_NOUNS[last.kind]}. {money}{why}"
    if last.kind != "refund" and payment.status in TERMINAL:
        return _as_payment_ended(last, payment)
    if last.state != "done":
        return "warning", f"The {_NOUNS[last.kind]} was given up. {money}"
    if last.kind != "refund":  # the answer has been overtaken: the next look at Stripe tells
        return "warning", f"The {_NOUNS[last.kind]} was answered. {MoneyMoved.UNKNOWN}"
    return {
        "failed": ("error", f"The refund of {amount} failed. The money is still here."),
        "canceled": ("warning", f"The refund of {amount} was cancelled. The money is still here."),
        "succeeded": ("success", f"{amount} goes back to {card}."),
    }.get(
        last.refund_status or "",
        ("info", f"{amount} is on its way to {card}. Stripe will tell when it has arrived."),
    )


def _as_payment_ended(last: LastAction, payment: PaymentDetails) -> tuple[str, str]:
    """After a capture or a cancel of a payment that has ended: how it did, whoever ended it."""
    taken = f"{format_money(payment.received)} was taken from {_card(payment)}."
    words: dict[tuple[str, PaymentStatus | None], tuple[str, str]] = {
        ("capture", PaymentStatus.SUCCEEDED): ("success", taken),
        ("capture", PaymentStatus.CANCELED): (
            "error",
            "The capture did not happen: the hold is cancelled. No money has moved.",
        ),
        ("cancel", PaymentStatus.SUCCEEDED): (
            "error",
            f"The cancellation came too late: the payment was made. {taken}",
        ),
        ("cancel", PaymentStatus.CANCELED): (
            "success",
            "This payment was cancelled. Nothing can be charged on it any more.",
        ),
    }
    return words[last.kind, payment.status]


def _refund_form(desk: Desk, actor: Actor, payment: PaymentDetails, left: Money) -> None:
    form = _form(desk, payment, "refund")
    with st.popover("Refund", icon=":material/undo:", key=f"open.{form}"):
        amount = _amount_field(form, left, "can still be given back")
        reason = st.selectbox(
            "Reason",
            list(_REASONS),
            format_func=_REASONS.__getitem__,
            key=f"reason.{form}",
            on_change=still_here,
        )
        if amount is None:
            return
        _confirmed(
            f"{format_money(amount)} goes back to {_card(payment)}. This cannot be undone.",
            f"Refund {format_money(amount)}",
            f"do.{form}.{amount.amount_minor}.{reason}",
            lambda: _act(
                payment,
                form,
                lambda: refunds.refund_payment(
                    desk, actor, payment.payment_id, amount.amount_minor, reason, form
                ),
            ),
        )


def _capture_form(
    desk: Desk, actor: Actor, payment: PaymentDetails, held: Money, zone: str
) -> None:
    form = _form(desk, payment, "capture")
    with st.popover("Capture", icon=":material/price_check:", key=f"open.{form}"):
        amount = _amount_field(form, held, "is held on the card")
        before = payment.allowed_actions.capture_before_at
        if before is not None:
            aside(f"The hold runs out on {in_zone(before, zone)}.")
        if amount is None:
            return
        rest = Money(held.amount_minor - amount.amount_minor, held.currency)
        released = f" {format_money(rest)} is released." if rest.amount_minor else ""
        _confirmed(
            f"{format_money(amount)} is taken from {_card(payment)}, once.{released}",
            f"Capture {format_money(amount)}",
            f"do.{form}.{amount.amount_minor}",
            lambda: _act(
                payment,
                form,
                lambda: captures.capture_payment(
                    desk, actor, payment.payment_id, amount.amount_minor, form
                ),
            ),
        )


def _cancel_form(desk: Desk, actor: Actor, payment: PaymentDetails) -> None:
    with st.popover("Cancel", icon=":material/block:", key=f"open.cancel.{payment.payment_id}"):
        held = payment.allowed_actions.held
        released = f" {format_money(held)} is released on {_card(payment)}." if held else ""
        _confirmed(
            f"No money is taken for this payment of {format_money(payment.total)}.{released} "
            "Nothing can be charged on it afterwards.",
            "Cancel this payment",
            f"do.cancel.{payment.payment_id}",
            lambda: _act(
                payment, "cancel", lambda: checkout.cancel_payment(desk, actor, payment.payment_id)
            ),
        )


def _amount_field(form: str, most: Money, words: str) -> Money | None:
    """The amount that was typed, all of it at first; None, and why below, if it cannot be."""
    key = f"amount.{form}"
    if key not in st.session_state:
        st.session_state[key] = plain_number(most)
    typed = text_field(f"Amount in {most.currency.upper()}", key, on_change=still_here)
    try:
        refuse_masked({key: "Amount"})
        amount = parse_major(typed, most.currency)
        if amount.amount_minor > most.amount_minor:
            raise InvalidInput("Amount", f"at most {format_money(most)} {words}.")
    except CardpayError as error:
        st.error(plain(error.what), icon=":material/error:")
        return None
    aside(f"{format_money(most)} {words}.")
    return amount


def _confirmed(words: str, label: str, key: str, act: Callable[[], None]) -> None:
    st.write(plain(words))
    st.button(label, type="primary", key=key, on_click=act)


def _form(desk: Desk, payment: PaymentDetails, kind: str) -> str:
    """The submission id of the form on screen: another one once it has been used."""
    name = f"{kind}.{payment.payment_id}"
    return session.form_id(name, lambda form_id: operations.has_begun(desk, form_id))


def _act(payment: PaymentDetails, step: str, act: Callable[[], object]) -> None:
    """The second step's callback. It may run twice at once: the database decides.

    What is kept in the session comes first, since afterwards a rerun may have ended this.
    """
    still_here()
    session.ask_step(payment.payment_id, step)
    session.set_answer(_panel(payment.payment_id), None)
    try:
        act()
    except RequestRefused:
        return  # the books say so
    except CardpayError as error:
        session.set_answer(_panel(payment.payment_id), ("error", error.sentence))


def _panel(payment_id: str) -> str:
    return f"payment.{payment_id}"


def _card(payment: PaymentDetails) -> str:
    return payment.card or "the card that was used"
