"""Operations: whether the desk and Stripe are in step, and what waits for a person."""

from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Permission
from components.frame.desk_access import authorise, current_application, viewer_time_zone
from components.operations import history_panels, limits_panel, operations_panels

# The page looks again by itself: events arrive, and long work goes on, while somebody watches.
_SECONDS: Final = 2.0

actor = authorise(Permission.USE_OPERATIONS)
application = current_application()
zone = viewer_time_zone()


@st.fragment(run_every=_SECONDS)
def _panels() -> None:
    operations_panels.waiting_panel(application.desk, actor, zone)
    limits_panel.limits_panel(application.desk, actor, zone)
    operations_panels.webhooks_panel(application, actor, zone)
    history_panels.history_panels(application, actor, zone)


st.title("Operations", anchor=False)
_panels()
