"""Stripe's published test cards as pills: a press fills one in, or copies its number."""

from collections.abc import Callable
from functools import cache
from html import escape
from typing import Any, Final

import streamlit as st

# Stripe docs: "Test card numbers". One that declines does so whatever is typed besides, as at
# Stripe: with "Code 0127" every security code is the wrong one, and only another card pays.
TEST_CARDS: Final = (
    (
        "Succeeds",
        (
            ("Visa 4242", "4242424242424242"),
            ("Mastercard 4444", "5555555555554444"),
            ("Amex 0005", "378282246310005"),
        ),
    ),
    (
        "Asks the cardholder",
        (
            ("3-D Secure 3155", "4000002500003155"),
            ("3-D Secure, declined 1629", "4000008400001629"),
        ),
    ),
    (
        "Always declines",
        (
            ("Generic 0002", "4000000000000002"),
            ("Funds 9995", "4000000000009995"),
            ("Code 0127", "4000000000000127"),
            ("Expired 0069", "4000000000000069"),
            ("Lost 9987", "4000000000009987"),
            ("Stolen 9979", "4000000000009979"),
            ("Limit 6975", "4000000000006975"),
            ("Error 0119", "4000000000000119"),
        ),
    ),
    ("Later", (("Disputed 0259", "4000000000000259"), ("Blocked 0019", "4100000000000019"))),
)

_CSS: Final = """
section { font-family: var(--st-font); color: var(--st-text-color); font-size: 14px }
h2 { font-size: 14px; font-weight: 400; margin: 0; display: flex; gap: 8px }
h2 small { font-size: 12px; margin-left: auto }
h3 { font-size: 12px; font-weight: 400; margin: 8px 0 4px }
div { display: flex; flex-wrap: wrap; gap: 6px }
button {
  font: inherit; color: inherit; cursor: pointer; background: transparent; padding: 3px 10px;
  border: 1px solid var(--st-border-color); border-radius: 16px; min-height: 28px;
}
button:hover { border-color: var(--st-primary-color) }
button:focus-visible { outline: 3px solid var(--st-link-color); outline-offset: 1px }
"""


def test_cards() -> None:
    """Draw them, as one element: each of Streamlit's own would take its time at every change."""
    _component()(key="cardpay.demo.cards")


@cache
def _component() -> Callable[..., Any]:
    groups = "".join(
        f"<h3>{escape(effect)}</h3><div>{''.join(_pill(*card) for card in cards)}</div>"
        for effect, cards in TEST_CARDS
    )
    html = (
        "<section><h2>Test cards <small role='status'>A press fills the card in, or copies it"
        f"</small></h2>{groups}</section>"
    )
    # Its script is a file: the content policy lets no script run that came as a text.
    return st.components.v2.component(
        "cardpay-card-form.test_cards", html=html, css=_CSS, js="test_card_pills-*.js"
    )


def _pill(name: str, number: str) -> str:
    return f'<button type="button" data-number="{number}">{escape(name)}</button>'
