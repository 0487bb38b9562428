"""What a person sees when something fails: a sentence, never a traceback."""

from uuid import uuid4

import streamlit as st

from cardpay.domain.errors import CardpayError
from cardpay.logs.logger import failure, get_logger
from components.widgets.plain_text import plain

_log = get_logger(__name__)


def show_error(error: Exception) -> bool:
    """Show an expected error's sentence, or a reference under which an unexpected one is logged.

    Of an unexpected error only type and place are logged: its message may quote what somebody
    typed. Returns True, so that Streamlit shows no box of its own.
    """
    if isinstance(error, CardpayError):
        st.error(plain(logged_sentence(error)))
        return True
    reference = uuid4().hex[:8]
    _log.error("script error", reference=reference, **failure(error))
    st.error(
        "Something went wrong in the desk. If you were taking a payment, it may have gone "
        "through: check in Payments before you try again. If this happens again, tell your "
        f"administrator the reference {reference}."
    )
    return True


def logged_sentence(error: CardpayError, **ids: str) -> str:
    """The error's sentence for a person; the error is logged by its type, with `ids`."""
    _log.info("refused", **failure(error), **ids)
    return error.sentence
