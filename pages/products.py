"""Products: what the desk sells, at which price, and what it sold before."""

import pandas as pd
import streamlit as st

from cardpay.domain.access.actor import Permission
from cardpay.domain.money_format import format_money
from cardpay.domain.products import CatalogueItem
from cardpay.services.catalogue import catalogue
from components.frame import session_state
from components.frame.desk_access import authorise, current_desk
from components.products.product_form import ProductForm, open_form, product_form, told

_CHOICE = "products.choice"

actor = authorise(Permission.MANAGE_CATALOGUE)
desk = current_desk()


def _table(items: tuple[CatalogueItem, ...]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Product": [item.product.name for item in items],
                "Price": [format_money(item.product.total(1)) for item in items],
                "State": ["✓ On sale" if item.on_sale else "– Off sale" for item in items],
            }
        ),
        hide_index=True,
        alt="Products, in the order in which they are offered",
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
    "A payment keeps the name and the price it was made with. What is off sale can be put back."
)
items = catalogue(desk, actor)
told()
if items:
    _table(items)
else:
    st.info("Nothing is on sale yet. Add the first product, and payments can be taken for it.")
names = {item.product.product_id: item.product.name for item in items}
choice, add = st.columns([7, 3], vertical_alignment="bottom")
with choice:
    st.selectbox(
        "Change a product",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder="Choose a product" if names else "There is none yet",
        disabled=not names,
        key=_CHOICE,
        on_change=_open_chosen,
        args=(items,),
    )
with add:
    st.button(
        "Add a product",
        icon=":material/add:",
        key="products.add",
        on_click=open_form,
        args=(None,),
        width="stretch",
    )
form = session_state.product_form(ProductForm)
if form is not None:
    product_form(desk, actor, form)
