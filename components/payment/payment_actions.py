"""Refund, capture and cancel: dialogs of two clicks, the second names what happens, and results.

The second button belongs to one amount and one submission: its key changes with them, so that a
double click is one click. It acts if the fields still hold what it says: a click may bring what
was typed last, which no button has shown yet. The result is read from the database: it
may come after the press.
"""

from collections.abc import Callable, Collection
from html import escape
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError, MoneyMoved
from cardpay.domain.money import Money, plain_number
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.refund import DAYS_TO_REACH_CARD, REFUND_REASONS, RefundStatus
from cardpay.domain.payment.status import TERMINAL, PaymentStatus, money_moved
from cardpay.domain.payment_acts.capture_rules import amount_to_capture, released_by_capture
from cardpay.domain.payment_acts.refund_rules import amount_to_refund
from cardpay.domain.typed_amounts import parse_major
from cardpay.gateway.errors import RequestRefused
from cardpay.reporting.payment_page.allowed_actions import LastAction
from cardpay.reporting.payment_page.payment_details import PaymentDetails
from cardpay.reporting.payments.method_words import in_plain_words
from cardpay.services.after_payment import captures, refunds
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.services.taking.cancel_payment import cancel_payment
from components.frame import session_state
from components.frame.desk_access import keep_session_active
from components.frame.focus import focus_place
from components.payment_link.link_panel import send_button
from components.widgets.dialogs import dialog_button, last_step
from components.widgets.messages import message_box, show_result, small_text
from components.widgets.plain_text import plain
from components.widgets.text_fields import amount_field, refuse_masked
from components.widgets.times import in_zone

_ICONS: Final = {
    OperationKind.REFUND: ":material/undo:",
    OperationKind.CAPTURE: ":material/price_check:",
    OperationKind.CANCEL: ":material/block:",
}
_PERMISSIONS: Final = {
    OperationKind.REFUND: Permission.REFUND_PAYMENT,
    OperationKind.CAPTURE: Permission.CAPTURE_PAYMENT,
    OperationKind.CANCEL: Permission.CANCEL_PAYMENT,
}
_NOUNS: Final = {
    OperationKind.REFUND: "refund",
    OperationKind.CAPTURE: "capture",
    OperationKind.CANCEL: "cancellation",
}


def payment_actions(desk: Desk, actor: Actor, payment: PaymentDetails, zone: str) -> None:
    """Draw each action, or why it is not offered; a capture only of what was to be held."""
    if payment.link is None and payment.may_go_on_being_taken:
        send_button(desk, actor, payment.payment_id, session_state.go_to_payment)
    for kind in (OperationKind.REFUND, OperationKind.CAPTURE, OperationKind.CANCEL):
        if kind is OperationKind.CAPTURE and not payment.is_hold:
            continue
        with st.container(width="content"):
            if why_not := _why_not(actor, payment, kind):
                st.button(
                    kind.capitalize(),
                    icon=_ICONS[kind],
                    disabled=True,
                    key=f"no.{kind}.{payment.payment_id}",
                )
                st.html(f"<p class='why-not'>{escape(why_not)}</p>")
            elif kind is OperationKind.REFUND:
                _refund_form(desk, actor, payment)
            elif kind is OperationKind.CAPTURE:
                _capture_form(desk, actor, payment, zone)
            else:
                _cancel_form(desk, actor, payment)


def _why_not(actor: Actor, payment: PaymentDetails, kind: OperationKind) -> str:
    """Why an action is not offered: what the payment's state says, then the permission."""
    refusal = payment.allowed_actions.refusals.get(kind)
    if refusal is not None or actor.may(_PERMISSIONS[kind]):
        return refusal or ""
    return f"You don't have permission to {_PERMISSIONS[kind]}. Ask a supervisor."


def show_last_action(payment: PaymentDetails) -> bool:
    """Draw the last action's result: to everybody while unknown, then to its requester.

    Returns whether there was one to draw.
    """
    panel = _panel(payment.payment_id)
    show_result(panel)
    last = payment.allowed_actions.last
    requested = session_state.requested_action(payment.payment_id)
    if last is None:
        return session_state.result(panel) is not None
    if last.is_open:
        message_box(*_unconfirmed_message(last, needs_review=payment.allowed_actions.needs_review))
    elif requested in (last.operation_id, last.kind):
        message_box(*_result_message(last, payment))
    else:
        return session_state.result(panel) is not None
    return True


def _unconfirmed_message(last: LastAction, *, needs_review: bool) -> tuple[str, str]:
    what = f"{_NOUNS[last.kind].capitalize()} of {format_money(last.amount)}"
    if needs_review:
        return (
            "error",
            f"{what} needs review: Stripe didn't confirm it. Decide on Needs review.",
        )
    return (
        "warning",
        f"{what}: Checking with Stripe. {MoneyMoved.UNKNOWN} Don't request it again. The result "
        "will appear here.",
    )


def _result_message(last: LastAction, payment: PaymentDetails) -> tuple[str, str]:
    amount, method = format_money(last.amount), _method(payment)
    # Money may have moved by another step. A refund is of a payment that was taken in any case.
    money = MoneyMoved.NO if last.kind is OperationKind.REFUND else money_moved(payment.status)
    if last.state is OperationState.REFUSED:
        why = f" Stripe says: {last.problem}" if last.problem else ""
        return "error", f"Stripe refused the {_NOUNS[last.kind]}. {money}{why}"
    if last.kind is not OperationKind.REFUND and payment.status in TERMINAL:
        return _as_payment_ended(last, payment)
    if last.state is not OperationState.DONE:
        return "warning", f"The {_NOUNS[last.kind]} was dismissed. {money}"
    if last.kind is not OperationKind.REFUND:
        # The answer is out of date: the next retrieve shows the result.
        return "warning", f"Stripe answered the {_NOUNS[last.kind]}. {MoneyMoved.UNKNOWN}"
    days = f" It takes {DAYS_TO_REACH_CARD} days." if payment.is_card else ""
    pending = f"Refund of {amount} to {method} is pending. The status will update here."
    by_status: dict[str, tuple[str, str]] = {
        RefundStatus.FAILED: (
            "error",
            f"The refund of {amount} failed. The money is back in your Stripe balance.",
        ),
        RefundStatus.CANCELED: (
            "warning",
            f"The refund of {amount} was cancelled. The money is back in your Stripe balance.",
        ),
        RefundStatus.SUCCEEDED: (
            "success",
            f"Refunded {amount} to {method}.{days}",
        ),
    }
    return by_status.get(last.refund_status or "", ("info", pending))


def _as_payment_ended(last: LastAction, payment: PaymentDetails) -> tuple[str, str]:
    """The result of a capture or cancellation whose payment has ended, whoever ended it."""
    taken = f"{format_money(payment.received)} taken from {_method(payment)}."
    if payment.released.amount_minor:
        taken = (
            f"Captured {format_money(payment.received)} of {format_money(payment.total)} from "
            f"{_method(payment)}. The rest, {format_money(payment.released)}, was released."
        )
    words: dict[tuple[OperationKind, PaymentStatus | str | None], tuple[str, str]] = {
        (OperationKind.CAPTURE, PaymentStatus.SUCCEEDED): ("success", taken),
        (OperationKind.CAPTURE, PaymentStatus.CANCELED): (
            "error",
            f"Not captured: the payment was cancelled. {MoneyMoved.NO}",
        ),
        (OperationKind.CANCEL, PaymentStatus.SUCCEEDED): (
            "error",
            f"Not cancelled: the payment had already succeeded. {taken}",
        ),
        (OperationKind.CANCEL, PaymentStatus.CANCELED): (
            "success",
            f"This payment was cancelled. {_not_charged(payment)}",
        ),
    }
    return words[last.kind, payment.status]


def _refund_form(desk: Desk, actor: Actor, payment: PaymentDetails) -> None:
    left = payment.allowed_actions.refundable
    assert left is not None
    form = _form(desk, payment, "refund")

    def content() -> None:
        amount = _amount_field(form, left, "available to refund", amount_to_refund)
        reason_key = f"reason.{form}"
        reason = st.selectbox(
            "Reason",
            REFUND_REASONS,
            format_func=in_plain_words,
            key=reason_key,
            on_change=keep_session_active,
        )
        if amount is None:
            return
        _confirmed(
            f"Refund {format_money(amount)} to {_method(payment)}? You can't undo this.",
            f"Refund {format_money(amount)}",
            f"do.{form}.{amount.amount_minor}.{reason}",
            lambda: _run(
                payment,
                form,
                lambda: refunds.refund_payment(
                    desk, actor, payment.payment_id, amount.amount_minor, reason, form
                ),
            ),
            fields=(_amount_key(form), reason_key),
        )

    dialog_button("Refund", form, content, icon=_ICONS[OperationKind.REFUND])


def _capture_form(desk: Desk, actor: Actor, payment: PaymentDetails, zone: str) -> None:
    held = payment.allowed_actions.held
    assert held is not None
    form = _form(desk, payment, "capture")

    def content() -> None:
        amount = _amount_field(form, held, f"held{_where(payment)}", amount_to_capture)
        before = payment.allowed_actions.capture_before_at
        if before is not None:
            small_text(f"The hold expires on {in_zone(before, zone)}.")
        if amount is None:
            return
        rest = released_by_capture(held, amount)
        of, released = "", ""
        if rest.amount_minor:
            of = f" of {format_money(held)}"
            released = f" The rest, {format_money(rest)}, is released."
        _confirmed(
            f"Capture {format_money(amount)}{of} from {_method(payment)}? You can only do this "
            f"once.{released}",
            f"Capture {format_money(amount)}",
            f"do.{form}.{amount.amount_minor}",
            lambda: _run(
                payment,
                form,
                lambda: captures.capture_payment(
                    desk, actor, payment.payment_id, amount.amount_minor, form
                ),
            ),
            fields=(_amount_key(form),),
        )

    dialog_button("Capture", form, content, icon=_ICONS[OperationKind.CAPTURE])


def _cancel_form(desk: Desk, actor: Actor, payment: PaymentDetails) -> None:
    held = payment.allowed_actions.held
    released = f" The hold of {format_money(held)} will be released." if held else ""

    def content() -> None:
        _confirmed(
            f"Cancel this payment of {format_money(payment.total)}? {_not_charged(payment)}"
            f"{released}",
            "Cancel payment",
            f"do.cancel.{payment.payment_id}",
            lambda: _run(
                payment, "cancel", lambda: cancel_payment(desk, actor, payment.payment_id)
            ),
        )

    dialog_button(
        "Cancel", f"cancel.{payment.payment_id}", content, icon=_ICONS[OperationKind.CANCEL]
    )


def _amount_field(
    form: str, most: Money, words: str, rule: Callable[[Money, int], Money]
) -> Money | None:
    """The amount that was typed, at first `most`; None, and a message, if `rule` refuses it."""
    key = _amount_key(form)
    if key not in st.session_state:
        st.session_state[key] = plain_number(most)
    label = f"Amount in {most.currency.upper()}"
    st.html(f"<p class='most'>{escape(format_money(most))} {escape(words)}</p>")
    with focus_place(form):
        typed = amount_field(label, key, on_change=keep_session_active)
    try:
        refuse_masked({key: "Amount"})
        amount = rule(most, parse_major(typed, most.currency).amount_minor)
    except CardpayError as error:
        st.error(plain(error.what), icon=":material/error:")
        return None
    return amount


def _amount_key(form: str) -> str:
    return f"amount.{form}"


def _confirmed(
    question: str,
    label: str,
    key: str,
    action: Callable[[], None],
    *,
    fields: Collection[str] = (),
) -> None:
    st.write(plain(question))
    last_step(label, key, action, fields=fields)


def _form(desk: Desk, payment: PaymentDetails, kind: str) -> str:
    """The submission id of the form on screen; a new one once it has been used."""
    name = f"{kind}.{payment.payment_id}"
    return session_state.form_id(
        name, lambda form_id: operation_lifecycle.operation_exists(desk, form_id)
    )


def _run(payment: PaymentDetails, name: str, action: Callable[[], object]) -> None:
    """The second button's callback. It may run twice at once: the database decides."""
    keep_session_active()
    session_state.set_requested_action(payment.payment_id, name)
    session_state.set_result(_panel(payment.payment_id), None)
    try:
        action()
    except RequestRefused:
        return  # stored with the operation, and shown from there
    except CardpayError as error:
        session_state.set_result(_panel(payment.payment_id), ("error", error.sentence))


def _panel(payment_id: str) -> str:
    return f"payment.{payment_id}"


def _method(payment: PaymentDetails) -> str:
    return payment.method or "the card that was used"


def _where(payment: PaymentDetails) -> str:
    return " on the card" if payment.is_card else ""


def _not_charged(payment: PaymentDetails) -> str:
    return "The card won't be charged." if payment.is_card else "Nothing will be charged."
