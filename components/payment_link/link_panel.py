"""A payment's link: its state, and while it is open the ways to send and to close it."""

from collections.abc import Callable
from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DISPLAY_TONES, DisplayStatus
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.services.desk import Desk
from cardpay.services.taking.payment_links.expire_link import cancel_link
from cardpay.services.taking.payment_links.link_address import check_watched_link, link_address
from cardpay.services.taking.payment_links.replace_by_link import replace_by_link
from cardpay.services.taking.payment_view import PaymentView, last_change
from components.frame import session_state
from components.frame.company import company_name
from components.frame.error_messages import logged_sentence
from components.frame.session_state import uninterrupted
from components.payment_link.copy_link import copy_link
from components.payment_link.link_mail import link_text, mail_address
from components.widgets.dialogs import ask_in_place
from components.widgets.messages import message_box
from components.widgets.status_chips import TONE_SIGNS

REFRESH_SECONDS = 2.0
_MOVING = frozenset({DisplayStatus.AWAITING_CUSTOMER, DisplayStatus.CHECKING})


def link_state(payment: PaymentView, zone: str) -> tuple[str, str]:
    """The payment's status, and the words about its link: "open until 14:05"."""
    link = payment.link
    if payment.status is PaymentStatus.SUCCEEDED:
        return payment.display.value, "paid by link"
    if payment.display is DisplayStatus.AWAITING_CUSTOMER and link is not None:
        until = link.expires_at.astimezone(ZoneInfo(zone))
        return payment.display.value, f"link open until {until:%H:%M on %-d %b (%Z)}"
    words = {
        DisplayStatus.CHECKING: (
            "not sent yet: Stripe hasn't made the link. It will appear here"
            if link is not None and link.status is None
            else "the result will appear here"
        ),
        DisplayStatus.CANCELLED: "nobody can pay by the link any more",
        DisplayStatus.NOT_CHARGED: (
            "the link has expired. The order can be taken again"
            if link is not None and link.status == LinkStatus.EXPIRED
            else "no link was made"
        ),
    }
    return payment.display.value, words.get(payment.display, "by link")


def link_panel(
    desk: Desk, actor: Actor, payment: PaymentView, zone: str, *, refresh: bool = False
) -> None:
    """Draw the link's state, and what can be done with it.

    With `refresh` it is redrawn when it changes, where nothing else sees to that.
    """
    status, words = link_state(payment, zone)
    sign = TONE_SIGNS[DISPLAY_TONES[payment.display]]
    st.html(
        f'<p role="status"><strong>{escape(status)}</strong> <span aria-hidden="true">{sign}'
        f"</span> {escape(words)}</p>"
    )
    is_open = payment.link is not None and payment.link.status == LinkStatus.OPEN
    if payment.display is DisplayStatus.AWAITING_CUSTOMER and is_open:
        _send(desk, actor, payment, zone)
    else:
        st.empty()
    if refresh and payment.display in _MOVING:
        st.fragment(_refresh, run_every=REFRESH_SECONDS)(desk, payment)


def send_button(desk: Desk, actor: Actor, payment_id: str, then: Callable[[str], object]) -> None:
    """Draw "Send payment link" for a payment that waits for a card; `then` goes to the link's."""
    if desk.link_return_url is None or not actor.may(Permission.SEND_LINK):
        return
    st.button(
        "Send payment link",
        icon=":material/link:",
        key=f"{payment_id}.send-link",
        on_click=uninterrupted(_replace),
        args=(desk, actor, payment_id, then),
    )


def _replace(desk: Desk, actor: Actor, payment_id: str, then: Callable[[str], object]) -> None:
    """The button's callback; it may run twice at once, and the database decides."""
    link_payment_id = session_state.form_id(f"link.{payment_id}", lambda _: False)
    try:
        made = replace_by_link(desk, actor, payment_id, link_payment_id)
    except CardpayError as error:
        session_state.set_notice(payment_id, logged_sentence(error, payment_id=payment_id))
        return
    session_state.set_link_address(link_payment_id, made.url, is_new=True)
    then(link_payment_id)


def _send(desk: Desk, actor: Actor, payment: PaymentView, zone: str) -> None:
    url = _address(desk, actor, payment)
    if url is not None and payment.link is not None:
        copy_link(payment.payment_id, url, is_new=session_state.made_link(payment.payment_id))
        until = f"{payment.link.expires_at.astimezone(ZoneInfo(zone)):%H:%M on %-d %B (%Z)}"
        st.html(
            "<p><strong>Say</strong> “You can pay with the link I'm sending you until "
            f"{escape(until)}.”</p>"
        )
        text = link_text(
            name=payment.customer_name,
            amount=format_money(payment.total),
            order_reference=payment.order_reference,
            url=url,
            until=until,
            company=company_name(),
        )
        subject = f"Payment for order {payment.order_reference}"
        st.link_button(
            "Email link",
            mail_address(payment.customer_email, subject, text),
            icon=":material/mail:",
        )
        if actor.may(Permission.CANCEL_PAYMENT):
            ask_in_place(
                "Cancel link",
                f"{payment.payment_id}.cancel-link",
                "Cancel this link? Nobody can pay with it any more.",
                "Cancel link",
                lambda: _cancel(desk, actor, payment.payment_id),
            )


def _address(desk: Desk, actor: Actor, payment: PaymentView) -> str | None:
    """The link's address, asked of Stripe once a session; None, and why, if there is none."""
    known = session_state.link_address(payment.payment_id)
    if known is not None or not actor.may(Permission.SEND_LINK):
        return known
    try:
        found = link_address(desk, actor, payment.payment_id)
    except CardpayError as error:
        message_box("warning", logged_sentence(error, payment_id=payment.payment_id))
        return None
    session_state.set_link_address(payment.payment_id, found)
    return found


def _cancel(desk: Desk, actor: Actor, payment_id: str) -> None:
    session_state.clear_notice()
    try:
        cancel_link(desk, actor, payment_id)
    except CardpayError as error:
        session_state.set_notice(payment_id, logged_sentence(error, payment_id=payment_id))


def _refresh(desk: Desk, drawn: PaymentView) -> None:
    """Redraw the page when the payment has changed; its events are quicker than asking."""
    check_watched_link(desk, drawn.payment_id)
    change = last_change(desk, drawn.payment_id)
    if change is None or change[0] != drawn.updated_at:
        st.rerun()
