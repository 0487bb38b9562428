"""Products: what is on sale and archived, with prices; add and change products."""

import pandas as pd
import streamlit as st

from cardpay.domain.money_format import format_money
from cardpay.domain.product_rules import CatalogueItem
from cardpay.services.catalogue import catalogue
from components.frame import session_state
from components.frame.desk_access import authorise, current_desk
from components.frame.page_list import PRODUCTS
from components.frame.session_state import uninterrupted
from components.products.product_form import ProductForm, open_form, product_form, show_saved
from components.widgets.messages import empty_place

_CHOICE = "products.choice"

actor = authorise(PRODUCTS)
desk = current_desk()


def _table(items: tuple[CatalogueItem, ...]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Product": [item.product.name for item in items],
                "Price": [format_money(item.product.total(1)) for item in items],
                "Status": ["✓ On sale" if item.on_sale else "– Archived" for item in items],
            }
        ),
        hide_index=True,
        alt="Products, in the order they are offered",
        column_config={"Price": st.column_config.TextColumn(alignment="right")},
    )


def _open_chosen(items: tuple[CatalogueItem, ...]) -> None:
    chosen = st.session_state.get(_CHOICE)
    found = next((item for item in items if item.product.product_id == chosen), None)
    if found is not None:
        open_form(found)
    st.session_state[_CHOICE] = None


st.title("Products", anchor=False)
st.write(
    "Payments keep the name and price they were taken with. You can restore archived products."
)
items = catalogue(desk, actor)
show_saved()
if items:
    _table(items)
else:
    empty_place("products", "There are no products yet. Add one to take a payment for it.")
names = {item.product.product_id: item.product.name for item in items}
choice, add = st.columns([7, 3], vertical_alignment="bottom")
with choice:
    st.selectbox(
        "Change product",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder="Choose a product" if names else "No products yet",
        disabled=not names,
        key=_CHOICE,
        on_change=uninterrupted(_open_chosen),
        args=(items,),
    )
with add:
    st.button(
        "Add product",
        icon=":material/add:",
        key="products.add",
        on_click=uninterrupted(open_form),
        args=(None,),
        width="stretch",
    )
form = session_state.product_form(ProductForm)
if form is not None:
    product_form(desk, actor, form)
