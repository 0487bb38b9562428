"""Operations: whether the desk and Stripe are in step, and what waits for a person."""

from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Permission
from components.frame.desk_access import authorise, current_application, viewer_time_zone
from components.operations import limits_panel, reconciliation_panel, review_panel

# The page looks again by itself: events arrive, and long work goes on, while somebody watches.
_SECONDS: Final = 2.0

actor = authorise(Permission.USE_OPERATIONS)
application = current_application()
zone = viewer_time_zone()


@st.fragment(run_every=_SECONDS)
def _panels() -> None:
    review_panel.waiting_panel(application.desk, actor, zone)
    limits_panel.limits_panel(application.desk, actor, zone)
    review_panel.webhooks_panel(application, actor, zone)
    reconciliation_panel.history_panels(application, actor, zone)


st.title("Operations", anchor=False)
_panels()
