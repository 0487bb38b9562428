"""Operations: what needs review, limits, webhooks, comparing with Stripe, API usage, payouts."""

from typing import Final

import streamlit as st

from cardpay.reporting.operations.history_reports import history_report
from components.frame.desk_access import authorise, current_application, viewer_time_zone
from components.frame.page_list import OPERATIONS
from components.operations.api_usage_panel import api_usage_panel
from components.operations.import_panel import import_panel
from components.operations.limits_panel import limits_panel
from components.operations.payouts_panel import payouts_panel
from components.operations.reconciliation_panel import reconciliation_panel
from components.operations.review_panel import review_panel
from components.operations.set_aside_panel import set_aside_panel
from components.operations.webhooks_panel import webhooks_panel

# Refreshed regularly: events arrive and background work goes on while somebody watches.
_REFRESH_SECONDS: Final = 2.0

actor = authorise(OPERATIONS)
application = current_application()
desk = application.desk
zone = viewer_time_zone()


@st.fragment(run_every=_REFRESH_SECONDS)
def _panels() -> None:
    review_panel(desk, actor, zone)
    limits_panel(desk, actor, zone)
    webhooks_panel(application, actor, zone)
    history = history_report(desk.store, actor)
    reconciliation_panel(application, actor, history, zone)
    set_aside_panel(desk, actor, zone)
    import_panel(desk, actor, history.last_import, zone)
    api_usage_panel(desk)


st.title("Operations", anchor=False)
_panels()
# Not refreshed: there is something new once a day, and thousands of transactions are added up.
payouts_panel(desk, actor, zone)
