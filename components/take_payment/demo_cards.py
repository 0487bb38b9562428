"""Stripe's published test cards, shown in demo and test mode."""

from collections.abc import Callable
from functools import cache
from html import escape
from typing import Any, Final

import streamlit as st

# Stripe docs: "Test card numbers".
TEST_CARDS: Final = (
    ("4242424242424242", "Succeeds (Visa)"),
    ("5555555555554444", "Succeeds (Mastercard)"),
    ("378282246310005", "Succeeds (American Express)"),
    ("4000002500003155", "Needs 3-D Secure"),
    ("4000008400001629", "3-D Secure, then declined"),
    ("4000000000000002", "Declined"),
    ("4000000000009995", "Declined: insufficient funds"),
    ("4000000000009987", "Declined: lost card"),
    ("4000000000009979", "Declined: stolen card"),
    ("4000000000000069", "Declined: expired card"),
    ("4000000000000127", "Declined: wrong security code"),
    ("4000000000000119", "Declined: processing error"),
    ("4000000000006975", "Declined: card limit reached"),
    ("4100000000000019", "Blocked as fraudulent"),
    ("4000000000000259", "Succeeds, then disputed"),
)

_CSS: Final = """
section {
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  padding: 1rem; font-family: var(--st-font); color: var(--st-text-color);
}
h2 { font-size: 1rem; margin: 0 0 .3rem }
p { margin: 0 0 .6rem; font-size: .875rem; opacity: .8 }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem;
     grid-template-columns: repeat(auto-fill, minmax(12.5rem, 1fr)) }
li { font-size: .875rem }
.card { display: flex; align-items: center; gap: .4rem }
code { font-family: var(--st-code-font); font-size: .8rem; white-space: nowrap }
button {
  font: inherit; font-size: .8rem; color: inherit; cursor: pointer; margin-left: auto;
  background: transparent; border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius); padding: .1rem .5rem;
}
button:hover, button:focus-visible { border-color: var(--st-primary-color) }
"""


def test_cards() -> None:
    """Draw each test card with what it does and a copy button.

    As one element: thirty of Streamlit's own take a tenth of a second at every change.
    """
    with st.container(key="test-cards"):
        _component()(key="test-cards.list")


@cache
def _component() -> Callable[..., Any]:
    cards = "".join(
        f'<li>{escape(effect)}<div class="card"><code>{_grouped(number)}</code>'
        f'<button type="button" data-number="{number}" aria-label="Copy {_grouped(number)}">'
        "Copy</button></div></li>"
        for number, effect in TEST_CARDS
    )
    html = (
        "<section><h2>Test cards</h2><p>Use any future expiry date, any security code and any "
        f"postal code.</p><ul>{cards}</ul></section>"
    )
    # Its script is a file: the content policy lets no script run that came as a text.
    return st.components.v2.component(
        "cardpay-card-form.test_cards", html=html, css=_CSS, js="copy_card_number-*.js"
    )


def _grouped(number: str) -> str:
    """As it stands on a card: 4-4-4-4, American Express 4-6-5."""
    ends = (4, 10, 15) if len(number) == 15 else (4, 8, 12, 16)
    return " ".join(number[start:end] for start, end in zip((0, *ends[:-1]), ends, strict=True))
