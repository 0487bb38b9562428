"""Print a receipt, download it, or have Stripe e-mail its own."""

from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.domain.money_format import format_money
from cardpay.domain.receipt import NoReceipt
from cardpay.domain.stripe_account import Mode
from cardpay.reporting.payments.receipts import receipt
from cardpay.services.after_payment.receipt_emails import email_receipt
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes import operation_lifecycle
from components.frame import session_state
from components.frame.desk_access import current_application, keep_session_active
from components.frame.session_state import uninterrupted
from components.receipts.receipt_links import pdf_link, print_link
from components.widgets.messages import show_result, small_text
from components.widgets.text_fields import refuse_masked, text_field
from components.widgets.times import in_zone

# Stripe sends nothing for test keys, except to the account's own people (Stripe docs: "Receipts").
_SENT: Final = {
    Mode.LIVE: "Stripe is sending the receipt to {}.",
    Mode.TEST: "Stripe has the address {}. In test mode it sends no emails.",
    Mode.DEMO: "This is the demo: no email was sent to {}.",
}
_BEFORE: Final = {
    Mode.LIVE: "Stripe sends its own receipt, which isn't the one you print.",
    Mode.TEST: "In test mode Stripe sends no emails.",
    Mode.DEMO: "This is the demo: no email will be sent.",
}


def receipt_actions(desk: Desk, actor: Actor, payment_id: str, email: str) -> None:
    """Draw a paid payment's receipt buttons in a row; `email` is the customer's, if known."""
    with st.container(horizontal=True, key="receipt-actions"):
        _links("receipt", print_link(payment_id), pdf_link(payment_id), payment_id)
        asked = actor.may(Permission.EMAIL_RECEIPT) and st.button(
            "Email receipt", icon=":material/mail:", key=f"{payment_id}.email_receipt"
        )
    if asked:
        keep_session_active()
        session_state.set_result(_panel(payment_id), None)
        _email_dialog(desk, actor, payment_id, email)
    else:
        show_result(_panel(payment_id))


def refund_receipt_actions(desk: Desk, actor: Actor, payment_id: str, zone: str) -> None:
    """Draw the buttons for the receipt of each refund of a payment; nothing without refunds."""
    company = current_application().settings.company
    try:
        found = receipt(desk.store, actor, company, payment_id, now=desk.now())
    except NoReceipt:
        return
    for refund in found.refunds:
        words = f"Refund of {format_money(refund.amount)}, {in_zone(refund.at, zone)}"
        small_text(words)
        with st.container(horizontal=True):
            ids = payment_id, refund.refund_id
            _links("refund receipt", print_link(*ids), pdf_link(*ids), refund.refund_id)


def _links(noun: str, to_print: str, to_download: str, key: str) -> None:
    st.link_button(f"Print {noun}", to_print, icon=":material/print:", key=f"{key}.print")
    st.link_button(f"Download {noun}", to_download, icon=":material/download:", key=f"{key}.pdf")


@st.dialog("Email receipt")
def _email_dialog(desk: Desk, actor: Actor, payment_id: str, email: str) -> None:
    """The address, at first the customer's. It closes once Stripe has it, and the page says so."""
    result = session_state.result(_panel(payment_id))
    if result is not None and result[0] != "error":
        st.rerun()
    form = session_state.form_id(
        f"receipt.{payment_id}",
        lambda form_id: operation_lifecycle.operation_exists(desk, form_id),
    )
    key = f"address.{payment_id}"
    if key not in st.session_state:
        st.session_state[key] = email
    text_field("Email", key, on_change=keep_session_active)
    small_text(_BEFORE[desk.account.mode])
    st.button(
        "Send receipt",
        type="primary",
        key=f"send.{form}",
        on_click=uninterrupted(_send),
        args=(desk, actor, payment_id, key, form),
    )
    show_result(_panel(payment_id))


def _send(desk: Desk, actor: Actor, payment_id: str, key: str, form: str) -> None:
    """The button's callback."""
    keep_session_active()
    address = str(st.session_state.get(key, ""))
    try:
        refuse_masked({key: "Email"})
        sent = email_receipt(desk, actor, payment_id, address, form)
    except CardpayError as error:
        session_state.set_result(_panel(payment_id), ("error", error.sentence))
        return
    if sent:
        result = ("success", _SENT[desk.account.mode].format(address.strip()))
    else:
        result = ("warning", "Stripe didn't answer, so the receipt may not have been sent.")
    session_state.set_result(_panel(payment_id), result)


def _panel(payment_id: str) -> str:
    return f"receipt.{payment_id}"
