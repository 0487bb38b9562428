"""The Webhooks panel: whether Stripe's events arrive, and those that could not be applied."""

from datetime import datetime
from typing import Final

import streamlit as st

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.domain.stripe_account import Mode
from cardpay.domain.stripe_facts.events import EventState
from cardpay.reporting.operations.webhook_health import FailedEvent, WebhookHealth, webhook_health
from cardpay.services.desk import Desk
from cardpay.services.webhooks import event_worker
from components.frame.session_state import uninterrupted
from components.operations.open_payment import open_payment_button
from components.widgets.messages import run_and_show_result, show_result, small_text
from components.widgets.panel import panel
from components.widgets.plain_text import plain
from components.widgets.times import ago, in_zone, long

_WEBHOOKS: Final = "webhooks"


def webhooks_panel(application: Application, actor: Actor, zone: str) -> None:
    """Draw when the last webhook arrived, the typical delay, and the events that failed."""
    desk = application.desk
    health = webhook_health(desk.store, actor, desk.now())
    with panel(_WEBHOOKS, "Webhooks", _status(application, health)):
        show_result(_WEBHOOKS)
        small_text("Stripe sends a webhook whenever a payment, refund, dispute or fee changes.")
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
    """The figures, which include events that reconciliation found."""
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
    failed.metric("Failed", health.failed)


def _status(application: Application, health: WebhookHealth) -> tuple[str, str]:
    if health.failed:
        return f"{health.failed} failed", "error"
    if application.webhook_endpoint is None:
        return "Off", "warning"
    if _is_silent(application, health):
        return "Not arriving", "warning"
    if health.last_received_at is None:
        return "None yet", "neutral"
    return "Arriving", "success"


def _is_silent(application: Application, health: WebhookHealth) -> bool:
    """Whether webhooks are overdue. In the demo, the invented past had none."""
    is_demo = application.desk.account.mode is Mode.DEMO
    return (
        application.webhook_endpoint is not None and health.untold_at is not None and not is_demo
    )


def _silence(health: WebhookHealth, now: datetime) -> str:
    assert health.untold_at is not None
    return (
        f"No webhook has arrived since the last card payment, {ago(health.untold_at, now)}. Check "
        "the endpoint's deliveries in Stripe's dashboard, under Webhooks. Until webhooks arrive "
        "again, reconciliation finds the changes."
    )


def _no_webhook_yet(application: Application) -> str:
    if application.desk.account.mode is Mode.DEMO:
        return "No webhooks yet. In the demo, the first arrives with the first payment."
    if application.webhook_endpoint is not None:
        return (
            "No webhooks yet. In Stripe's dashboard, under Webhooks, add an endpoint with this "
            "desk's address followed by /webhooks/stripe."
        )
    return (
        "Webhooks are off. In Stripe's dashboard, under Webhooks, add an endpoint with this "
        "desk's address followed by /webhooks/stripe, and set STRIPE_WEBHOOK_SECRET to its "
        "signing secret (whsec_…). Until then, reconciliation finds the changes."
    )


def _failure(desk: Desk, actor: Actor, failure: FailedEvent, zone: str) -> None:
    with st.container(border=True, key=f"failure-{failure.event_row_id}"):
        order = f" · Order {failure.order_reference}" if failure.order_reference else ""
        st.markdown(f"**{plain(failure.type)}**{plain(order)}")
        tries = "tried once" if failure.tries == 1 else f"tried {failure.tries} times"
        again = f", next try {in_zone(failure.next_try_at, zone)}" if failure.next_try_at else ""
        st.text(
            f"{failure.problem}\nReceived {in_zone(failure.received_at, zone)}, {tries}{again}. "
            f"{failure.stripe_event_id}"
        )
        with st.container(horizontal=True):
            st.button(
                "Retry",
                icon=":material/refresh:",
                key=f"retry.{failure.event_row_id}",
                on_click=uninterrupted(_retry),
                args=(desk, actor, failure),
            )
            if failure.payment_id is not None:
                open_payment_button(failure.payment_id, f"failure.{failure.event_row_id}")


def _retry(desk: Desk, actor: Actor, failure: FailedEvent) -> None:
    def act() -> tuple[str, str]:
        match event_worker.retry(desk, actor, failure.event_row_id):
            case EventState.HANDLED:
                return "success", f"{failure.type}: applied."
            case EventState.IGNORED:
                return "info", f"{failure.type}: ignored. It doesn't belong to a payment here."
            case _:
                return "warning", f"{failure.type}: failed again. We'll retry it later."

    run_and_show_result(_WEBHOOKS, act)
