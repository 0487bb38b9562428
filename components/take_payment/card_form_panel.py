"""The card form with its pay button: what it is told, and what its messages do."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import streamlit as st
from cardpay_card_form import (
    ActionResult,
    CardFormState,
    Malformed,
    NewPayment,
    Press,
    Submission,
    action_result,
    card_form,
    new_payment,
    pressed,
    submitted,
)
from cardpay_card_form.contract import Phase

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import AskedTooOften, CardpayError, MoneyMoved
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.declines import CardKept
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.limit_rules import LimitReached
from cardpay.domain.payment.operation import OperationKind
from cardpay.reporting.payments.possible_duplicates import EarlierPayment
from cardpay.services.access import denied_acts
from cardpay.services.desk import Desk
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.payment_view import PaymentView
from components.frame import session_state
from components.frame.desk_access import current_application
from components.frame.error_messages import logged_sentence
from components.frame.session_state import uninterrupted
from components.take_payment.on_screen import OnScreen
from components.take_payment.order_fields import LABELS, OrderOnScreen
from components.take_payment.outcome_message import create_failed, not_created, outcome
from components.take_payment.pressing import answer_press
from components.take_payment.three_d_secure import find_challenge, pending_challenge

Message = TypeVar("Message", Press, Submission, ActionResult, NewPayment)

KEY: Final = "order-card-form"
"""The same for every payment, so that the form stays on the page."""
SCREEN: Final = "take-payment-screen"
"""The fragment that draws the whole screen; the form has one of its own within it."""

ENDED: Final = frozenset(
    {DisplayStatus.SUCCEEDED, DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED}
)
_WITHOUT_CARD: Final = ENDED | {DisplayStatus.PROCESSING, DisplayStatus.AUTHORISED}


def has_ended(payment: PaymentView) -> bool:
    """Whether nothing more can be done with the payment on this screen."""
    return payment.display in ENDED and not payment.can_be_created_again


def card_form_panel(
    on: OnScreen,
    order: OrderOnScreen,
    customer_name: str,
    seen: EarlierPayment | None,
    pending: session_state.PendingAuthentication | None,
    *,
    is_hold: bool,
    rest_is_old: bool,
) -> None:
    """Mount the card form for a draft, or for its payment.

    `is_hold` says that the amount is to be held first, `seen` is the order's earlier payment on
    screen, `pending` the challenge that may be shown. If the rest of the screen is older, the form
    asks for it once it has drawn what it was told.
    """
    desk, actor, payment_id = on.desk, on.actor, on.payment_id
    prices = order.prices
    card_form(
        card_form_state(
            on, order.total, customer_name, pending, is_hold=is_hold, rest_is_old=rest_is_old
        ),
        key=KEY,
        on_press=uninterrupted(lambda: _press(desk, actor, payment_id, prices, seen)),
        on_submit=uninterrupted(lambda: _pay(desk, actor, payment_id, KEY)),
        on_action_result=uninterrupted(lambda: _authenticated(desk, actor, payment_id, KEY)),
        on_new_payment=uninterrupted(lambda: _begin_new_payment(desk, actor, payment_id, KEY)),
        on_drawn=uninterrupted(_draw_rest),
    )


def card_form_state(
    on: OnScreen,
    total: Money | None,
    customer_name: str,
    pending: session_state.PendingAuthentication | None,
    *,
    is_hold: bool,
    rest_is_old: bool,
) -> CardFormState:
    """What the browser is told."""
    application = current_application()
    payment = on.payment
    answer = session_state.press_answer(on.payment_id)
    challenge = session_state.challenge(on.payment_id)
    told = None
    if payment is not None and not on.is_draft:
        no_challenge = pending is None and not challenge.confirming
        told = outcome(payment, on.desk.account.mode, no_challenge=no_challenge)
        if _is_create_open(payment):
            told = create_failed(answer.press_id)
    elif payment is not None:
        told = not_created(payment)
    return CardFormState(
        publishable_key=application.publishable_key,
        stripe_js_url=application.stripe_js_url,
        form_id=session_state.card_form_id(),
        payment_id=on.payment_id,
        amount_label=format_money(total) if total else "",
        phase=_phase(payment, pending),
        created=payment is not None and not on.is_draft and payment.status is not None,
        press_id=answer.press_id,
        press_result=answer.result,
        wrong_fields=tuple(name for name in LABELS if name in answer.wrong),
        card_kept=_kept(payment).value,
        settled_submission_id=_settled(payment) if payment else None,
        outcome=told,
        client_secret=pending.client_secret if pending else None,
        action_id=pending.action_id if pending else None,
        billing_name=customer_name.strip(),
        pay_note=_hold_note(total) if is_hold else "",
        rest_is_old=rest_is_old,
        begins_at_card=session_state.begins_at_card(on.payment_id),
    )


def _hold_note(total: Money | None) -> str:
    """What the button does that still says Pay."""
    what = f"Holds {format_money(total)}. " if total else ""
    return f"{what}Nothing is taken until a supervisor captures it."


def _phase(
    payment: PaymentView | None, pending: session_state.PendingAuthentication | None
) -> Phase:
    if payment is None or payment.can_be_created_again or _is_create_open(payment):
        return "ready"
    if payment.display in _WITHOUT_CARD:
        return "done"
    if payment.can_pay:
        return "ready"
    return "action" if pending else "checking"


def _is_create_open(payment: PaymentView) -> bool:
    """Whether Stripe has not answered the create: no card was sent, and it may be tried again."""
    return payment.open_operation == OperationKind.CREATE


def _kept(payment: PaymentView | None) -> CardKept:
    """What stays of the card that was tried last."""
    last = payment.last_attempt if payment else None
    if payment is None or last is None or last.submission_id != _settled(payment):
        return CardKept.ALL  # it was not tried
    return last.card_kept


def _settled(payment: PaymentView) -> str | None:
    """The submission that the form no longer has to wait for."""
    refused = session_state.answered()
    return refused if refused and payment.can_pay else payment.settled_submission_id


def _press(
    desk: Desk,
    actor: Actor,
    payment_id: str,
    prices: Mapping[str, Money],
    seen: EarlierPayment | None,
) -> None:
    """The pay button's callback for an order without a PaymentIntent."""
    press = _sent(pressed, desk, actor, payment_id, KEY)
    if press is not None:
        answer_press(desk, actor, press, prices=prices, seen=seen)
    if session_state.press_answer(payment_id).result != "created":
        st.rerun(SCREEN)  # the order's fields say what is wrong


def _pay(desk: Desk, actor: Actor, payment_id: str, key: str) -> None:
    """The callback that brings a card. It may run twice at once: the database decides.

    The browser sends it again until it sees an answer.
    """
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
        if isinstance(error, AskedTooOften | LimitReached):
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
        # A second press of "New payment" names the payment before: it begins nothing.
        if message is None or message.payment_id == payment_id or isinstance(message, NewPayment):
            return message
    denied_acts.record_denied(desk, actor, ("payment", payment_id), reason)
    return None


def _authenticated(desk: Desk, actor: Actor, payment_id: str, key: str) -> None:
    """The callback after a challenge. Only Stripe knows how it ended, so Stripe is asked.

    Once, and with the pauses of `find_challenge`: a browser can send any number of messages.
    """
    ended = _sent(action_result, desk, actor, payment_id, key)
    if ended is None or not session_state.challenge(payment_id).end(ended.action_id):
        return
    try:
        find_challenge(desk, actor, payment_id)
    except CardpayError as error:
        session_state.set_notice(payment_id, logged_sentence(error, payment_id=payment_id))
    st.rerun(SCREEN)


def _draw_rest() -> None:
    """The callback once the form has drawn an outcome."""
    st.rerun(SCREEN)


def _begin_new_payment(desk: Desk, actor: Actor, payment_id: str, key: str) -> None:
    """The callback of "New payment"."""
    message = _sent(new_payment, desk, actor, payment_id, key)
    if message is not None:
        session_state.begin_new_draft(message.payment_id)
        st.rerun()  # as a whole: a fragment may leave fields of the last order on the page
