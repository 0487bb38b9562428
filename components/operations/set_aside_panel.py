"""The Objects set aside panel: objects of Stripe's that this version could not read."""

import pandas as pd
import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.reporting.operations.objects_set_aside import objects_set_aside
from cardpay.services.desk import Desk
from components.widgets.messages import small_text
from components.widgets.panel import panel
from components.widgets.times import time_column


def set_aside_panel(desk: Desk, actor: Actor, zone: str) -> None:
    """Draw what was set aside, with the reasons."""
    found = objects_set_aside(desk.store, actor)
    status = (f"{len(found):,} set aside", "warning") if found else ("None", "success")
    with panel("set-aside", "Objects set aside", status):
        if not found:
            small_text("Every Stripe object could be read.")
            return
        small_text(
            "This version can't read these Stripe objects, so they're missing or out of date "
            "here. They're tried again after each update."
        )
        st.dataframe(
            pd.DataFrame(
                {
                    "Kind": [one.kind.replace("_", " ").capitalize() for one in found],
                    "Stripe ID": [one.object_id for one in found],
                    "Reason": [one.reason for one in found],
                    "First seen": [one.first_seen_at for one in found],
                    "Last seen": [one.last_seen_at for one in found],
                    "Version": [one.version for one in found],
                }
            ),
            hide_index=True,
            alt="Objects that could not be read, the last seen first",
            column_config={"First seen": time_column(zone), "Last seen": time_column(zone)},
        )
