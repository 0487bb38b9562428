"""Attempts: every card that was tried, with what came of it."""

import streamlit as st

from cardpay.domain.access.column_rules import ListName
from cardpay.domain.business_days import business_day
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.payment.attempt import ATTEMPT_LABELS, AttemptOutcome
from cardpay.domain.payment.declines import KNOWN_CODES
from cardpay.reporting.attempts.attempt_filter import EVERY_ATTEMPT, AttemptFilter
from cardpay.reporting.attempts.attempts_list import attempt_sums, attempts_page
from cardpay.reporting.payments.filter_choices import filter_choices
from cardpay.reporting.payments.method_words import BRANDS, brand_name
from cardpay.reporting.staff_names import staff
from components.columns.columns_panel import columns_panel, shown_columns
from components.exports.export_panel import export_panel
from components.frame.desk_access import authorise, current_application
from components.frame.page_list import ATTEMPTS
from components.lists.attempt_table import attempt_columns, attempts_table
from components.lists.list_filters import (
    clear_button,
    currency_field,
    one_of_field,
    person_field,
    some_of_field,
    status_field,
)
from components.lists.list_totals import totals_line
from components.widgets.messages import behind_notice, empty_place, small_text
from components.widgets.pager import page_buttons, place_in
from components.widgets.period_fields import period_fields

actor = authorise(ATTEMPTS)
application = current_application()
desk = application.desk
# The filter takes business days, so times are shown in the business time zone.
zone = application.settings.business_zone


def _filters() -> AttemptFilter | None:
    """What the fields hold; None while the days are wrong, which is said there."""
    *days_places, outcome_place = st.columns([15, 14, 14, 30])
    code_place, brand_place, by_place, currency_place, clear_place = st.columns(
        [20, 15, 18, 12, 16]
    )
    days = period_fields(days_places, business_day(desk.now(), zone))
    outcomes = status_field(
        outcome_place, "Outcome", list(AttemptOutcome), ATTEMPT_LABELS.__getitem__
    )
    offered = filter_choices(desk.store, actor, desk.now())
    known = sorted({*KNOWN_CODES, *offered.decline_codes})
    codes = some_of_field(code_place, "Decline code", "decline_code", known)
    brand = one_of_field(brand_place, "Card brand", "brand", BRANDS, brand_name)
    by = person_field(by_place, "Tried by", "taken_by", staff(desk.store, actor))
    currency = currency_field(currency_place, offered.currencies)
    if days is None:
        return None
    chosen = AttemptFilter(days, outcomes, currency, decline_codes=codes, brand=brand, tried_by=by)
    if chosen != EVERY_ATTEMPT:
        with clear_place.container(vertical_alignment="bottom", height="stretch"):
            clear_button(st, ("brand", "currency"), ("taken_by",), ("decline_code",))
    return chosen


@st.fragment
def _list() -> None:
    chosen = _filters()
    if chosen is None:
        return
    behind_notice(actor)
    page = attempts_page(desk.store, actor, zone, chosen, place_in("attempts", chosen))
    if page.frame.empty:
        empty_place(
            "attempts",
            "No cards have been tried yet. The first one will appear here."
            if chosen == EVERY_ATTEMPT
            else "No attempts match. Clear a filter, or choose other days.",
        )
        return
    totals_line("attempt", attempt_sums(desk.store, actor, zone, chosen))
    columns = shown_columns(desk, actor, ListName.ATTEMPTS, attempt_columns(zone.key))
    with st.container(horizontal=True, horizontal_alignment="right"):
        columns_panel(desk, actor, columns)
        export_panel(actor, ExportKind.ATTEMPTS, chosen)
    attempts_table(page.frame, zone.key, columns)
    with st.container(horizontal=True, vertical_alignment="center"):
        page_buttons("attempts", chosen, page)
        small_text(f"Newest first. Days and times in {zone.key}.")


st.title("Attempts", anchor=False)
_list()
