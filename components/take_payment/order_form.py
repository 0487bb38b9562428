"""The order form: what a caller buys, before it becomes a payment."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.errors import CardpayError, InvalidInput, OrderReferenceTaken
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.order import ERASED, Draft, SecondPayment
from cardpay.domain.product_rules import MAX_QUANTITY, Product
from cardpay.gateway.errors import RequestRefused
from cardpay.services.catalogue import products_on_sale
from cardpay.services.desk import Desk
from cardpay.services.taking import enforce_limits
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import PaymentView
from components.frame import session_state
from components.frame.error_messages import logged_sentence
from components.frame.page_list import PAYMENTS, PRODUCTS
from components.widgets.plain_text import plain
from components.widgets.text_fields import refuse_masked, text_field, text_lines

# Every field of the form with its first value.
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
# The labels of the text fields.
_LABELS = {
    "customer_name": "Customer name",
    "customer_email": "Customer email",
    "customer_phone": "Customer phone",
    "order_reference": "Order reference",
    "note": "Note",
    "second_reason": "Reason for a second payment",
}


def order_form(desk: Desk, actor: Actor, draft_id: str, refused: PaymentView | None) -> None:
    """Draw the form of a draft; its button creates the payment.

    `refused` is the stored draft if it was sent before and Stripe created no payment.
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
        placeholder="Optional. Don't enter card numbers.",
    )
    if was_withdrawn:
        st.warning("The product you chose is no longer on sale. Choose another one.")
    _problem(desk, actor, draft_id, refused)
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


def _problem(desk: Desk, actor: Actor, draft_id: str, refused: PaymentView | None) -> None:
    """What is wrong with the order, why Stripe created no payment, or which limit is reached."""
    sentence = session_state.notice(draft_id)
    if sentence is None and refused is not None:
        sentence = f"{refused.problem} No card was sent, so nothing was charged."
    if sentence is None and (reached := enforce_limits.reached_limit(desk, actor)) is not None:
        sentence = reached.sentence
    if sentence is not None:
        st.error(plain(sentence), icon=":material/error:")


def _nothing_on_sale(actor: Actor) -> None:
    st.info("There are no products on sale yet.", icon=":material/sell:")
    if actor.may(Permission.MANAGE_CATALOGUE):
        st.page_link(PRODUCTS.file, label="Add a product")
    else:
        st.write("Ask an administrator to add one.")


def _second_payment(draft_id: str) -> None:
    """Offer a second payment, once the order reference turned out to have one."""
    taken = session_state.taken_order(draft_id)
    if taken is None:
        return
    with st.container(border=True):
        st.link_button(
            "Open payment",
            f"/{PAYMENTS.name}?{session_state.PAYMENT_PARAMETER}={taken.payment_id}",
            icon=":material/open_in_new:",
        )
        if st.checkbox("This is a second payment", key=_key(draft_id, "second")):
            _text(draft_id, "second_reason")


def _create(desk: Desk, actor: Actor, draft_id: str, prices: Mapping[str, Money]) -> None:
    """The button's callback. It may run twice at once: the database decides.

    `prices` are those that were on screen when the button was pressed. Everything is read from
    the session first, since a rerun may end a script at any `st.` call.
    """
    _keep(draft_id)
    session_state.clear_notice()
    draft = _draft(draft_id, prices)
    problem: CardpayError | None = None
    try:
        refuse_masked({f"{draft_id}.{name}": label for name, label in _LABELS.items()})
        if not draft.product_id:
            raise InvalidInput("Product", "Choose a product")
        with suppress(RequestRefused):  # stored with the draft, and shown from there
            create_payment(desk, actor, draft)
    except CardpayError as error:
        problem = error
    if isinstance(problem, OrderReferenceTaken):
        session_state.set_taken_order(
            session_state.TakenOrder(
                draft_id, problem.reference, problem.payment_id, problem.sequence
            )
        )
    if problem is not None:
        session_state.set_notice(draft_id, logged_sentence(problem, payment_id=draft_id))


def _stored(refused: PaymentView) -> dict[str, Any]:
    """The values of the fields as they were sent."""
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
    """The widget's key; fills it with what was typed before a page switch emptied it."""
    key = f"{draft_id}.{name}"
    if key not in st.session_state:
        st.session_state[key] = session_state.typed(draft_id).get(name, _FIELDS[name])
    return key


def _keep(draft_id: str) -> None:
    """Copy what the widgets hold to where it survives a page switch; never card data."""
    typed = session_state.typed(draft_id)
    for name in _FIELDS:
        key = f"{draft_id}.{name}"
        if key in st.session_state:
            held = st.session_state[key]
            typed[name] = mask_card_numbers(held) if name in _LABELS else held


def _offer(product: Product) -> str:
    return f"{product.name} – {format_money(product.total(1))}"
