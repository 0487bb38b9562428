"""A script in the browser: warn before somebody leaves during a charge.

The only module that uses streamlit-javascript. Its scripts are fixed: no text that somebody
typed becomes part of one, and nothing about money depends on their result.
"""

from streamlit_javascript import st_javascript

_WARN_BEFORE_LEAVING = """
(() => {
  const page = window.parent;
  page.onbeforeunload = (event) => {
    if (page.document.querySelector('[data-cardpay-busy="true"]')) {
      event.preventDefault();
      event.returnValue = "";
    }
  };
  return 1;
})()
"""


def warn_before_leaving() -> None:
    """Have the browser ask "Leave this page?" while the card form waits for a result."""
    st_javascript(_WARN_BEFORE_LEAVING, key="cardpay.guard")
