"""One payment on screen: its facts, its timeline, and where to go from here."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor, Permission
from cardpay.domain.account import Mode
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.status import DISPLAY_TONES, ERASED, DisplayStatus
from cardpay.reporting.payments.payment_details import PaymentDetails, payment_details
from cardpay.reporting.payments.payment_disputes import DisputeFacts
from cardpay.reporting.payments.timeline import TimelineEntry
from cardpay.services.desk import Desk
from cardpay.services.taking import payment_view
from components.frame import session
from components.payment.payment_steps import payment_steps, steps_told
from components.take_payment.watching import watch_from_aside
from components.widgets.facts import facts
from components.widgets.plain_text import plain
from components.widgets.times import in_zone
from components.widgets.tones import TONE_COLOURS, TONE_ICONS, TONE_SIGNS
from components.widgets.words import held, taken

_COLUMN_PX: Final = 400
_TAKE_PAYMENT: Final = Path(__file__).resolve().parents[2] / "pages" / "take_payment.py"


def status_words(status: DisplayStatus) -> str:
    """The status with its sign: "✓ Succeeded"."""
    return f"{TONE_SIGNS[DISPLAY_TONES[status]]} {status.value}"


def show_payment(desk: Desk, actor: Actor, payment_id: str, zone: str) -> None:
    """Draw a payment, times in `zone`; a sentence if there is no such payment."""
    try:
        payment = payment_details(desk.store, actor, payment_id, now=desk.now())
    except PaymentNotFound as missing:
        if session.is_first_miss(payment_id):
            payment_view.note_hidden(desk, actor, payment_id)
        st.warning(missing.sentence, icon=":material/search_off:")
        return
    last = payment.allowed_actions.last
    if payment.display is DisplayStatus.CHECKING or (last is not None and last.is_open):
        needs_person = payment.allowed_actions.needs_person
        watch_from_aside(desk, payment_id, payment.updated_at, needs_person=needs_person)
    tone = DISPLAY_TONES[payment.display]
    with st.container(border=True, key="payment-details"):
        st.subheader(
            f"{_amount(payment)} · Order {plain(payment.order_reference)}",
            anchor=False,
        )
        st.badge(payment.display.value, icon=TONE_ICONS[tone], color=TONE_COLOURS[tone])
        with st.container(horizontal=True, gap="large"):  # beside each other if there is room
            with st.container(width=_COLUMN_PX):
                steps_told(payment)
                _facts(payment, zone)
                _ways_on(desk, actor, payment, zone)
            with st.container(width=_COLUMN_PX):
                st.markdown("**Timeline**")
                for entry in payment.timeline:
                    _entry(entry, zone)


def _amount(payment: PaymentDetails) -> str:
    """The order's; with what was taken of it, if that was a part."""
    in_part = held(payment.received, payment.total)
    return taken(payment.received, payment.total) if in_part else format_money(payment.total)


def _facts(payment: PaymentDetails, zone: str) -> None:
    quantity = f" × {payment.quantity}" if payment.quantity > 1 else ""
    erased = f"{ERASED}, {in_zone(payment.erased_at, zone)}" if payment.erased_at else ""
    second = payment.second_payment_reason or ("the reason is erased" if erased else "")
    refunded = format_money(payment.refunded) if payment.refunded.amount_minor else ""
    taken_by = payment.taken_by
    if not payment.taken_at_desk:
        taken_by = "Elsewhere: in Stripe's dashboard or by another system"
    rows = {
        "Product": payment.product_name + quantity,
        "Customer": erased or payment.customer_name,
        "Email": payment.customer_email,
        "Phone": payment.customer_phone,
        "Second payment": (
            f"Payment {payment.order_sequence}: {second}" if payment.order_sequence > 1 else ""
        ),
        "Note": payment.note,
        "Card": payment.card,
        "Taken": format_money(payment.received) if payment.received.amount_minor else "",
        "Held": held(payment.received, payment.total),
        "Refunded": refunded,
        "Disputed": "\n".join(_dispute(dispute, zone) for dispute in payment.disputes),
        "Stripe's fee": _lines(settled.fee for settled in payment.settlements),
        "Net": _lines(settled.net for settled in payment.settlements),
        "Taken by": taken_by,
        "Created": in_zone(payment.created_at, zone),
        "Paid": in_zone(payment.succeeded_at, zone),
        "Cancelled": in_zone(payment.canceled_at, zone),
        "PaymentIntent": payment.payment_intent_id or "",
        "Payment": payment.payment_id,
    }
    facts(rows)


def _lines(amounts: Iterable[Money]) -> str:
    return "\n".join(format_money(amount) for amount in amounts)


def _dispute(dispute: DisputeFacts, zone: str) -> str:
    due = f" by {in_zone(dispute.reply_due_at, zone)}" if dispute.reply_due_at else ""
    return f"{format_money(dispute.amount)}, {dispute.words}{due}"


def _ways_on(desk: Desk, actor: Actor, payment: PaymentDetails, zone: str) -> None:
    with st.container(horizontal=True):
        payment_steps(desk, actor, payment, zone)
        if payment.is_unpaid and actor.may(Permission.TAKE_PAYMENT):
            open_it = st.button(
                "Open in Take payment",
                icon=":material/add_card:",
                key=f"payments.open.{payment.payment_id}",
            )
            if open_it:
                st.switch_page(
                    _TAKE_PAYMENT, query_params={session.PAYMENT_PARAMETER: payment.payment_id}
                )
        if payment.dashboard_url is not None and desk.account.mode is not Mode.DEMO:
            st.link_button("Show in Stripe", payment.dashboard_url, icon=":material/open_in_new:")


def _entry(entry: TimelineEntry, zone: str) -> None:
    mark = f":{TONE_COLOURS[entry.tone]}[{TONE_ICONS[entry.tone]}]"
    below = " · ".join(part for part in (in_zone(entry.at, zone), plain(entry.detail)) if part)
    st.markdown(f"{mark} {plain(entry.title)}  \n:small[:gray[{below}]]")
