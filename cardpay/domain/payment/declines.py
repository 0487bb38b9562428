"""What a failed attempt means, what to tell the caller, and what to do next.

Codes: Stripe docs, "Decline codes" and "Error codes". Where Stripe says that the reason must
not be told to the customer (a lost or stolen card, suspected fraud, a block list), staff get
the same words as for a decline without a reason, so that nothing can slip out on the phone.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Advice:
    """A title for the screen, a sentence for the caller, and the next step for staff."""

    title: str
    tell_caller: str
    do_next: str


_DECLINED: Final = "The card was declined."
_OTHER_CARD: Final = "Ask for another card."
_BANK_OR_OTHER: Final = (
    "Ask for another card. For the reason, the caller has to ask the bank that issued this one."
)
_ONCE_MORE: Final = "Try the same card once more. If it is declined again, ask for another card."
_CHECK_AND_RETRY: Final = "Ask for the details again, digit by digit, and try once more."
_NO_PIN: Final = (
    "A PIN cannot be used on the phone. Ask for another card, or take the payment at a card "
    "reader."
)

WITHOUT_REASON: Final = Advice("Card declined", _DECLINED, _BANK_OR_OTHER)
"""For a decline whose reason is unknown, and for one whose reason must not be told."""

REASON_NOT_FOR_CALLER: Final = frozenset(
    {
        "fraudulent",
        "highest_risk_level",
        "lost_card",
        "merchant_blacklist",
        "pickup_card",
        "restricted_card",
        "security_violation",
        "stolen_card",
    }
)

_NOT_AUTHENTICATED: Final = Advice(
    "Authentication failed",
    "Your bank could not confirm that it is you.",
    "Try again only if the cardholder can answer the bank's question now. Otherwise ask for "
    "another card.",
)
_AUTHENTICATION_NEEDED: Final = Advice(
    "Authentication needed",
    "Your bank wants you to confirm this payment yourself, which cannot be done on the phone.",
    "Ask for another card, or send the caller a payment link.",
)
_WRONG_NUMBER: Final = Advice(
    "Wrong card number", "The card number does not seem to be right.", _CHECK_AND_RETRY
)
_WRONG_CVC: Final = Advice(
    "Wrong security code",
    "The security code does not match. It is the three digits on the back, or four on the "
    "front of an American Express card.",
    "Ask for the security code again and try once more.",
)
_WRONG_MONTH: Final = Advice(
    "Wrong expiry date", "The expiry month does not seem to be right.", _CHECK_AND_RETRY
)
_WRONG_YEAR: Final = Advice(
    "Wrong expiry date", "The expiry year does not seem to be right.", _CHECK_AND_RETRY
)
_WRONG_POSTAL_CODE: Final = Advice(
    "Wrong postal code",
    "The postal code does not match the one your bank has.",
    "Ask for the postal code of the card's billing address and try once more.",
)
_WRONG_ADDRESS: Final = Advice(
    "Wrong address",
    "The address does not match the one your bank has.",
    "Ask for the card's billing address and try once more, or ask for another card.",
)
_WRONG_PIN: Final = Advice("Wrong PIN", "The PIN was not right.", _NO_PIN)
_PIN_NEEDED: Final = Advice("PIN needed", "This card asks for its PIN.", _NO_PIN)
_REVOKED: Final = Advice(
    "Payments stopped by the cardholder",
    "Your bank says that payments to us from this card were stopped.",
    "Don't try this card again. Ask for another card, or the caller may lift it at the bank.",
)

_ADVICE: Final[dict[str, Advice]] = {
    **dict.fromkeys(REASON_NOT_FOR_CALLER, WITHOUT_REASON),
    "approve_with_id": Advice(
        "Not authorised", "The bank could not authorise the payment.", _ONCE_MORE
    ),
    "authentication_failure": _NOT_AUTHENTICATED,
    "authentication_not_handled": _AUTHENTICATION_NEEDED,
    "authentication_required": _AUTHENTICATION_NEEDED,
    "call_issuer": Advice(
        "Bank wants a call", "Your bank declined the payment and asks you to call it.", _OTHER_CARD
    ),
    "card_decline_rate_limit_exceeded": Advice(
        "Too many declines",
        "This card was declined too often today.",
        "Don't try this card again for 24 hours. Ask for another card.",
    ),
    "card_declined": WITHOUT_REASON,
    "card_not_supported": Advice(
        "Purchase not supported",
        "This card cannot be used for this kind of purchase.",
        _OTHER_CARD,
    ),
    "card_velocity_exceeded": Advice(
        "Card limit reached",
        "The card has reached a limit that the bank sets.",
        "Ask for another card. The caller may ask the bank about the limit, and call again.",
    ),
    "currency_not_supported": Advice(
        "Currency not supported", "This card cannot pay in this currency.", _OTHER_CARD
    ),
    "do_not_honor": Advice("Declined by the bank", _DECLINED, _BANK_OR_OTHER),
    "do_not_try_again": Advice(
        "Declined for good", _DECLINED, "Don't try this card again. " + _OTHER_CARD
    ),
    "duplicate_transaction": Advice(
        "Looks like a duplicate",
        "The bank thinks that this payment was made already. We are checking.",
        "Before trying again, search Payments for this order: it may be paid. If it is not, wait "
        "a few minutes and try once more.",
    ),
    "expired_card": Advice(
        "Card expired", "The card has expired.", "Ask for the new card, or for another card."
    ),
    "generic_decline": WITHOUT_REASON,
    "incorrect_address": _WRONG_ADDRESS,
    "incorrect_cvc": _WRONG_CVC,
    "incorrect_number": _WRONG_NUMBER,
    "incorrect_pin": _WRONG_PIN,
    "incorrect_postal_code": _WRONG_POSTAL_CODE,
    "incorrect_zip": _WRONG_POSTAL_CODE,
    "insufficient_funds": Advice(
        "Not enough funds",
        "The card does not have enough funds for this payment.",
        "Ask for another card, or offer to take the payment later.",
    ),
    "invalid_account": Advice(
        "Account not valid", "The bank says that this card cannot be used.", _BANK_OR_OTHER
    ),
    "invalid_amount": Advice(
        "Amount refused",
        "The bank does not allow a payment of this amount.",
        "Check the quantity and the total. If they are right, ask for another card.",
    ),
    "invalid_card_type": Advice(
        "Card type not accepted", "We cannot take this type of card.", _OTHER_CARD
    ),
    "invalid_cvc": _WRONG_CVC,
    "invalid_expiry_month": _WRONG_MONTH,
    "invalid_expiry_year": _WRONG_YEAR,
    "invalid_number": _WRONG_NUMBER,
    "invalid_pin": _WRONG_PIN,
    "issuer_not_available": Advice(
        "Bank not reachable", "Your bank cannot be reached at the moment.", _ONCE_MORE
    ),
    "mobile_device_authentication_required": _AUTHENTICATION_NEEDED,
    "new_account_information_available": Advice(
        "Card was replaced",
        "The bank says that there is newer information for this card.",
        "Ask for the details of the new card.",
    ),
    "no_action_taken": Advice(
        "Bank took no action", "The bank did not process the payment.", _BANK_OR_OTHER
    ),
    "not_permitted": Advice("Not permitted", "The bank does not permit the payment.", _OTHER_CARD),
    "offline_pin_required": _PIN_NEEDED,
    "online_or_offline_pin_required": _PIN_NEEDED,
    "payment_intent_authentication_failure": _NOT_AUTHENTICATED,
    "pin_try_exceeded": Advice(
        "PIN blocked", "The PIN of this card was entered wrongly too often.", _OTHER_CARD
    ),
    "previously_declined_do_not_retry": Advice(
        "Declined before", _DECLINED, "This card cannot succeed here. " + _OTHER_CARD
    ),
    "processing_error": Advice(
        "Processing error",
        "There was a technical problem; it is not your card.",
        "Try the same card once more. If it fails again, wait a few minutes.",
    ),
    "reenter_transaction": Advice(
        "Bank asks to try again", "The bank could not process the payment.", _ONCE_MORE
    ),
    "requested_block_on_incorrect_cvc": _WRONG_CVC,
    "revocation_of_all_authorizations": _REVOKED,
    "revocation_of_authorization": _REVOKED,
    "service_not_allowed": Advice(
        "Service not allowed", "The bank does not allow this payment.", _BANK_OR_OTHER
    ),
    "stop_payment_order": _REVOKED,
    "testmode_decline": Advice(
        "Test card used",
        "This card number is for tests only.",
        "Ask for a real card. In demo and test mode, choose another of the test cards.",
    ),
    "transaction_not_allowed": Advice(
        "Transaction not allowed", "The bank does not allow this kind of payment.", _BANK_OR_OTHER
    ),
    "try_again_later": Advice(
        "Bank asks to try later", "The bank could not process the payment right now.", _ONCE_MORE
    ),
    "withdrawal_count_limit_exceeded": Advice(
        "Card limit reached",
        "The card has reached its limit of payments.",
        "Ask for another card, or offer to take the payment later.",
    ),
}

KNOWN_CODES: Final = frozenset(_ADVICE)


def advice_for(code: str | None, decline_code: str | None) -> Advice:
    """What to say and do after an attempt failed with an error code and perhaps a decline code.

    The decline code is the closer reason. Codes that Stripe adds later get the general advice.
    """
    for known in (decline_code, code):
        if known is not None and known in _ADVICE:
            return _ADVICE[known]
    return WITHOUT_REASON
