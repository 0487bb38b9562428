"""What staff should know before they charge: the order's payment, and a likely duplicate."""

from html import escape

import streamlit as st

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.payments.possible_duplicates import (
    EarlierPayment,
    payment_of_order,
    same_amount_from_customer,
)
from components.frame import session_state
from components.frame.desk_access import viewer_time_zone
from components.frame.session_state import uninterrupted
from components.take_payment.on_screen import OnScreen
from components.take_payment.order_fields import keep
from components.widgets.payment_links import payment_link
from components.widgets.plain_text import plain
from components.widgets.times import in_zone


def order_payment(on: OnScreen, order_reference: str) -> EarlierPayment | None:
    """Draw the payment that a draft's order has already, and the ways on; None if there is none.

    A payment that was sent shows none: it has its place among the order's payments.
    """
    desk, draft_id = on.desk, on.payment_id
    earlier = on.is_draft and payment_of_order(
        desk.store, desk.account, on.actor, order_reference, draft_id=draft_id, now=desk.now()
    )
    if not earlier:
        st.empty()
        return None
    with st.container(key="order-payment"):
        st.html(f'<p role="alert">{escape(_words(earlier))}</p>')
        with st.container(horizontal=True):
            if earlier.details is not None:
                st.link_button(
                    "Open",
                    payment_link(earlier.details.payment_id),
                    icon=":material/open_in_new:",
                )
            else:
                st.empty()
            if st.session_state.get(f"{draft_id}.second") != earlier.sequence:
                st.button(
                    "Charge again",
                    key=f"{draft_id}.charge_again",
                    on_click=uninterrupted(_charge_again),
                    args=(draft_id, earlier.sequence),
                )
            else:
                st.empty()
    return earlier


def same_amount_warning(on: OnScreen, customer_name: str, total: Money | None) -> None:
    """Warn of a payment of the draft's amount by the same customer within a day."""
    earlier = None
    if total is not None and on.is_draft:
        earlier = same_amount_from_customer(
            on.desk.store,
            on.actor,
            customer_name,
            total,
            draft_id=on.payment_id,
            now=on.desk.now(),
        )
    seen = earlier.details if earlier is not None else None
    if earlier is None or seen is None:
        st.empty()
        return
    st.warning(
        plain(
            f"{customer_name.strip()} already paid {format_money(seen.amount)} on "
            f"{in_zone(seen.at, viewer_time_zone())} (order {earlier.order_reference}). "
            "Check that this is another order."
        ),
        icon=":material/warning:",
    )


def _words(earlier: EarlierPayment) -> str:
    seen = earlier.details
    if seen is None:
        return (
            f"Order {earlier.order_reference} already has a payment that you don't have access "
            "to. Ask a supervisor before you charge it again."
        )
    amount, at = format_money(seen.amount), in_zone(seen.at, viewer_time_zone())
    if seen.display is DisplayStatus.SUCCEEDED:
        what = f"was paid: {amount} on {at} by {seen.taken_by}."
    else:
        what = f"already has a payment ({seen.status}): {amount}, {at}, {seen.taken_by}."
    return f"Order {earlier.order_reference} {what}"


def _charge_again(draft_id: str, after_sequence: int) -> None:
    st.session_state[f"{draft_id}.second"] = after_sequence
    session_state.press_answer(draft_id).wrong.pop("order_reference", None)  # it was wrong without
    session_state.give_focus("second-reason")
    keep(draft_id)
