"""How much of the demo's past is made: the last days are there at once, the rest follows."""

import streamlit as st

from cardpay.demo.controls.controls import Controls

# How often it looks: a page's own reruns are not waited for.
_IN_MENU_SECONDS = 1.0
_IN_HEADER_SECONDS = 2.0


def header_line(controls: Controls | None) -> None:
    """Draw a line at the header's edge, while the past is being made.

    Its place is always there: were it to go, the page below would move up, and a card form with a
    typed card be mounted anew.
    """
    with st.container(key="demo-past"):
        if controls is not None and controls.progress is not None:
            st.fragment(_edge, run_every=_IN_HEADER_SECONDS)(controls)
        else:
            st.empty()


def past_progress(controls: Controls) -> None:
    """Draw a line that says how far it is, for the menu."""
    if controls.progress is not None:
        st.fragment(_line, run_every=_IN_MENU_SECONDS)(controls)
    else:
        st.empty()


def _edge(controls: Controls) -> None:
    if (progress := controls.progress) is not None:
        st.progress(progress.share)
    else:
        st.empty()


def _line(controls: Controls) -> None:
    if (progress := controls.progress) is None:
        st.markdown(":small[The company's past is complete.]")
        return
    words = f"The company's past is being made: {progress.reached:%B %Y}"
    st.progress(progress.share, text=words)
