"""A created payment: its order, the card form, the outcome and what can be done next."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st
from cardpay_card_form import (
    ActionResult,
    CardFormState,
    Malformed,
    Submission,
    action_result,
    card_form,
    submitted,
)
from cardpay_card_form.contract import Phase

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError, MoneyMoved
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.limit_rules import LimitReached
from cardpay.reporting.payments.waiting_words import waiting_message
from cardpay.services.access import denied_acts
from cardpay.services.desk import Desk
from cardpay.services.taking import enforce_limits, payment_view
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.services.taking.refresh_payment import refresh_payment
from components.frame import session_state
from components.frame.desk_access import current_application
from components.frame.error_messages import logged_sentence
from components.take_payment.outcome_message import outcome
from components.take_payment.receipt import print_button, receipt
from components.take_payment.three_d_secure import find_challenge, pending_challenge
from components.widgets.messages import message_box
from components.widgets.plain_text import plain

Message = TypeVar("Message", Submission, ActionResult)

_ENDED = frozenset({DisplayStatus.SUCCEEDED, DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED})
_WITHOUT_CARD = _ENDED | {DisplayStatus.PROCESSING, DisplayStatus.AUTHORISED}


def has_ended(payment: PaymentView) -> bool:
    """Whether nothing more can be done with the payment on this screen."""
    return payment.display in _ENDED and not payment.can_be_created_again


def card_form_panel(desk: Desk, actor: Actor, payment: PaymentView) -> None:
    """Draw a created payment, with what can be done next."""
    _order(payment)
    waiting = waiting_message(payment.display, payment.status, payment.waits_for)
    if waiting is not None:  # the card form is of no use
        message_box(*waiting)
        _actions(desk, actor, payment)
        return
    pending = _pending_authentication(desk, actor, payment)
    key = f"card-form.{payment.payment_id}"
    card_form(
        _state(desk, payment, pending),
        key=key,
        on_submit=lambda: _pay(desk, actor, payment.payment_id, key),
        on_action_result=lambda: _authenticated(desk, actor, payment.payment_id, key),
    )
    sentence = session_state.notice(payment.payment_id)
    if sentence is None and payment.can_pay:
        reached = enforce_limits.reached_limit(desk, actor)
        sentence = reached.sentence if reached else None
    if sentence:
        st.error(plain(sentence), icon=":material/error:")
    _actions(desk, actor, payment)  # above the receipt, in sight without scrolling
    if payment.display is DisplayStatus.SUCCEEDED:
        receipt(payment)


def _order(payment: PaymentView) -> None:
    with st.container(border=True):
        what, total = st.columns([7, 3], vertical_alignment="center")
        with what:
            quantity = f" × {payment.quantity}" if payment.quantity > 1 else ""
            st.markdown(f"**{plain(payment.product_name)}**{quantity}")
            again = f" (payment {payment.order_sequence})" if payment.order_sequence > 1 else ""
            st.text(f"Order {payment.order_reference}{again} · {payment.customer_name}")
        with total:
            st.metric("Total", format_money(payment.total))


def _pending_authentication(
    desk: Desk, actor: Actor, payment: PaymentView
) -> session_state.PendingAuthentication | None:
    """What the browser needs for the challenge; None if there is none, or not yet."""
    if payment.display is not DisplayStatus.NEEDS_AUTHENTICATION:
        return None
    find_challenge(desk, actor, payment.payment_id)
    change = payment_view.last_change(desk, payment.payment_id)
    if change is not None and change[1] is not payment.display:
        st.rerun()
    challenge = session_state.challenge(payment.payment_id)
    challenge.drawn = challenge.pending
    return challenge.pending


def _state(
    desk: Desk, payment: PaymentView, pending: session_state.PendingAuthentication | None
) -> CardFormState:
    application = current_application()
    no_challenge = pending is None and not session_state.challenge(payment.payment_id).confirming
    if payment.display in _WITHOUT_CARD:
        phase: Phase = "done"
    elif payment.can_pay:
        phase = "ready"
    else:
        phase = "action" if pending else "checking"
    return CardFormState(
        publishable_key=application.publishable_key,
        stripe_js_url=application.stripe_js_url,
        payment_id=payment.payment_id,
        amount_label=format_money(payment.total),
        phase=phase,
        settled_submission_id=_settled(payment),
        outcome=outcome(payment, desk.account.mode, no_challenge=no_challenge),
        client_secret=pending.client_secret if pending else None,
        action_id=pending.action_id if pending else None,
        billing_name=payment.customer_name,
    )


def _settled(payment: PaymentView) -> str | None:
    """The submission that the form no longer has to wait for."""
    refused = session_state.answered()
    return refused if refused and payment.can_pay else payment.settled_submission_id


def _pay(desk: Desk, actor: Actor, payment_id: str, key: str) -> None:
    """The card form's callback. It may run twice at once: the database decides."""
    submission = _sent(submitted, desk, actor, payment_id, key)
    if submission is None:
        return
    session_state.clear_notice()
    session_state.clear_answered()
    challenge = session_state.challenge(payment_id)
    challenge.confirming = True
    try:
        taken = confirm_payment(
            desk,
            actor,
            payment_id,
            submission.payment_method_id,
            submission.submission_id,
        )
        challenge.pending = pending_challenge(taken, submission.submission_id)
    except CardpayError as error:
        if isinstance(error, LimitReached):
            error.money = MoneyMoved.NO  # a card was entered
        session_state.set_answered(submission.submission_id)
        session_state.set_notice(payment_id, logged_sentence(error, payment_id=payment_id))
    finally:
        challenge.confirming = False


def _sent(
    read: Callable[[str], Message | None], desk: Desk, actor: Actor, payment_id: str, key: str
) -> Message | None:
    """What this payment's form sent; None, and an audit entry, for what our form never sends."""
    reason = "a card form of another payment"
    try:
        message = read(key)
    except Malformed:
        message, reason = None, "a malformed card form message"
    else:
        if message is None or message.payment_id == payment_id:
            return message
    denied_acts.record_denied(desk, actor, ("payment", payment_id), reason)
    return None


def _authenticated(desk: Desk, actor: Actor, payment_id: str, key: str) -> None:
    """The callback after a challenge. Only Stripe knows how it ended, so Stripe is asked."""
    if _sent(action_result, desk, actor, payment_id, key) is None:
        return
    challenge = session_state.challenge(payment_id)
    try:
        challenge.pending = pending_challenge(refresh_payment(desk, actor, payment_id))
    except CardpayError as error:
        session_state.set_notice(payment_id, logged_sentence(error, payment_id=payment_id))


def _actions(desk: Desk, actor: Actor, payment: PaymentView) -> None:
    with st.container(horizontal=True):
        if has_ended(payment):
            st.button(
                "New payment",
                type="primary",
                icon=":material/add:",
                key=f"{payment.payment_id}.new",
                on_click=session_state.begin_new_draft,
            )
        if payment.display is DisplayStatus.SUCCEEDED:
            print_button(payment)
        if payment.can_cancel and actor.may(Permission.CANCEL_PAYMENT):
            # Two clicks: the second of a double click on "Create payment" may land here.
            with st.popover("Cancel"):
                st.write("Cancel this payment? The card won't be charged.")
                st.button(
                    "Cancel payment",
                    key=f"{payment.payment_id}.cancel",
                    on_click=_cancel,
                    args=(desk, actor, payment.payment_id),
                )


def _cancel(desk: Desk, actor: Actor, payment_id: str) -> None:
    session_state.clear_notice()
    try:
        cancel_payment(desk, actor, payment_id)
    except CardpayError as error:
        session_state.set_notice(payment_id, logged_sentence(error, payment_id=payment_id))
