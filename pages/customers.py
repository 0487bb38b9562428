"""Customers: one row each, by last payment; and all payments of one of them."""

import streamlit as st

from cardpay.domain.access.column_rules import ListName
from cardpay.domain.business_days import business_day
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import InvalidInput, PaymentNotFound
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.reporting.customers.customers_list import (
    EVERY_CUSTOMER,
    CustomerFilter,
    customer_of,
    customer_payments,
    customers_page,
)
from components.columns.columns_panel import columns_panel, shown_columns
from components.exports.export_panel import export_panel
from components.frame import session_state
from components.frame.desk_access import authorise, current_application, keep_session_active
from components.frame.page_list import CUSTOMERS, PAYMENT
from components.frame.session_state import uninterrupted
from components.lists.customer_table import (
    CUSTOMER_PARAMETER,
    customer_columns,
    customer_line,
    customers_table,
)
from components.payments.payment_rows import payments_table
from components.widgets.messages import behind_notice, empty_place, small_text
from components.widgets.pager import page_buttons, place_in
from components.widgets.period_fields import clear_days, period_fields
from components.widgets.plain_text import plain
from components.widgets.text_fields import text_field

_SEARCH = "customers.search"  # a name has no business in the address

actor = authorise(CUSTOMERS)
if session_state.came_from() not in {None, PAYMENT.name}:
    st.session_state[_SEARCH] = ""  # nor does an old search wait for whoever comes anew
application = current_application()
desk = application.desk
zone = application.settings.business_zone


def _filters() -> CustomerFilter | None:
    """What the fields hold; None while the days are wrong, which is said there."""
    search_place, *days_places = st.columns([30, 15, 14, 14])
    with search_place:
        search = text_field(
            "Search",
            _SEARCH,
            placeholder="Name, phone or email",
            on_change=keep_session_active,
            persist_state="session",
        )
    days = period_fields(days_places, business_day(desk.now(), zone))
    return None if days is None else CustomerFilter(days, search)


def _clear() -> None:
    keep_session_active()
    clear_days()
    st.session_state[_SEARCH] = ""


def _show(payment_id: str) -> None:
    """The payments of the customer whose last payment this is."""
    st.switch_page(CUSTOMERS.file, query_params={CUSTOMER_PARAMETER: payment_id})


@st.fragment
def _list() -> None:
    chosen = _filters()
    if chosen is None:
        return
    behind_notice(actor)
    try:
        page = customers_page(desk.store, actor, zone, chosen, place_in("customers", chosen))
    except (CardDataRefused, InvalidInput) as refused:
        st.error(plain(refused.sentence))
        return
    if page.frame.empty and chosen == EVERY_CUSTOMER:
        empty_place("customers", "No customers yet. Whoever pays first will appear here.")
        return
    if page.frame.empty:
        sentence = (
            "No customers match. Search by the start of a name or email, or by a phone number."
        )
        with empty_place("customers", sentence):
            st.button(
                "Clear filters", icon=":material/filter_alt_off:", on_click=uninterrupted(_clear)
            )
        return
    columns = shown_columns(desk, actor, ListName.CUSTOMERS, customer_columns(zone.key))
    with st.container(horizontal=True, horizontal_alignment="right"):
        columns_panel(desk, actor, columns)
        export_panel(actor, ExportKind.CUSTOMERS, chosen)
    customers_table(page.frame, zone.key, _show, columns)
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons("customers", chosen, page)
        small_text(
            "By last payment, newest first. From and To are the day of the last payment; counts "
            f"and sums are of all payments. Days and times in {zone.key}."
        )


@st.fragment
def _payments(payment_id: str) -> None:
    page = customer_payments(desk.store, actor, payment_id, place_in("customer", payment_id))
    payments_table("customer.table", "Payments of this customer, newest first", page.frame,
                   zone.key)  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons("customer", payment_id, page)
        small_text(f"Newest first. Times in {zone.key}.")


def _one(payment_id: str) -> None:
    back, _ = st.columns([1, 5])
    if back.button("Customers", icon=":material/arrow_back:", type="tertiary"):
        st.switch_page(CUSTOMERS.file)
    try:
        customer = customer_of(desk.store, actor, payment_id)
    except PaymentNotFound:
        st.title("Customer", anchor=False)
        empty_place("customer", "This customer isn't known, or their details were erased.")
        return
    st.title(plain(customer.name or customer.email), anchor=False)
    behind_notice(actor)
    customer_line(customer)
    _payments(payment_id)


shown = st.query_params.get(CUSTOMER_PARAMETER)
if shown:
    _one(shown)
else:
    st.title("Customers", anchor=False)
    _list()
