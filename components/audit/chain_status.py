"""The state of the audit log's hash chain, in a sentence."""

from datetime import datetime

import streamlit as st

from cardpay.services.audit.write_heads import HeadState
from components.widgets.messages import small_text
from components.widgets.times import ago, in_zone


def show_chain(state: HeadState, now: datetime, zone: str) -> None:
    """Draw a line while all is well, and an error if the head is not written to its file."""
    if state.unwritten_since is not None and state.lags(now):
        st.error(
            "The head of the audit log hasn't been written to its file since "
            f"{in_zone(state.unwritten_since, zone)}. Until it is, entries removed from the end "
            "may go unnoticed. Check the desk's log for the cause."
        )
    elif state.head_at is not None:
        small_text(
            f"{state.head.number:,} entries in the hash chain, the last one "
            f"{ago(state.head_at, now)}. Run “python -m cardpay doctor --audit” to verify them."
        )
