"""How far the audit log is sealed, in a sentence."""

from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from cardpay.reporting.audit.audit_list import ChainState
from components.widgets.panel import aside
from components.widgets.times import ago, in_zone

# The sealer comes every few seconds; what waits longer than this waits in vain.
_LONG: Final = timedelta(minutes=2)


def show_chain(state: ChainState, now: datetime, zone: str) -> None:
    """One line while all is well, and an error once the sealer no longer comes."""
    waiting = _entries(state.waiting)
    if state.waiting_since is not None and now - state.waiting_since > _LONG:
        st.error(
            f"{waiting} not sealed, the oldest since {in_zone(state.waiting_since, zone)}. Until "
            "they are, a change to them is not found: the desk's log says why."
        )
    elif state.sealed_at is None:
        aside(f"Nothing is sealed yet. {waiting} waiting for a seal.")
    else:
        aside(
            f"Sealed {ago(state.sealed_at, now)}, up to entry {state.last_entry_id:,}. "
            f"{waiting} waiting for a seal. “python -m cardpay doctor --audit” checks the seals."
        )


def _entries(number: int) -> str:
    """The beginning of a sentence: "1 entry is", "2 entries are"."""
    if number == 0:
        return "No entry is"
    return "1 entry is" if number == 1 else f"{number:,} entries are"
