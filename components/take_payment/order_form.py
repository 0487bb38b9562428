"""The order that a caller gives, before it is a payment."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import streamlit as st

from cardpay.domain.access.actor import Actor, Permission
from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.catalogue import (
    MAX_QUANTITY,
    Draft,
    Product,
    SecondPayment,
)
from cardpay.domain.errors import CardpayError, InvalidInput, MoneyMoved, OrderReferenceTaken
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.status import ERASED
from cardpay.gateway.errors import RequestRefused
from cardpay.services.catalogue import products_on_sale
from cardpay.services.desk import Desk
from cardpay.services.taking import checkout
from cardpay.services.taking.payment_view import PaymentView
from components.frame import session_state
from components.frame.error_messages import refusal
from components.operations.limits_panel import limit_in_the_way
from components.widgets.plain_text import plain
from components.widgets.text_fields import refuse_masked, text_field, text_lines

_PRODUCTS: Final = Path(__file__).resolve().parents[2] / "pages" / "products.py"
# Every field of the form, with what it holds before anybody has typed.
_FIELDS: dict[str, Any] = {
    "product_id": None,
    "quantity": 1,
    "customer_name": "",
    "customer_email": "",
    "customer_phone": "",
    "order_reference": "",
    "note": "",
    "second": False,
    "second_reason": "",
}
# The fields that take text, as the person reads them.
_LABELS = {
    "customer_name": "Customer name",
    "customer_email": "Customer email",
    "customer_phone": "Customer phone",
    "order_reference": "Order reference",
    "note": "Note",
    "second_reason": "Reason for a second payment",
}


def order_form(desk: Desk, actor: Actor, draft_id: str, refused: PaymentView | None) -> None:
    """Draw the form of a draft; its button makes the payment.

    `refused` is what is stored of the draft if it was sent before and Stripe never made it.
    """
    if refused is not None and not session_state.typed(draft_id):
        session_state.typed(draft_id).update(_stored(refused))  # after a reload, or from a link
    products = {product.product_id: product for product in products_on_sale(desk)}
    if not products:
        _nothing_on_sale(actor)
        return
    product_key = _key(draft_id, "product_id")
    was_withdrawn = st.session_state[product_key] not in (None, *products)
    if was_withdrawn:
        st.session_state[product_key] = None
    product_column, quantity_column, total_column = st.columns([11, 4, 5])
    with product_column:
        product_id = st.selectbox(
            "Product",
            list(products),
            index=None,
            format_func=lambda found: _offer(products[found]),
            placeholder="Choose a product",
            key=product_key,
        )
    with quantity_column:
        quantity = st.number_input(
            "Quantity", 1, MAX_QUANTITY, step=1, key=_key(draft_id, "quantity")
        )
    with total_column:
        chosen = products.get(product_id) if product_id else None
        st.metric("Total", format_money(chosen.total(quantity)) if chosen else "–")
    left, right = st.columns(2)
    with left:
        _text(draft_id, "customer_name")
        _text(draft_id, "customer_phone", "Optional")
    with right:
        _text(draft_id, "customer_email", "Optional")
        _text(draft_id, "order_reference")
    text_lines(
        _LABELS["note"],
        _key(draft_id, "note"),
        height=68,
        placeholder="Optional. Never a card number.",
    )
    if was_withdrawn:
        st.warning("The product that was chosen is not on sale any more. Choose another.")
    why_not = f"Not charged. {refused.problem} {MoneyMoved.NO}" if refused else None
    sentence = session_state.notice(draft_id) or why_not or limit_in_the_way(desk, actor)
    if sentence:
        st.error(plain(sentence), icon=":material/error:")
    _second_payment(draft_id)
    with st.container(horizontal=True):
        st.button(
            "Create payment",
            type="primary",
            key=f"{draft_id}.create",
            on_click=_create,
            args=(desk, actor, draft_id, {one: products[one].total(1) for one in products}),
        )
        if refused is not None:
            st.button(
                "New payment",
                icon=":material/add:",
                key=f"{draft_id}.new",
                on_click=session_state.begin_new_draft,
            )
    _keep(draft_id)


def _nothing_on_sale(actor: Actor) -> None:
    st.info("Nothing is on sale yet, so no payment can be taken.", icon=":material/sell:")
    if actor.may(Permission.MANAGE_CATALOGUE):
        st.page_link(_PRODUCTS, label="Add a product on the page Products")
    else:
        st.write("Ask an administrator to add a product on the page Products.")


def _second_payment(draft_id: str) -> None:
    """Shown once an order reference turned out to be taken."""
    taken = session_state.taken_order(draft_id)
    if taken is None:
        return
    with st.container(border=True):
        st.link_button(
            "Open the payment of this order",
            f"/payments?payment={taken.payment_id}",
            icon=":material/open_in_new:",
        )
        if st.checkbox("This is a second payment", key=_key(draft_id, "second")):
            _text(draft_id, "second_reason")


def _create(desk: Desk, actor: Actor, draft_id: str, prices: Mapping[str, Money]) -> None:
    """The button's callback. It may run twice at once: the database decides.

    `prices` are those on the screen that the person pressed the button on.

    Everything is read from the session first, since a rerun may end a script at any `st.` call.
    """
    _keep(draft_id)
    session_state.clear_notice()
    draft = _draft(draft_id, prices)
    problem: CardpayError | None = None
    try:
        refuse_masked({f"{draft_id}.{name}": label for name, label in _LABELS.items()})
        if not draft.product_id:
            raise InvalidInput("Product", "choose one.")
        with suppress(RequestRefused):  # stored with the draft, and told from there
            checkout.create_payment(desk, actor, draft)
    except CardpayError as error:
        problem = error
    if isinstance(problem, OrderReferenceTaken):
        session_state.set_taken_order(
            session_state.TakenOrder(
                draft_id, problem.reference, problem.payment_id, problem.sequence
            )
        )
    if problem is not None:
        session_state.set_notice(draft_id, refusal(problem, payment_id=draft_id))


def _stored(refused: PaymentView) -> dict[str, Any]:
    """The fields as they were sent."""
    return {
        "product_id": refused.product_id,
        "quantity": refused.quantity,
        "customer_name": "" if refused.customer_name == ERASED else refused.customer_name,
        "customer_email": refused.customer_email,
        "customer_phone": refused.customer_phone,
        "order_reference": refused.order_reference,
        "note": refused.note,
    }


def _draft(draft_id: str, prices: Mapping[str, Money]) -> Draft:
    typed = {**_FIELDS, **session_state.typed(draft_id)}
    taken = session_state.taken_order(draft_id)
    second = None
    if taken is not None and typed["second"]:
        second = SecondPayment(typed["second_reason"], taken.sequence)
    return Draft(
        payment_id=draft_id,
        product_id=typed["product_id"] or "",
        quantity=typed["quantity"] or 0,
        customer_name=typed["customer_name"],
        customer_email=typed["customer_email"],
        customer_phone=typed["customer_phone"],
        order_reference=typed["order_reference"],
        note=typed["note"],
        second_payment=second,
        price_shown=prices.get(typed["product_id"]),
    )


def _text(draft_id: str, name: str, placeholder: str | None = None) -> None:
    key = _key(draft_id, name)
    text_field(_LABELS[name], key, placeholder=placeholder, on_change=lambda: _keep(draft_id))


def _key(draft_id: str, name: str) -> str:
    """The widget's key, filled with what was typed before a page switch emptied it."""
    key = f"{draft_id}.{name}"
    if key not in st.session_state:
        st.session_state[key] = session_state.typed(draft_id).get(name, _FIELDS[name])
    return key


def _keep(draft_id: str) -> None:
    """Copy what the widgets hold to where a page switch does not reach; never card data."""
    typed = session_state.typed(draft_id)
    for name in _FIELDS:
        key = f"{draft_id}.{name}"
        if key in st.session_state:
            held = st.session_state[key]
            typed[name] = mask_card_numbers(held) if name in _LABELS else held


def _offer(product: Product) -> str:
    return f"{product.name} – {format_money(product.total(1))}"
