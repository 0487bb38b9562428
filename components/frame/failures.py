"""What a person sees when the desk itself is at fault: a sentence, never a traceback."""

from uuid import uuid4

import streamlit as st

from cardpay.domain.errors import CardpayError
from cardpay.logs.logger import failure, get_logger
from components.widgets.plain_text import plain

_log = get_logger(__name__)


def show_failure(error: Exception) -> bool:
    """Show the sentence of an expected error, or a reference under which this one is logged.

    An unexpected error's own message is logged by type and place alone: it may quote what
    somebody typed.
    """
    if isinstance(error, CardpayError):
        st.error(plain(refusal(error)))
        return True
    reference = uuid4().hex[:8]
    _log.error("script error", reference=reference, **failure(error))
    st.error(
        "Something went wrong in the desk, not with what you typed. If you were taking a "
        "payment, it may have been taken: look at it in Payments before you try again. "
        f"Reference {reference}."
    )
    return True


def refusal(error: CardpayError, **ids: str) -> str:
    """The sentence for a person of what a use case refused, which is logged by its type."""
    _log.info("refused", **failure(error), **ids)
    return error.sentence
