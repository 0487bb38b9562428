"""Streamlit's sessions of people who have not signed in: gone as soon as they hang up.

Streamlit 1.67 keeps a session for two minutes, so that a browser finds its own again after the
network was away. Each holds three file descriptors. At the sign-in page there is nothing to find
again. Which session is a socket's Streamlit does not tell: a test holds this to what it does.
"""

from streamlit.runtime import get_instance


def session_just_begun() -> str:
    """The id of the session that began last, on the thread that begins them."""
    sessions = get_instance()._session_mgr  # noqa: SLF001 - no other way
    return sessions.list_active_sessions()[-1].session.id


def let_go(session_id: str) -> None:
    """End a session, unless another socket has taken it up."""
    runtime = get_instance()
    if not runtime.is_active_session(session_id):
        runtime.close_session(session_id)
