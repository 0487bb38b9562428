"""Stripe's card fields as a Streamlit component; the card number never reaches Python."""

from cardpay_card_form.contract import (
    ActionResult,
    CardFormState,
    Malformed,
    Outcome,
    Submission,
)
from cardpay_card_form.mounting import action_result, card_form, submitted

__all__ = [
    "ActionResult",
    "CardFormState",
    "Malformed",
    "Outcome",
    "Submission",
    "action_result",
    "card_form",
    "submitted",
]
