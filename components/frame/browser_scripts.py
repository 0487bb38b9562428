"""What only the browser can do: print the receipt, and ask before a charge is left alone.

The one module that uses streamlit-javascript. It runs fixed scripts; no text that somebody
typed ever becomes part of one, and nothing about money depends on their result.
"""

from streamlit_javascript import st_javascript

_GUARD = """
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


def guard_charges_in_flight() -> None:
    """Ask "leave this page?" while the card form is waiting for an outcome."""
    st_javascript(_GUARD, key="cardpay.guard")


def print_page(request_id: str) -> None:
    """Open the print dialog, once for each `request_id`."""
    st_javascript("(() => { window.parent.print(); return 1; })()", key=f"cardpay.{request_id}")
