"""What waits for a person, what is being checked with Stripe, and how webhooks arrive."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.domain.account import Mode
from cardpay.domain.money_format import format_money
from cardpay.domain.stripe_facts.events import EventState
from cardpay.gateway.errors import StripeUnavailable
from cardpay.reporting.operations.open_operations import OpenOperation, open_operations
from cardpay.reporting.operations.webhook_health import FailedEvent, WebhookHealth, webhook_health
from cardpay.services.desk import Desk
from cardpay.services.recovery import review
from cardpay.services.webhooks import event_worker
from components.frame import session
from components.widgets.panel import answering, aside, panel, show_answer
from components.widgets.plain_text import plain
from components.widgets.times import ago, in_zone, long, time_column

_PAYMENTS: Final = Path(__file__).resolve().parents[2] / "pages" / "payments.py"
_WAITING: Final = "waiting"
_WEBHOOKS: Final = "webhooks"

# What is asked of Stripe, as a person would say it.
_NOUNS: Final = {
    "create": "New payment of",
    "confirm": "Charge of",
    "capture": "Capture of",
    "refund": "Refund of",
    "cancel": "Cancellation of",
}
_NO_ANSWER: Final = ("warning", "Stripe has not answered yet. It still waits.")


def waiting_panel(desk: Desk, actor: Actor, zone: str) -> None:
    """What has no outcome yet: a person's decisions first, the rest as a list."""
    found = open_operations(desk.store, actor)
    for_people = [one for one in found if one.needs_person]
    by_itself = [one for one in found if not one.needs_person]
    state = ("Nothing waits", "success")
    if for_people:
        state = (f"{len(for_people)} to decide", "error")
    elif by_itself:
        state = (f"{len(by_itself)} being checked", "info")
    with panel(_WAITING, "Waits for a person", state):
        show_answer(_WAITING)
        if not for_people:
            aside(
                "A capture or refund that Stripe has not answered is never sent again by "
                "itself. It would wait here for somebody to decide."
            )
        for operation in for_people:
            _decision(desk, actor, operation, zone)
        if by_itself:
            _being_checked(by_itself, zone)


def _decision(desk: Desk, actor: Actor, operation: OpenOperation, zone: str) -> None:
    with st.container(border=True, key=f"waits-{operation.operation_id}"):
        st.markdown(f"**{plain(_what(operation))}**")
        request = (
            f" Stripe's request {operation.stripe_request_id}."
            if operation.stripe_request_id
            else ""
        )
        why = f" ({operation.problem})" if operation.problem else ""
        st.text(
            f"{operation.asked_by} asked for it on {in_zone(operation.since_at, zone)}. Stripe "
            f"gave no clear answer{why}.{request}"
        )
        with st.container(horizontal=True):
            if operation.may_try_again:
                _confirmed(
                    "Try again",
                    ":material/refresh:",
                    _try_again_words(operation),
                    ("Try again now", lambda: _try_again(desk, actor, operation)),
                    operation.operation_id,
                )
            if operation.may_give_up:
                _confirmed(
                    "Give up",
                    ":material/block:",
                    _give_up_words(operation),
                    ("Give up now", lambda: _give_up(desk, actor, operation)),
                    operation.operation_id,
                )
            _open_payment(operation.payment_id, f"waits.{operation.operation_id}")
        if not (operation.may_try_again or operation.may_give_up):
            aside("A supervisor has to decide.")


def _what(operation: OpenOperation) -> str:
    noun = _NOUNS[operation.kind]
    return f"{noun} {format_money(operation.amount)} · Order {operation.order_reference}"


def _try_again_words(operation: OpenOperation) -> str:
    amount = format_money(operation.amount)
    return {
        "refund": f"Stripe is asked first. If this refund has not happened, it is sent again and "
        f"{amount} goes back to the customer's card. It never happens twice.",
        "capture": f"Stripe is asked first. If the money has not been taken, the request is sent "
        f"again and {amount} is taken from the customer's card. It never happens twice.",
    }.get(operation.kind, "Stripe is asked again. No card is charged by this.")


def _give_up_words(operation: OpenOperation) -> str:
    if operation.kind == "refund":
        return (
            "Stripe is asked first. If this refund has not happened, the desk stops asking for "
            "it: no money goes back to the customer."
        )
    return (
        "Stripe is asked first. If the money has not been taken, the desk stops asking for it: "
        "it stays held on the card until it is captured, cancelled or released by the bank."
    )


def _confirmed(
    label: str, icon: str, words: str, button: tuple[str, Callable[[], None]], key: str
) -> None:
    """Two steps: the first says what happens with money."""
    name, act = button
    with st.popover(label, icon=icon, key=f"ask.{label}.{key}"):
        st.write(plain(words))
        st.button(name, type="primary", key=f"do.{label}.{key}", on_click=act)


def _try_again(desk: Desk, actor: Actor, operation: OpenOperation) -> None:
    def act() -> tuple[str, str]:
        try:
            payment = review.try_again(desk, actor, operation.operation_id)
        except StripeUnavailable:
            return _NO_ANSWER
        if payment.open_operation is not None:
            return _NO_ANSWER
        return "success", f"{_what(operation)}: Stripe has answered. {_outcome(operation)}"

    answering(_WAITING, act)


def _outcome(operation: OpenOperation) -> str:
    return f"The payment of order {operation.order_reference} shows how it ended."


def _give_up(desk: Desk, actor: Actor, operation: OpenOperation) -> None:
    def act() -> tuple[str, str]:
        try:
            review.give_up(desk, actor, operation.operation_id)
        except StripeUnavailable:
            return _NO_ANSWER
        return "success", f"{_what(operation)}: it waits no longer. {_outcome(operation)}"

    answering(_WAITING, act)


def _being_checked(operations: list[OpenOperation], zone: str) -> None:
    aside(
        "Being checked with Stripe. These end by themselves as soon as Stripe answers. A capture "
        "or refund that stays without an answer will wait for a decision above."
    )
    st.dataframe(
        pd.DataFrame(
            {
                "What": [f"{_NOUNS[one.kind]} {format_money(one.amount)}" for one in operations],
                "Order reference": [one.order_reference for one in operations],
                "Since": [one.since_at for one in operations],
                "Why": [one.problem or "On its way" for one in operations],
            }
        ),
        hide_index=True,
        alt="Operations that are being checked with Stripe",
        column_config={"Since": time_column(zone)},
    )


def _open_payment(payment_id: str, key: str) -> None:
    if st.button("Open payment", icon=":material/receipt_long:", key=f"open.{key}"):
        st.switch_page(_PAYMENTS, query_params={session.PAYMENT_PARAMETER: payment_id})


def webhooks_panel(application: Application, actor: Actor, zone: str) -> None:
    """When the last one came, how late they typically are, and what could not be applied."""
    desk = application.desk
    health = webhook_health(desk.store, actor, desk.now())
    with panel(_WEBHOOKS, "Webhooks", _health_word(application, health)):
        show_answer(_WEBHOOKS)
        aside(
            "A webhook is a message by which Stripe tells the desk of a change: a payment, a "
            "refund, a dispute, a fee."
        )
        if health.last_received_at is None:
            st.info(_no_webhook_yet(application))
        elif application.webhook_endpoint is None:
            st.warning(_no_webhook_yet(application))
        if _is_silent(application, health):
            st.warning(_silence(health, desk.now()))
        if health.last_received_at is not None or health.waiting or health.failed:
            _health_figures(health, desk.now(), zone)
        for failure in health.failures:
            _failure(desk, actor, failure, zone)


def _health_figures(health: WebhookHealth, now: datetime, zone: str) -> None:
    """Also of events that reconciliation found, where no webhook has come."""
    last, delay, waiting, failed = st.columns(4)
    if health.last_received_at is not None:
        last.metric(
            "Last received",
            ago(health.last_received_at, now),
            help=in_zone(health.last_received_at, zone),
        )
    if health.typical_delay is not None:
        delay.metric("Typical delay", long(health.typical_delay))
    waiting.metric("Waiting", health.waiting)
    failed.metric("Failed, to be tried again", health.failed)


def _health_word(application: Application, health: WebhookHealth) -> tuple[str, str]:
    if health.failed:
        return f"{health.failed} failed", "error"
    if application.webhook_endpoint is None:
        return "Switched off", "warning"
    if _is_silent(application, health):
        return "Not arriving", "warning"
    if health.last_received_at is None:
        return "None yet", "neutral"
    return "Arriving", "success"


def _is_silent(application: Application, health: WebhookHealth) -> bool:
    """Whether webhooks should have come. The demo's past was never told by any."""
    is_demo = application.desk.account.mode is Mode.DEMO
    return (
        application.webhook_endpoint is not None and health.untold_at is not None and not is_demo
    )


def _silence(health: WebhookHealth, now: datetime) -> str:
    assert health.untold_at is not None
    return (
        f"No webhook has come since a card was tried at this desk, {ago(health.untold_at, now)}. "
        "The deliveries of the endpoint in Stripe's dashboard, under Webhooks, say why. Until "
        "they come again, reconciliation finds what changed."
    )


def _no_webhook_yet(application: Application) -> str:
    if application.desk.account.mode is Mode.DEMO:
        return "No webhook has arrived yet. In the demo they come with the first payment."
    if application.webhook_endpoint is not None:
        return (
            "No webhook has arrived yet. In Stripe's dashboard, under Webhooks, an endpoint must "
            "point to this desk's address with /webhooks/stripe behind it."
        )
    return (
        "Webhooks are switched off. In Stripe's dashboard, under Webhooks, add an endpoint with "
        "this desk's address and /webhooks/stripe behind it, and set STRIPE_WEBHOOK_SECRET to "
        "its signing secret (whsec_…). Until then reconciliation finds what changed."
    )


def _failure(desk: Desk, actor: Actor, failure: FailedEvent, zone: str) -> None:
    with st.container(border=True, key=f"failure-{failure.event_row_id}"):
        order = f" · Order {failure.order_reference}" if failure.order_reference else ""
        st.markdown(f"**{plain(failure.type)}**{plain(order)}")
        tries = "tried once" if failure.tries == 1 else f"tried {failure.tries} times"
        again = f", again at {in_zone(failure.next_try_at, zone)}" if failure.next_try_at else ""
        st.text(
            f"{failure.problem}\nReceived {in_zone(failure.received_at, zone)}, {tries}{again}. "
            f"{failure.stripe_event_id}"
        )
        with st.container(horizontal=True):
            st.button(
                "Retry",
                icon=":material/refresh:",
                key=f"retry.{failure.event_row_id}",
                on_click=_retry,
                args=(desk, actor, failure),
            )
            if failure.payment_id is not None:
                _open_payment(failure.payment_id, f"failure.{failure.event_row_id}")


def _retry(desk: Desk, actor: Actor, failure: FailedEvent) -> None:
    def act() -> tuple[str, str]:
        match event_worker.retry(desk, actor, failure.event_row_id):
            case EventState.HANDLED:
                return "success", f"{failure.type}: it has been applied."
            case EventState.IGNORED:
                return "info", f"{failure.type}: it is of no payment of this desk."
            case _:
                return "warning", f"{failure.type}: it failed again, and is tried again later."

    answering(_WEBHOOKS, act)
