"""Needs review: disputes to answer, holds that are running out, and unknown outcomes."""

import streamlit as st

from cardpay.reporting.needs_review import payments_to_review
from cardpay.reporting.operations.open_operations import open_operations
from components.frame.desk_access import authorise, current_desk, viewer_time_zone
from components.frame.page_list import NEEDS_REVIEW
from components.operations.review_panel import REVIEW, review_panel
from components.payments.payment_rows import payments_table
from components.widgets.messages import empty_place, show_result, small_text

actor = authorise(NEEDS_REVIEW)
desk = current_desk()
zone = viewer_time_zone()

st.title("Needs review", anchor=False)
if open_operations(desk.store, actor):
    review_panel(desk, actor, zone)
else:
    show_result(REVIEW)  # of the last one, which was decided here
frame = payments_to_review(desk.store, actor, desk.now())
if frame.empty:
    empty_place("review", "Nothing needs review: no dispute to answer, no hold running out.")
else:
    payments_table("needs_review.table", "What needs review", frame, zone)
    small_text(
        "Unknown outcomes first, then by deadline: answer disputes in Stripe, capture or cancel "
        f"holds. Times are in {zone}."
    )
