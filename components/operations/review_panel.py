"""Unconfirmed operations: those that need a decision, and those being checked with Stripe."""

from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.operation import OperationKind
from cardpay.gateway.errors import StripeUnavailable
from cardpay.reporting.operations.open_operations import OpenOperation, open_operations
from cardpay.services.desk import Desk
from cardpay.services.recovery import review
from components.operations.open_payment import open_payment_button
from components.widgets.dialogs import dialog_button, last_step
from components.widgets.messages import run_and_show_result, show_result, small_text
from components.widgets.panel import panel
from components.widgets.plain_text import plain
from components.widgets.times import in_zone, time_column

REVIEW: Final = "review"
_NOUNS: Final = {
    OperationKind.CREATE: "New payment of",
    OperationKind.CONFIRM: "Charge of",
    OperationKind.CAPTURE: "Capture of",
    OperationKind.REFUND: "Refund of",
    OperationKind.CREATE_LINK: "Payment link for",
    OperationKind.EXPIRE_LINK: "Cancelling the link for",
    OperationKind.CANCEL: "Cancellation of",
    OperationKind.RECEIPT: "Receipt email of",
}
_SEE_PAYMENT: Final = "Open the payment to see the result."
_NO_ANSWER: Final = ("warning", "Stripe isn't responding. This still needs review.")


def review_panel(desk: Desk, actor: Actor, zone: str) -> None:
    """Draw the open operations: those that need a decision first, the rest as a table."""
    found = open_operations(desk.store, actor)
    to_review = [one for one in found if one.needs_review]
    in_progress = [one for one in found if not one.needs_review]
    status = ("Nothing to review", "success")
    if to_review:
        status = (f"{len(to_review)} to review", "error")
    elif in_progress:
        status = (f"{len(in_progress)} being checked", "info")
    with panel(REVIEW, "Unconfirmed operations", status):
        show_result(REVIEW)
        if not to_review:
            small_text(
                "If Stripe doesn't confirm a capture or refund, it appears here for somebody to "
                "decide. We never send it again automatically."
            )
        for operation in to_review:
            _decision(desk, actor, operation, zone)
        if in_progress:
            _being_checked(in_progress, zone)


def _decision(desk: Desk, actor: Actor, operation: OpenOperation, zone: str) -> None:
    with st.container(border=True, key=f"review-{operation.operation_id}"):
        st.markdown(f"**{plain(_title(operation))}**")
        request = (
            f" Stripe request {operation.stripe_request_id}."
            if operation.stripe_request_id
            else ""
        )
        why = f" ({operation.problem})" if operation.problem else ""
        st.text(
            f"Requested by {operation.asked_by} on {in_zone(operation.since_at, zone)}. Stripe "
            f"didn't confirm it{why}.{request}"
        )
        with st.container(horizontal=True):
            if operation.may_retry:
                _confirmed(
                    "Retry",
                    ":material/refresh:",
                    _retry_question(operation),
                    ("Retry now", lambda: _retry(desk, actor, operation)),
                    operation.operation_id,
                )
            if operation.may_dismiss:
                _confirmed(
                    "Dismiss",
                    ":material/block:",
                    _dismiss_question(operation),
                    ("Dismiss now", lambda: _dismiss(desk, actor, operation)),
                    operation.operation_id,
                )
            open_payment_button(operation.payment_id, f"review.{operation.operation_id}")
        if not (operation.may_retry or operation.may_dismiss):
            small_text("Ask a supervisor to decide.")


def _title(operation: OpenOperation) -> str:
    noun = _NOUNS[operation.kind]
    return f"{noun} {format_money(operation.amount)} · Order {operation.order_reference}"


def _retry_question(operation: OpenOperation) -> str:
    amount = format_money(operation.amount)
    return {
        OperationKind.REFUND: "We check with Stripe first. If the refund wasn't made, we send it "
        f"again and refund {amount} to the customer's card. It can't be made twice.",
        OperationKind.CAPTURE: "We check with Stripe first. If the payment wasn't captured, we "
        f"send the request again and take {amount} from the customer's card. It can't be taken "
        "twice.",
    }.get(operation.kind, "We check with Stripe again. No card is charged.")


def _dismiss_question(operation: OpenOperation) -> str:
    if operation.kind is OperationKind.REFUND:
        return (
            "We check with Stripe first. If the refund wasn't made, we stop trying and the "
            "customer is not refunded."
        )
    return (
        "We check with Stripe first. If the payment wasn't captured, we stop trying. It stays "
        "held until it's captured, cancelled or released by the bank."
    )


def _confirmed(
    label: str, icon: str, words: str, button: tuple[str, Callable[[], None]], key: str
) -> None:
    """Two clicks: the first shows what will happen with money."""
    name, act = button

    def content() -> None:
        st.write(plain(words))
        last_step(name, f"do.{label}.{key}", act)

    dialog_button(label, f"ask.{label}.{key}", content, icon=icon)


def _retry(desk: Desk, actor: Actor, operation: OpenOperation) -> None:
    def act() -> tuple[str, str]:
        try:
            payment = review.retry_operation(desk, actor, operation.operation_id)
        except StripeUnavailable:
            return _NO_ANSWER
        if payment.open_operation is not None:
            return _NO_ANSWER
        return "success", f"{_title(operation)}: Stripe answered. {_SEE_PAYMENT}"

    run_and_show_result(REVIEW, act)


def _dismiss(desk: Desk, actor: Actor, operation: OpenOperation) -> None:
    def act() -> tuple[str, str]:
        try:
            review.dismiss_operation(desk, actor, operation.operation_id)
        except StripeUnavailable:
            return _NO_ANSWER
        return "success", f"{_title(operation)} no longer needs review. {_SEE_PAYMENT}"

    run_and_show_result(REVIEW, act)


def _being_checked(operations: list[OpenOperation], zone: str) -> None:
    small_text(
        "These are being checked with Stripe and end when Stripe answers. A capture or refund "
        "without an answer will move up for review."
    )
    st.dataframe(
        pd.DataFrame(
            {
                "Operation": [
                    f"{_NOUNS[one.kind]} {format_money(one.amount)}" for one in operations
                ],
                "Order reference": [one.order_reference for one in operations],
                "Since": [one.since_at for one in operations],
                "Problem": [one.problem or "In progress" for one in operations],
            }
        ),
        hide_index=True,
        alt="Operations being checked with Stripe",
        column_config={"Since": time_column(zone)},
    )
