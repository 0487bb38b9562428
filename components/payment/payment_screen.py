"""One payment's own page: its money, what can be done, what was sold, and what happened."""

from datetime import datetime
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.order import ERASED, order_words
from cardpay.domain.stripe_account import Mode
from cardpay.reporting.payment_page.payment_chips import payment_chips
from cardpay.reporting.payment_page.payment_details import PaymentDetails
from cardpay.reporting.payment_page.payment_page import (
    PaymentPage,
    payment_id_in_link,
    payment_page,
)
from cardpay.reporting.payment_page.refunds_and_disputes import OUTSIDE
from cardpay.services.desk import Desk
from cardpay.services.taking import payment_view
from components.frame import session_state
from components.frame.navigation import configure_page
from components.frame.page_list import TAKE_PAYMENT
from components.payment.fact_tables import items_table, other_payments_table, refunds_table
from components.payment.money_metrics import money_metrics
from components.payment.note_form import note_form
from components.payment.payment_actions import payment_actions, show_last_action
from components.payment.status_line import status_line
from components.payment.timeline_list import timeline_list
from components.payment_link.link_panel import link_panel
from components.receipts.receipt_actions import receipt_actions, refund_receipt_actions
from components.take_payment.auto_refresh import refresh_while_settling, refresh_while_viewing
from components.take_payment.card_checks import check_words
from components.widgets.description_list import description_list
from components.widgets.messages import message_box, small_text
from components.widgets.money_markup import chip_markup, tone_chip
from components.widgets.status_chips import is_status, status_chip
from components.widgets.times import in_zone

_STYLE: Final = Path(__file__).with_name("payment_style.css")
_NO_LINK: Final = "This link names no payment. Search in Payments."


def show_payment(desk: Desk, actor: Actor, given: str | None, zone: str) -> None:
    """Draw the payment that a link names, with times in `zone`; a sentence if there is none."""
    st.html(_STYLE)
    page = _found(desk, actor, given)
    if isinstance(page, str):
        st.title("Payment", anchor=False)
        st.warning(page, icon=":material/search_off:")
        return
    payment = page.details
    configure_page(f"{format_money(payment.shown)}, order {payment.order_reference}")
    last = payment.allowed_actions.last
    if payment.display is DisplayStatus.CHECKING or (last is not None and last.is_open):
        needs_review = payment.allowed_actions.needs_review
        refresh_while_viewing(
            desk, payment.payment_id, payment.updated_at, needs_review=needs_review
        )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _title(payment, zone, desk.now())
    with (
        right,
        st.container(
            key="payment-actions", horizontal=True, horizontal_alignment="right", gap="small"
        ),
    ):
        _actions(desk, actor, payment, zone)
    line = status_line(payment, zone)
    if not show_last_action(payment) and line is not None:
        message_box(*line)
    _dispute_strip(desk, payment, zone)
    if payment.link is not None:
        with st.container(key="card-link", border=True):
            shown = payment_view.view(desk, payment.payment_id)
            link_panel(desk, actor, shown, zone, refresh=True)
    if page.is_settling or (payment.received.amount_minor and not page.effects):
        refresh_while_settling(desk, payment.payment_id)
    money_metrics(page, zone)
    with st.container(key="payment-columns"):
        wide, narrow = st.columns([2, 1], gap="medium")
    with wide:
        _wide(desk, actor, page, zone)
    with narrow:
        _narrow(desk, actor, page, zone)


def _found(desk: Desk, actor: Actor, given: str | None) -> PaymentPage | str:
    """The payment; or a sentence that says why there is none."""
    if not given:
        return _NO_LINK
    payment_id = payment_id_in_link(desk.store, desk.account, given)
    if payment_id is None:
        return PaymentNotFound(given).sentence
    try:
        return payment_page(desk.store, actor, payment_id, desk.now())
    except PaymentNotFound as missing:
        if session_state.is_first_miss(payment_id):
            payment_view.audit_if_hidden(desk, actor, payment_id)
        return missing.sentence


def _title(payment: PaymentDetails, zone: str, now: datetime) -> None:
    chips = [
        chip_markup(
            status_chip(chip.words, chip.until_at, zone, now)
            if is_status(chip.words)
            else tone_chip(chip.words, chip.tone)
        )
        for chip in payment_chips(payment)
    ]
    who = ERASED if payment.erased_at else payment.customer_name
    at = in_zone(payment.succeeded_at or payment.created_at, zone)
    parts = (who, f"Order {order_words(payment.order_reference, payment.order_sequence)}", at)
    under = " · ".join(part for part in parts if part)
    st.html(
        f"<div class='sum'><h1>{escape(format_money(payment.shown))} "
        f"<i>{escape(payment.shown.currency.upper())}</i></h1>{''.join(chips)}</div>"
        f"<p class='under'>{escape(under)}</p>"
    )


def _dispute_strip(desk: Desk, payment: PaymentDetails, zone: str) -> None:
    """Until when a reply helps, and where it is given."""
    for dispute in payment.disputes:
        if dispute.reply_due_at is None:
            continue
        days = max(0, (dispute.reply_due_at - desk.now()).days)
        left = f"{days} day{'' if days == 1 else 's'} left"
        reason = f" Reason: {dispute.reason.replace('_', ' ')}." if dispute.reason else ""
        message_box(
            "warning",
            f"Disputed: {format_money(dispute.amount)}. Respond by "
            f"{in_zone(dispute.reply_due_at, zone)}, {left}.{reason} "
            "Answer it in the Stripe Dashboard: no answer loses it.",
        )


def _actions(desk: Desk, actor: Actor, payment: PaymentDetails, zone: str) -> None:
    payment_actions(desk, actor, payment, zone)
    if payment.may_go_on_being_taken and actor.may(Permission.TAKE_PAYMENT):
        open_it = st.button(
            "Open in Take payment",
            icon=":material/add_card:",
            key=f"payments.open.{payment.payment_id}",
        )
        if open_it:
            st.switch_page(
                TAKE_PAYMENT.file,
                query_params={session_state.PAYMENT_PARAMETER: payment.payment_id},
            )
    awaits = any(dispute.reply_due_at for dispute in payment.disputes)
    if desk.account.mode is Mode.DEMO:
        if awaits:
            with st.container(width="content"):
                st.button("Respond in Stripe", icon=":material/open_in_new:", disabled=True)
                st.html("<p class='why-not'>The simulated Stripe has no dashboard.</p>")
    elif payment.dashboard_url is not None:
        st.link_button(
            "Respond in Stripe" if awaits else "View in Stripe",
            payment.dashboard_url,
            icon=":material/open_in_new:",
            type="primary" if awaits else "secondary",
        )


def _wide(desk: Desk, actor: Actor, page: PaymentPage, zone: str) -> None:
    payment = page.details
    with st.container(key="card-items", border=True):
        st.header("Items", anchor=False)
        items_table(page)
    if page.refunds:
        with st.container(key="card-refunds", border=True):
            st.header("Refunds", anchor=False)
            left = payment.allowed_actions.refundable
            if left is not None:
                small_text(f"{format_money(left)} available to refund")
            refunds_table(page, zone)
            refund_receipt_actions(desk, actor, payment.payment_id, zone)
    with st.container(key="card-timeline", border=True):
        st.header("Timeline", anchor=False)
        note_form(desk, actor, payment.payment_id)
        timeline_list(payment.timeline, zone)


def _narrow(desk: Desk, actor: Actor, page: PaymentPage, zone: str) -> None:
    payment = page.details
    with st.container(key="card-customer", border=True):
        st.header("Customer", anchor=False)
        erased = f"{ERASED}, {in_zone(payment.erased_at, zone)}" if payment.erased_at else ""
        description_list(
            {
                "Name": erased or payment.customer_name or "Not known",
                "Email": payment.customer_email,
                "Phone": payment.customer_phone,
                "Note": payment.note,
            }
        )
        if page.others.shown:
            st.subheader("Other payments", anchor=False)
            other_payments_table(page.others, zone)
            more = " There are more: search in Payments." if page.others.has_more else ""
            small_text(f"Same email, phone or name.{more}")
    if page.card is not None:
        with st.container(key="card-card", border=True):
            st.header("Card" if payment.is_card else "Payment method", anchor=False)
            description_list(
                {
                    "Card" if payment.is_card else "Method": page.card.method,
                    "Expires": page.card.expires,
                    "Country": page.card.country,
                    **_checks(desk, payment),
                }
            )
    if payment.received.amount_minor:
        with st.container(key="card-receipt", border=True):
            st.header("Receipt", anchor=False)
            receipt_actions(desk, actor, payment.payment_id, payment.customer_email)
    with st.container(key="card-details", border=True):
        st.header("Details", anchor=False)
        _details(page, zone)


def _checks(desk: Desk, payment: PaymentDetails) -> dict[str, str]:
    """What was checked of the last card; nothing before Stripe has stated it, or of no card."""
    last = payment_view.view(desk, payment.payment_id).last_attempt
    if last is None or not payment.is_card or not last.checks.are_known:
        return {}
    by_phone = desk.moto and payment.taken_at_desk and payment.link is None
    return check_words(last.checks, by_phone=by_phone)


def _details(page: PaymentPage, zone: str) -> None:
    payment = page.details
    second = payment.second_payment_reason or ("reason erased" if payment.erased_at else "")
    taken_by = payment.taken_by if payment.taken_at_desk else OUTSIDE
    description_list(
        {
            "Order": payment.order_reference,
            "Second payment": (
                f"Payment {payment.order_sequence}: {second}" if payment.order_sequence > 1 else ""
            ),
            "Taken by": taken_by,
            "Created": in_zone(payment.created_at, zone),
            "Paid": in_zone(payment.succeeded_at, zone),
            "Cancelled": in_zone(payment.canceled_at, zone),
            "PaymentIntent": payment.payment_intent_id or "",
            "Charge": page.card.charge_id if page.card else "",
            "Payment": payment.payment_id,
        }
    )
