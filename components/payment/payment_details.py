"""One payment on screen: status, details, timeline and actions."""

from collections.abc import Iterable
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DISPLAY_TONES, DisplayStatus
from cardpay.domain.payment.order import ERASED
from cardpay.domain.stripe_account import Mode
from cardpay.reporting.payments.payment_details import PaymentDetails, payment_details
from cardpay.reporting.payments.payment_disputes import DisputeFacts
from cardpay.reporting.payments.timeline import TimelineEntry
from cardpay.services.desk import Desk
from cardpay.services.taking import payment_view
from components.frame import session_state
from components.frame.page_list import TAKE_PAYMENT
from components.payment.payment_actions import payment_actions, show_last_action
from components.payment_link.link_panel import link_panel
from components.receipts.receipt_actions import receipt_actions, refund_receipt_actions
from components.take_payment.auto_refresh import refresh_while_viewing
from components.widgets.amounts import amount_held, amount_taken
from components.widgets.description_list import description_list
from components.widgets.messages import message_box
from components.widgets.plain_text import plain
from components.widgets.status_chips import TONE_COLOURS, TONE_ICONS
from components.widgets.times import in_zone

_COLUMN_PX: Final = 400


def show_payment(desk: Desk, actor: Actor, payment_id: str, zone: str) -> None:
    """Draw a payment, with times in `zone`; a message if it can't be found."""
    try:
        payment = payment_details(desk.store, actor, payment_id, now=desk.now())
    except PaymentNotFound as missing:
        if session_state.is_first_miss(payment_id):
            payment_view.audit_if_hidden(desk, actor, payment_id)
        st.warning(missing.sentence, icon=":material/search_off:")
        return
    last = payment.allowed_actions.last
    if payment.display is DisplayStatus.CHECKING or (last is not None and last.is_open):
        needs_review = payment.allowed_actions.needs_review
        refresh_while_viewing(desk, payment_id, payment.updated_at, needs_review=needs_review)
    tone = DISPLAY_TONES[payment.display]
    with st.container(border=True, key="payment-details"):
        st.subheader(
            f"{_amount(payment)} · Order {plain(payment.order_reference)}",
            anchor=False,
        )
        st.badge(plain(payment.status_words), icon=TONE_ICONS[tone], color=TONE_COLOURS[tone])
        with st.container(horizontal=True, gap="large"):  # side by side if there is room
            with st.container(width=_COLUMN_PX):
                show_last_action(payment)
                if payment.waiting is not None:
                    message_box(*payment.waiting)
                _facts(payment, zone)
                if payment.link is not None:
                    link_panel(desk, actor, payment_view.view(desk, payment.payment_id), zone)
                _actions(desk, actor, payment, zone)
            with st.container(width=_COLUMN_PX):
                st.markdown("**Timeline**")
                for entry in payment.timeline:
                    _entry(entry, zone)


def _amount(payment: PaymentDetails) -> str:
    """The order's total, and what was taken of it if that was a part."""
    in_part = amount_held(payment.received, payment.total)
    return (
        amount_taken(payment.received, payment.total) if in_part else format_money(payment.total)
    )


def _facts(payment: PaymentDetails, zone: str) -> None:
    quantity = f" × {payment.quantity}" if payment.quantity > 1 else ""
    erased = f"{ERASED}, {in_zone(payment.erased_at, zone)}" if payment.erased_at else ""
    second = payment.second_payment_reason or ("reason erased" if erased else "")
    taken_by = payment.taken_by
    if not payment.taken_at_desk:
        taken_by = "Outside this desk: Stripe's dashboard or another system"
    given_back = payment.released.amount_minor or payment.refunded.amount_minor
    rows = {
        "Product": payment.product_name + quantity,
        "Customer": erased or payment.customer_name,
        "Email": payment.customer_email,
        "Phone": payment.customer_phone,
        "Second payment": (
            f"Payment {payment.order_sequence}: {second}" if payment.order_sequence > 1 else ""
        ),
        "Note": payment.note,
        "Payment method": payment.method,
        "Amount taken": _some(payment.received),
        "Held": format_money(payment.total) if payment.released.amount_minor else "",
        "Released": _some(payment.released),
        "Refunded": _some(payment.refunded),
        "Refundable": _some(payment.allowed_actions.refundable) if given_back else "",
        "Disputed": "\n".join(_dispute(dispute, zone) for dispute in payment.disputes),
        "Stripe fee": _lines(settled.fee for settled in payment.settlements),
        "Net": _lines(settled.net for settled in payment.settlements),
        "Taken by": taken_by,
        "Created": in_zone(payment.created_at, zone),
        "Paid": in_zone(payment.succeeded_at, zone),
        "Cancelled": in_zone(payment.canceled_at, zone),
        "PaymentIntent": payment.payment_intent_id or "",
        "Payment": payment.payment_id,
    }
    description_list(rows)


def _some(amount: Money | None) -> str:
    """The amount; empty for none and nought."""
    return format_money(amount) if amount is not None and amount.amount_minor else ""


def _lines(amounts: Iterable[Money]) -> str:
    return "\n".join(format_money(amount) for amount in amounts)


def _dispute(dispute: DisputeFacts, zone: str) -> str:
    due = f" by {in_zone(dispute.reply_due_at, zone)}" if dispute.reply_due_at else ""
    return f"{format_money(dispute.amount)}, {dispute.words}{due}"


def _actions(desk: Desk, actor: Actor, payment: PaymentDetails, zone: str) -> None:
    with st.container(horizontal=True):
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
        if payment.dashboard_url is not None and desk.account.mode is not Mode.DEMO:
            st.link_button("View in Stripe", payment.dashboard_url, icon=":material/open_in_new:")
    if payment.received.amount_minor:
        receipt_actions(desk, actor, payment.payment_id, payment.customer_email)
    if payment.refunded.amount_minor:
        refund_receipt_actions(desk, actor, payment.payment_id, zone)


def _entry(entry: TimelineEntry, zone: str) -> None:
    mark = f":{TONE_COLOURS[entry.tone]}[{TONE_ICONS[entry.tone]}]"
    below = " · ".join(part for part in (in_zone(entry.at, zone), plain(entry.detail)) if part)
    st.markdown(f"{mark} {plain(entry.title)}  \n:small[:gray[{below}]]")
