"""A payment that exists: its card form while it is unpaid, its receipt once it is paid."""

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

from cardpay.domain.access.actor import Actor, Permission
from cardpay.domain.errors import CardpayError
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.status import DisplayStatus
from cardpay.reporting.payments.card_words import card_words
from cardpay.services.access import denied_acts
from cardpay.services.desk import Desk
from cardpay.services.taking import checkout, payment_view
from cardpay.services.taking.payment_view import PaymentView
from components.frame import browser, session
from components.frame.desk_access import current_application, viewer_time_zone
from components.frame.failures import refusal
from components.operations.limits_panel import limit_in_the_way
from components.take_payment.challenge import look_for_challenge, offered
from components.take_payment.outcome_words import outcome
from components.widgets.facts import facts
from components.widgets.plain_text import plain
from components.widgets.times import in_zone
from components.widgets.words import held

Message = TypeVar("Message", Submission, ActionResult)

_ENDED = frozenset({DisplayStatus.SUCCEEDED, DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED})
_WITHOUT_CARD = _ENDED | {DisplayStatus.PROCESSING, DisplayStatus.AUTHORISED}


def has_ended(payment: PaymentView) -> bool:
    """Whether nothing more can happen on this screen."""
    return payment.display in _ENDED and not payment.may_be_created_again


def payment_panel(desk: Desk, actor: Actor, payment: PaymentView) -> None:
    """Draw a payment, with what may be done next."""
    _order(payment)
    pending = _pending_authentication(desk, actor, payment)
    key = f"card-form.{payment.payment_id}"
    card_form(
        _state(desk, payment, pending),
        key=key,
        on_submit=lambda: _pay(desk, actor, payment.payment_id, key),
        on_action_result=lambda: _authenticated(desk, actor, payment.payment_id, key),
    )
    sentence = session.notice(payment.payment_id)
    if sentence is None and payment.can_pay:
        sentence = limit_in_the_way(desk, actor)
    if sentence:
        st.error(plain(sentence), icon=":material/error:")
    _next_steps(desk, actor, payment)  # in sight without scrolling: the next caller waits
    if payment.display is DisplayStatus.SUCCEEDED:
        _receipt(payment)


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
) -> session.PendingAuthentication | None:
    """What the browser needs for the challenge. What is missing now, `watch` will ask for."""
    if payment.display is not DisplayStatus.NEEDS_AUTHENTICATION:
        return None
    look_for_challenge(desk, actor, payment.payment_id)
    change = payment_view.last_change(desk, payment.payment_id)
    if change is not None and change[1] is not payment.display:
        st.rerun()
    challenge = session.challenge(payment.payment_id)
    challenge.drawn = challenge.pending
    return challenge.pending


def _state(
    desk: Desk, payment: PaymentView, pending: session.PendingAuthentication | None
) -> CardFormState:
    application = current_application()
    no_challenge = pending is None and not session.challenge(payment.payment_id).confirming
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
    """The submission that the form need not wait for any longer."""
    refused = session.answered()
    return refused if refused and payment.can_pay else payment.settled_submission_id


def _pay(desk: Desk, actor: Actor, payment_id: str, key: str) -> None:
    """The card form's callback; it may run twice at once, and the database decides."""
    submission = _sent(submitted, desk, actor, payment_id, key)
    if submission is None:
        return
    session.clear_notice()
    session.clear_answered()
    challenge = session.challenge(payment_id)
    challenge.confirming = True
    try:
        taken = checkout.confirm_payment(
            desk,
            actor,
            payment_id,
            submission.payment_method_id,
            submission.submission_id,
        )
        challenge.pending = offered(taken, submission.submission_id)
    except CardpayError as error:
        session.set_answered(submission.submission_id)
        session.set_notice(payment_id, refusal(error, payment_id=payment_id))
    finally:
        challenge.confirming = False


def _sent(
    read: Callable[[str], Message | None], desk: Desk, actor: Actor, payment_id: str, key: str
) -> Message | None:
    """What the form of this payment sent. What no form of ours sends is audited, and no more."""
    reason = "another payment's card form"
    try:
        message = read(key)
    except Malformed:
        message, reason = None, "a malformed message of the card form"
    else:
        if message is None or message.payment_id == payment_id:
            return message
    denied_acts.record_denied(desk, actor, ("payment", payment_id), reason)
    return None


def _authenticated(desk: Desk, actor: Actor, payment_id: str, key: str) -> None:
    """The browser says that the challenge ended; only Stripe knows how."""
    if _sent(action_result, desk, actor, payment_id, key) is None:
        return
    challenge = session.challenge(payment_id)
    try:
        challenge.pending = offered(checkout.refresh_payment(desk, actor, payment_id))
    except CardpayError as error:
        session.set_notice(payment_id, refusal(error, payment_id=payment_id))


def _receipt(payment: PaymentView) -> None:
    with st.container(border=True, key="receipt"):
        st.subheader("Receipt", anchor=False)
        facts(
            {
                "Amount": format_money(payment.received),
                "Held": held(payment.received, payment.total),
                "Product": f"{payment.product_name} × {payment.quantity}",
                "Order reference": payment.order_reference,
                "Customer": payment.customer_name,
                "Card": card_words(payment.card_brand, payment.card_last4),
                "Paid": in_zone(payment.succeeded_at, viewer_time_zone()),
                "PaymentIntent": payment.payment_intent_id or "",
            }
        )


def _next_steps(desk: Desk, actor: Actor, payment: PaymentView) -> None:
    with st.container(horizontal=True, key="screen-only"):
        if has_ended(payment):
            st.button(
                "New payment",
                type="primary",
                icon=":material/add:",
                key=f"{payment.payment_id}.new",
                on_click=session.begin_new_draft,
            )
        if payment.display is DisplayStatus.SUCCEEDED:
            st.button(
                "Print receipt",
                icon=":material/print:",
                key=f"{payment.payment_id}.print",
                on_click=session.request_print,
            )
        if payment.can_cancel and actor.may(Permission.CANCEL_PAYMENT):
            # Two steps: the second click of a double click on "Create payment" may land here.
            with st.popover("Cancel"):
                st.write("Give this payment up? Nothing can be charged on it afterwards.")
                st.button(
                    "Cancel this order's payment",
                    key=f"{payment.payment_id}.cancel",
                    on_click=_cancel,
                    args=(desk, actor, payment.payment_id),
                )
    request = session.print_request()
    if request is not None and payment.display is DisplayStatus.SUCCEEDED:
        browser.print_page(request)


def _cancel(desk: Desk, actor: Actor, payment_id: str) -> None:
    session.clear_notice()
    try:
        checkout.cancel_payment(desk, actor, payment_id)
    except CardpayError as error:
        session.set_notice(payment_id, refusal(error, payment_id=payment_id))
