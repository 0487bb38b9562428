"""What a person sees when the desk itself is at fault: a sentence, never a traceback."""

import logging
from uuid import uuid4

import streamlit as st

from cardpay.domain.errors import CardpayError
from components.plain_text import plain

_log = logging.getLogger("cardpay")


def show_failure(error: Exception) -> bool:
    """Show the sentence of an expected error, or a reference under which this one is logged.

    An unexpected error's own message is logged by type and place alone: it may quote what
    somebody typed.
    """
    if isinstance(error, CardpayError):
        st.error(plain(error.sentence))
        return True
    reference = uuid4().hex[:8]
    _log.error("script error %s: %s at %s", reference, type(error).__name__, _place(error))
    st.error(
        "Something went wrong in the desk, not with what you typed. If you were taking a "
        "payment, it may have been taken: look at it in Payments before you try again. "
        f"Reference {reference}."
    )
    return True


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    module = trace.tb_frame.f_globals.get("__name__")
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno} in {module}"
