"""The one screen of Take payment: the order and the card left, the panel with the button right.

The same containers are made in the same order whatever the payment's state, so that the card form
is never mounted anew. What comes and goes leaves an `st.empty()` in its place: what a fragment
only leaves out, Streamlit 1.67 may show again (its browser side clears the page, but not the copy
to which the next run's changes are added).
"""

from dataclasses import replace
from itertools import count
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.reporting.payments.my_day import taken_today
from cardpay.reporting.payments.possible_duplicates import EarlierPayment
from cardpay.reporting.payments.waiting_words import waiting_message
from cardpay.services.catalogue import products_on_sale
from cardpay.services.desk import Desk
from cardpay.services.taking import enforce_limits, payment_view
from cardpay.services.taking.order_numbers import next_reference
from cardpay.services.taking.payment_view import PaymentView
from components.frame import session_state
from components.frame.desk_access import (
    authorise,
    business_time_zone,
    current_desk,
    viewer_time_zone,
)
from components.frame.page_list import PRODUCTS, TAKE_PAYMENT
from components.payment_link.link_panel import link_panel
from components.take_payment.card_checks import card_checks
from components.take_payment.card_form_panel import SCREEN, card_form_panel, has_ended
from components.take_payment.on_screen import OnScreen
from components.take_payment.order_fields import OrderFields, OrderOnScreen, keep
from components.take_payment.order_warnings import order_payment, same_amount_warning
from components.take_payment.pay_panel import actions, change_order, summary
from components.take_payment.style import STYLE
from components.take_payment.taken_card import TAKEN, taken_card
from components.take_payment.three_d_secure import find_challenge
from components.widgets.amounts import count as counted
from components.widgets.messages import message_box
from components.widgets.plain_text import plain

_OUTLET: Final = '<div class="cardpay-outlet-place"></div>'


@st.fragment(key=SCREEN)
def take_payment_screen() -> None:
    """Draw the screen. As a fragment, so that what is typed redraws no more than the screen."""
    actor = authorise(TAKE_PAYMENT)
    desk = current_desk()
    on = _on_screen(desk, actor)
    if on is None:
        return
    payment_id, payment = on.payment_id, on.payment
    watched = session_state.watched()
    is_another = watched.shown_id not in {None, payment_id}
    watched.shown_id = payment_id
    if is_another:  # as a whole: a fragment may leave fields of the last order on the page
        st.rerun()
    watched.payment_id = None if payment is not None and has_ended(payment) else payment_id
    watched.drawn_at = payment.updated_at if payment else None
    st.html(STYLE)
    with st.container(key="title-row", horizontal=True):
        st.title("Take payment", anchor=False)
        _my_day(desk, actor)
    products = {product.product_id: product for product in products_on_sale(desk)}
    watched.has_no_products = not products and on.is_draft
    if watched.has_no_products:
        _nothing_on_sale(actor)
        return
    fields = OrderFields(payment_id, products, payment, next_reference(desk))
    if watched.fields_of != (payment_id, fields.locked):
        watched.fields_of = payment_id, fields.locked
        watched.fields_are_second = not watched.fields_are_second
    main, side = st.columns([2, 1], gap="medium")
    with main:
        shown, seen = _order(on, fields)
    with side, st.container(border=True, key="panel"):
        _panel(on, fields, shown, seen)


def _on_screen(desk: Desk, actor: Actor) -> OnScreen | None:
    """The payment or draft to show; a new draft if there is none.

    None, and it is said, for a link to a payment that this person may not see.
    """
    in_address = session_state.address_payment_id()
    payment_id = in_address or session_state.current_payment_id()
    payment = None
    try:
        # Read before it is remembered: otherwise a page that fails would fail at every visit.
        payment = payment_view.find_visible(desk, actor, payment_id) if payment_id else None
    except PaymentNotFound as missing:
        if payment_id != session_state.current_payment_id():  # from a link
            st.title("Take payment", anchor=False)
            st.warning(missing.sentence, icon=":material/search_off:")
            return None
        payment_id = None  # this person could see it before, and no longer can
    if in_address is None and payment is not None and has_ended(payment):
        # Back from another page: an open payment is shown again, one that has ended is not.
        payment_id = payment = None
    if payment_id is None:
        session_state.begin_new_draft()
        payment_id = session_state.current_payment_id()
    assert payment_id is not None
    session_state.go_to_payment(payment_id)
    return OnScreen(desk, actor, payment_id, payment)


def _order(on: OnScreen, fields: OrderFields) -> tuple[OrderOnScreen, EarlierPayment | None]:
    with st.container(border=True, key="order"):
        with st.container(key="order-items"):
            st.header("Items", anchor=False)
            with _fields_place("items"):
                shown = fields.items()
            with st.container(key="order-change"):
                change_order(on)
        with st.container(key="order-who"):
            st.header("Who pays", anchor=False)
            with _fields_place("who"):
                fields.who_pays()
                seen = order_payment(on, fields.value("order_reference"))
                fields.charge_again(seen)
                fields.email()
        with st.container(key="order-card"):
            st.header("Card", anchor=False)
            _card(on, fields, shown, seen)
        more = st.expander("More :gray[· phone, note, hold]", key="order-more")
        with more, _fields_place("more"):
            fields.more(may_hold=on.actor.may(Permission.HOLD_PAYMENT))
    if on.is_draft:
        keep(on.payment_id)
    return shown, seen


def _fields_place(section: str) -> DeltaGenerator:
    """One of two places for a section's fields, the other emptied first.

    Streamlit 1.67 keeps a field that another one replaces until the run has ended: both orders'
    would stand there. What is in a container goes with it.
    """
    is_second = session_state.watched().fields_are_second
    if is_second:
        st.empty()
    place = st.container(key=f"order-{section}-{int(is_second)}")
    if not is_second:
        st.empty()
    return place


def _card(
    on: OnScreen, fields: OrderFields, shown: OrderOnScreen, seen: EarlierPayment | None
) -> None:
    """The card form. A caller waits for two of its messages, and each redraws it alone.

    What else there is on the screen follows once the outcome is shown.
    """
    runs = count(1)

    @st.fragment
    def card() -> None:
        is_alone = next(runs) > 1
        now = _again(on) if is_alone else on
        _draw_card(now, fields, shown, seen, is_alone=is_alone)

    card()


def _again(on: OnScreen) -> OnScreen:
    """The same draft or payment as it is stored now."""
    actor = authorise(TAKE_PAYMENT)
    payment = payment_view.find_visible(on.desk, actor, on.payment_id)
    if payment is not None and not payment.attempts:
        # The card is on its way: the rest of the screen can wait for what comes of it.
        session_state.watched().drawn_at = payment.updated_at
    return replace(on, payment=payment)


def _draw_card(
    on: OnScreen,
    fields: OrderFields,
    shown: OrderOnScreen,
    seen: EarlierPayment | None,
    *,
    is_alone: bool,
) -> None:
    pending = None
    payment = on.payment
    if payment is not None and payment.link is not None:
        st.write(_link_words(payment.display, payment.link.status))
        return
    if payment is not None:
        waiting = waiting_message(payment.display, payment.status, payment.waits_for)
        if waiting is not None:  # the card form is of no use
            message_box(*waiting)
            return
        pending = _pending_authentication(on.desk, on.actor, payment)
    name, is_hold = fields.value("customer_name"), bool(fields.value("hold"))
    card_form_panel(on, shown, name, seen, pending, is_hold=is_hold, rest_is_old=is_alone)
    taken_card(payment, may_open=on.actor.may(Permission.BROWSE_PAYMENTS), by_phone=on.desk.moto)


def _link_words(display: DisplayStatus, status: LinkStatus | str | None) -> str:
    """What stands in the card's place of a payment with a link."""
    if display is DisplayStatus.SUCCEEDED:
        return "The customer paid on Stripe's page."
    if status is None and display is DisplayStatus.CHECKING:
        return "Not sent yet: Stripe hasn't made the link. No card is taken here."
    if status is None:
        return "No link was made. Nothing was charged."
    if display in {DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED}:
        return "The link is closed: nobody can pay by it any more. Nothing was charged."
    return "The customer pays on Stripe's page. No card is taken here."


def _pending_authentication(
    desk: Desk, actor: Actor, payment: PaymentView
) -> session_state.PendingAuthentication | None:
    """What the browser needs for the challenge; None if there is none, or not yet."""
    if payment.display is not DisplayStatus.NEEDS_AUTHENTICATION:
        return None
    find_challenge(desk, actor, payment.payment_id)
    change = payment_view.last_change(desk, payment.payment_id)
    if change is not None and change[1] is not payment.display:
        st.rerun()
    challenge = session_state.challenge(payment.payment_id)
    challenge.drawn = challenge.pending
    return challenge.pending


def _panel(
    on: OnScreen, fields: OrderFields, shown: OrderOnScreen, seen: EarlierPayment | None
) -> None:
    summary(shown, fields.value("order_reference"), on.payment)
    with st.container(key="panel-notice"):
        sentence = _sentence(on)
        if sentence:
            st.error(plain(sentence), icon=":material/error:")
        else:
            st.empty()
    with st.container(key="panel-outlet"):
        st.html(_OUTLET)  # the card form puts the outcome and the button here
    with st.container(key="panel-link"):
        if on.payment is not None and on.payment.link is not None:
            link_panel(on.desk, on.actor, on.payment, viewer_time_zone())
        else:
            st.empty()
    with st.container(key="panel-actions"):
        actions(on, shown, seen)
    with st.container(key="panel-warning"):  # comes while one types: below all that one presses
        same_amount_warning(on, fields.value("customer_name"), shown.total)
    with st.container(key="panel-checks"):
        is_taken = on.payment is not None and on.payment.display in TAKEN
        # Those of a taken card stand beside its facts.
        card_checks(None if is_taken else on.payment, by_phone=on.desk.moto)


def _sentence(on: OnScreen) -> str | None:
    """What is wrong beyond a field: of the last press, of the payment, or a limit's."""
    payment = on.payment
    told = (
        session_state.notice(on.payment_id) or session_state.press_answer(on.payment_id).sentence
    )
    if told is not None:
        return told
    if payment is not None and payment.link is not None:
        return payment.problem
    if payment is None or payment.can_pay:
        reached = enforce_limits.reached_limit(on.desk, on.actor)
        return reached.sentence if reached else None
    return None


def _my_day(desk: Desk, actor: Actor) -> None:
    """What this person has taken today."""
    number, sums = taken_today(desk.store, actor, business_time_zone(), desk.now())
    amounts = "".join(f", {format_money(one)}" for one in sums)
    st.html(
        f'<p class="cardpay-my-day">My day: <strong>{counted(number, "payment")}{amounts}'
        "</strong></p>"
    )


def _nothing_on_sale(actor: Actor) -> None:
    st.info("There are no products on sale yet.", icon=":material/sell:")
    if actor.may(Permission.MANAGE_CATALOGUE):
        st.page_link(PRODUCTS.file, label="Add a product")
    else:
        st.write("Ask an administrator to add one.")
