"""Stripe's card fields as a Streamlit component; the card number never reaches Python."""

from cardpay_card_form.contract import (
    ActionResult,
    CardFormState,
    Malformed,
    NewPayment,
    Outcome,
    Press,
    Submission,
)
from cardpay_card_form.mounting import (
    action_result,
    card_form,
    new_payment,
    pressed,
    submitted,
)

__all__ = [
    "ActionResult",
    "CardFormState",
    "Malformed",
    "NewPayment",
    "Outcome",
    "Press",
    "Submission",
    "action_result",
    "card_form",
    "new_payment",
    "pressed",
    "submitted",
]
