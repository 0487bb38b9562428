"""The form that adds or changes one product. Errors are shown below their field.

The form keeps the product as it was when the form opened: if somebody else has changed it since,
that is shown, and saving again overwrites it.
"""

from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.card_number_guard import CardDataRefused, mask_card_numbers
from cardpay.domain.errors import CardpayError, InvalidInput
from cardpay.domain.money import CURRENCIES, plain_number
from cardpay.domain.product_rules import CatalogueItem, ProductChanged, TypedProduct
from cardpay.services import catalogue
from cardpay.services.desk import Desk
from components.frame import session_state
from components.frame.session_state import uninterrupted
from components.widgets.messages import show_result
from components.widgets.plain_text import plain
from components.widgets.text_fields import refuse_masked, text_field

PANEL: Final = "products"


@dataclass
class ProductForm:
    """The form on screen. `seen` is the product as it was read; None for a new one.

    `product_id` is made with the form, so that a double click adds one product.
    """

    form_id: str
    product_id: str
    seen: CatalogueItem | None
    problem: CardpayError | None = None
    typed: dict[str, str | None] = field(default_factory=dict)

    def key(self, name: str) -> str:
        """The key of a field's widget, or of a button."""
        return f"product.{self.form_id}.{name}"


def open_form(seen: CatalogueItem | None) -> None:
    """Open the form to change a product, or with None to add one."""
    form_id = str(uuid4())
    product_id = seen.product.product_id if seen else form_id
    session_state.set_product_form(ProductForm(form_id, product_id, seen))
    session_state.set_result(PANEL, None)


def product_form(desk: Desk, actor: Actor, form: ProductForm) -> None:
    """Draw the form that is open."""
    title = form.seen.product.name if form.seen else "New product"
    with st.container(border=True, key="product-form"):
        st.subheader(plain(title), anchor=False)
        _fill(form)
        text_field("Name", form.key("name"), on_change=uninterrupted(lambda: _keep(form)))
        _problem_of(form, "Name")
        price_column, currency_column = st.columns(2)
        with price_column:
            text_field(
                "Price",
                form.key("price"),
                placeholder="1250.50",
                on_change=uninterrupted(lambda: _keep(form)),
            )
            _problem_of(form, "Price")
        with currency_column:
            st.selectbox(
                "Currency",
                CURRENCIES,
                index=None,
                placeholder="Choose a currency",
                format_func=str.upper,
                key=form.key("currency"),
                on_change=uninterrupted(_keep),
                args=(form,),
            )
            _problem_of(form, "Currency")
        if form.problem is not None and not isinstance(
            form.problem, InvalidInput | CardDataRefused
        ):
            st.error(plain(form.problem.what), icon=":material/error:")
            st.write(plain(form.problem.do_next))
        _buttons(desk, actor, form)
    _keep(form)


def _buttons(desk: Desk, actor: Actor, form: ProductForm) -> None:
    with st.container(horizontal=True):
        st.button(
            "Save",
            type="primary",
            icon=":material/check:",
            key=form.key("save"),
            on_click=uninterrupted(_save),
            args=(desk, actor, form),
        )
        if form.seen is not None:
            st.button(
                "Archive" if form.seen.on_sale else "Restore",
                icon=":material/archive:" if form.seen.on_sale else ":material/unarchive:",
                key=form.key("sale"),
                on_click=uninterrupted(_switch),
                args=(desk, actor, form, form.seen),
            )
        st.button(
            "Close",
            key=form.key("close"),
            on_click=uninterrupted(session_state.set_product_form),
            args=(None,),
        )


def _fill(form: ProductForm) -> None:
    """Fill the fields with the product, or with what was typed before a page switch."""
    product = form.seen.product if form.seen else None
    at_first = {
        "name": product.name if product else "",
        "price": plain_number(product.total(1)) if product else "",
        "currency": product.currency if product else None,
    }
    for name, value in at_first.items():
        st.session_state.setdefault(form.key(name), form.typed.get(name, value))


def _keep(form: ProductForm) -> None:
    """Copy what the widgets hold to where it survives a page switch; never card data.

    At every change too: the next click may end the run before the form is drawn.
    """
    for name in ("name", "price", "currency"):
        held = st.session_state.get(form.key(name))
        form.typed[name] = mask_card_numbers(held) if held else held


def _problem_of(form: ProductForm, label: str) -> None:
    problem = form.problem
    if isinstance(problem, InvalidInput | CardDataRefused) and problem.field == label:
        st.error(plain(problem.what), icon=":material/error:")


def _save(desk: Desk, actor: Actor, form: ProductForm) -> None:
    """The button's callback. It may run twice at once: the database decides."""
    if form.key("name") not in st.session_state:
        return  # an earlier click has closed the form
    typed = TypedProduct(
        name=st.session_state[form.key("name")] or "",
        price=st.session_state[form.key("price")] or "",
        currency=st.session_state[form.key("currency")] or "",
    )
    try:
        refuse_masked({form.key("name"): "Name", form.key("price"): "Price"})
        if form.seen is None:
            saved = catalogue.add_product(desk, actor, form.product_id, typed)
        else:
            saved = catalogue.change_product(desk, actor, form.seen, typed)
    except CardpayError as error:
        _refused(form, error)
        return
    _saved(form, f"Saved: {catalogue.item_words(saved)}.")


def _switch(desk: Desk, actor: Actor, form: ProductForm, seen: CatalogueItem) -> None:
    """Archive or restore the product; typed changes are not saved by it."""
    try:
        if seen.on_sale:
            saved = catalogue.withdraw_product(desk, actor, seen)
        else:
            saved = catalogue.restore_product(desk, actor, seen)
    except CardpayError as error:
        _refused(form, error)
        return
    _saved(form, f"Saved: {catalogue.item_words(saved)}.")


def _refused(form: ProductForm, error: CardpayError) -> None:
    form.problem = error
    if isinstance(error, ProductChanged):
        form.seen = error.now


def _saved(form: ProductForm, sentence: str) -> None:
    form.problem = None
    session_state.set_product_form(None)
    session_state.set_result(PANEL, ("success", sentence))


def show_saved() -> None:
    """Draw the result of the last save."""
    show_result(PANEL)
