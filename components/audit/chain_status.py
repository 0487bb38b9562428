"""The audit log's integrity status, in a sentence."""

from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from cardpay.reporting.audit.log import ChainState
from components.widgets.messages import small_text
from components.widgets.times import ago, in_zone

# Entries are sealed every few seconds; after this long something is wrong.
_LONG: Final = timedelta(minutes=2)


def show_chain(state: ChainState, now: datetime, zone: str) -> None:
    """Draw a line while entries are being sealed, and an error when they no longer are."""
    waiting = _entries(state.waiting)
    if state.waiting_since is not None and now - state.waiting_since > _LONG:
        st.error(
            f"{waiting} not sealed, the oldest since {in_zone(state.waiting_since, zone)}. "
            "Changes to unsealed entries can't be detected. Check the desk's log for the cause."
        )
    elif state.sealed_at is None:
        small_text(f"No entries are sealed yet. {waiting} waiting.")
    else:
        small_text(
            f"Sealed {ago(state.sealed_at, now)}, up to entry {state.last_entry_id:,}. "
            f"{waiting} waiting. Run “python -m cardpay doctor --audit” to check the log."
        )


def _entries(number: int) -> str:
    """The beginning of a sentence: "1 entry is", "2 entries are"."""
    if number == 0:
        return "No entries are"
    return "1 entry is" if number == 1 else f"{number:,} entries are"
