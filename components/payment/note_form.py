"""Adding a note to a payment."""

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.payment.order import MAX_NOTE
from cardpay.services.after_payment import notes
from cardpay.services.desk import Desk
from components.frame import session_state
from components.frame.session_state import uninterrupted
from components.widgets.messages import run_and_show_result, show_result
from components.widgets.text_fields import refuse_masked, text_lines

_HEIGHT_PX = 88


def note_form(desk: Desk, actor: Actor, payment_id: str) -> None:
    """Draw the form behind an expander, for whoever may add notes."""
    if not actor.may(Permission.ADD_NOTE):
        return
    form = session_state.form_id(f"note.{payment_id}", lambda used: notes.note_exists(desk, used))
    key = f"note.{form}"
    panel = f"note.{payment_id}"
    show_result(panel)

    def add() -> tuple[str, str]:
        refuse_masked({key: "Note"})
        notes.add_note(desk, actor, payment_id, str(st.session_state.get(key) or ""), form)
        return "success", "Note added"

    with st.expander("Add note", icon=":material/add:"):
        text_lines(
            "Note",
            key,
            height=_HEIGHT_PX,
            placeholder=f"For colleagues. {MAX_NOTE:,} characters, no card numbers",
        )
        st.button(
            "Save note",
            key=f"save.{form}",
            on_click=uninterrupted(run_and_show_result),
            args=(panel, add),
        )
