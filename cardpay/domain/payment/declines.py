"""What a failed attempt means, what to say to the caller, and what to do next.

Codes: Stripe docs, "Decline codes" and "Error codes". Where Stripe says not to give the customer
the reason (a lost or stolen card, suspected fraud, a block list), staff get the same words as for
a decline without a reason, so that nothing can slip out on the phone.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True)
class Advice:
    """A title for the screen, what to say to the caller, and what staff do next."""

    title: str
    say: str
    do_next: str


_DECLINED: Final = "Your bank declined this card. Do you have another one?"
_NOT_THIS_WAY: Final = "Your bank doesn't allow this payment. Do you have another card?"
_ASK_BANK: Final = "Their bank can tell them why."
_OTHER_CARD: Final = "Take another card."
_ONCE_MORE: Final = "Try this card once more. If it's declined again, take another card."
_CHECK_AND_RETRY: Final = "Check it with the caller, then try again."
_NO_PIN: Final = "A PIN can't be used by phone. Take another card."

WITHOUT_REASON: Final = Advice("Card declined", _DECLINED, _ASK_BANK)
"""For a decline whose reason is unknown, and for one whose reason the caller must not be given."""

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

NOT_ABOUT_THE_CARD: Final = frozenset(
    {"issuer_not_available", "processing_error", "reenter_transaction", "try_again_later"}
)
"""Declined, but not for anything about the card: the limits on declines leave these out."""

_NOT_AUTHENTICATED: Final = Advice(
    "Authentication failed",
    "Your bank couldn't confirm that it's you. Do you have another card?",
    "Try this card again only if the cardholder can confirm with their bank now.",
)
_AUTHENTICATION_NEEDED: Final = Advice(
    "Authentication needed",
    "Your bank wants you to confirm this payment online, which we can't do by phone. Do you have "
    "another card?",
    _OTHER_CARD,
)
_WRONG_NUMBER: Final = Advice(
    "Wrong card number", "Could you read the card number to me again?", _CHECK_AND_RETRY
)
_WRONG_CVC: Final = Advice(
    "Wrong security code",
    "Could you read me the security code again? It's the last 3 digits on the back, or 4 digits "
    "on the front of an American Express card.",
    _CHECK_AND_RETRY,
)
_WRONG_EXPIRY: Final = Advice(
    "Wrong expiry date", "Could you read the expiry date to me again?", _CHECK_AND_RETRY
)
_WRONG_POSTAL_CODE: Final = Advice(
    "Wrong postal code",
    "What's the postal code of the address where you get this card's statements?",
    _CHECK_AND_RETRY,
)
_WRONG_ADDRESS: Final = Advice(
    "Wrong address",
    "What's the address where you get this card's statements?",
    "Check it with the caller, then try again or take another card.",
)
_WRONG_PIN: Final = Advice(
    "Wrong PIN", "Your bank asked for a PIN. Do you have another card?", _NO_PIN
)
_PIN_NEEDED: Final = Advice(
    "PIN needed", "This card needs its PIN. Do you have another one?", _NO_PIN
)
_STOPPED: Final = Advice(
    "Payments stopped by the cardholder",
    "Your bank says you stopped payments to us from this card. Do you have another one?",
    "Don't try this card again. The caller can ask their bank to allow payments to us.",
)
_CARD_LIMIT: Final = Advice(
    "Card limit reached",
    "This card has reached its limit. Do you have another one?",
    "Take another card. Their bank can tell them when this one works again.",
)

_ADVICE: Final[dict[str, Advice]] = {
    **dict.fromkeys(REASON_NOT_FOR_CALLER, WITHOUT_REASON),
    "approve_with_id": Advice(
        "Not authorised", "Your bank didn't authorise the payment. Can I try again?", _ONCE_MORE
    ),
    "authentication_failure": _NOT_AUTHENTICATED,
    "authentication_not_handled": _AUTHENTICATION_NEEDED,
    "authentication_required": _AUTHENTICATION_NEEDED,
    "call_issuer": Advice(
        "Declined: the caller should ring their bank",
        "Your bank declined this card and asks you to ring them. Do you have another one?",
        _OTHER_CARD,
    ),
    "card_decline_rate_limit_exceeded": Advice(
        "Declined too many times",
        "This card has been declined too many times today. Do you have another one?",
        "Don't try this card again for 24 hours.",
    ),
    "card_declined": WITHOUT_REASON,
    "card_not_supported": Advice(
        "Purchase not supported",
        "This card can't be used for this kind of purchase. Do you have another one?",
        _OTHER_CARD,
    ),
    "card_velocity_exceeded": _CARD_LIMIT,
    "currency_not_supported": Advice(
        "Currency not supported",
        "This card can't pay in this currency. Do you have another one?",
        _OTHER_CARD,
    ),
    "do_not_honor": Advice("Declined by the bank", _DECLINED, _ASK_BANK),
    "do_not_try_again": Advice(
        "Declined permanently", _DECLINED, "Don't try this card again. " + _ASK_BANK
    ),
    "duplicate_transaction": Advice(
        "Possible duplicate",
        "This payment may already have gone through. Let me check.",
        "Before you try again, search Payments for this order. If it isn't paid, wait a few "
        "minutes and try once more.",
    ),
    "expired_card": Advice(
        "Card expired",
        "This card has expired. Do you have a new one?",
        "Take the new card, or another one.",
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
        "The card doesn't have enough funds for this. Do you have another one?",
        "Take another card, or offer to take the payment later.",
    ),
    "invalid_account": Advice(
        "Card or account not valid",
        "Your bank says this card can't be used. Do you have another one?",
        _ASK_BANK,
    ),
    "invalid_amount": Advice(
        "Amount not allowed",
        "Your bank doesn't allow a payment of this amount. Do you have another card?",
        "Check the total. If it's right, take another card.",
    ),
    "invalid_card_type": Advice(
        "Card type not accepted",
        "We can't take this type of card. Do you have another one?",
        _OTHER_CARD,
    ),
    "invalid_cvc": _WRONG_CVC,
    "invalid_expiry_month": _WRONG_EXPIRY,
    "invalid_expiry_year": _WRONG_EXPIRY,
    "invalid_number": _WRONG_NUMBER,
    "invalid_pin": _WRONG_PIN,
    "issuer_not_available": Advice(
        "Bank not responding", "Your bank isn't responding. Can I try again?", _ONCE_MORE
    ),
    "mobile_device_authentication_required": _AUTHENTICATION_NEEDED,
    "new_account_information_available": Advice(
        "Card replaced",
        "Your bank says this card has been replaced. Do you have the new one?",
        "Take the new card, or another one.",
    ),
    "no_action_taken": Advice("Not processed by the bank", _DECLINED, _ASK_BANK),
    "not_permitted": Advice("Not permitted", _NOT_THIS_WAY, _ASK_BANK),
    "offline_pin_required": _PIN_NEEDED,
    "online_or_offline_pin_required": _PIN_NEEDED,
    "payment_intent_authentication_failure": _NOT_AUTHENTICATED,
    "pin_try_exceeded": Advice(
        "Too many wrong PINs",
        "The PIN of this card was entered wrongly too many times. Do you have another one?",
        _OTHER_CARD,
    ),
    "previously_declined_do_not_retry": Advice(
        "Declined before", _DECLINED, "Don't try this card again. " + _ASK_BANK
    ),
    "processing_error": Advice(
        "Processing error",
        "There was a technical problem. It's not your card. Can I try again?",
        "Try this card once more. If it fails again, wait a few minutes.",
    ),
    "reenter_transaction": Advice(
        "Not processed by the bank",
        "Your bank couldn't process the payment. Can I try again?",
        _ONCE_MORE,
    ),
    "requested_block_on_incorrect_cvc": _WRONG_CVC,
    "revocation_of_all_authorizations": _STOPPED,
    "revocation_of_authorization": _STOPPED,
    "service_not_allowed": Advice("Service not allowed", _NOT_THIS_WAY, _ASK_BANK),
    "stop_payment_order": _STOPPED,
    "testmode_decline": Advice(
        "Test card used",
        "This is a test card. Do you have another one?",
        "Take a real card. In demo and test mode, use one of the test cards.",
    ),
    "transaction_not_allowed": Advice("Transaction not allowed", _NOT_THIS_WAY, _ASK_BANK),
    "try_again_later": Advice(
        "Bank asks to try again later",
        "Your bank can't process the payment right now. Can I try again?",
        _ONCE_MORE,
    ),
    "withdrawal_count_limit_exceeded": _CARD_LIMIT,
}

KNOWN_CODES: Final = frozenset(_ADVICE)


def advice_for(code: str | None, decline_code: str | None) -> Advice:
    """What to say and do after an attempt failed with these codes of Stripe's.

    The decline code is the more exact reason. Unknown codes get the general advice.
    """
    for known in (decline_code, code):
        if known is not None and known in _ADVICE:
            return _ADVICE[known]
    return WITHOUT_REASON


class CardKept(StrEnum):
    """What stays in the card fields after a failed attempt."""

    ALL = "all"
    WITHOUT_CODE = "without_code"
    NOTHING = "nothing"


_WRONG_CODE: Final = frozenset(
    {"incorrect_cvc", "invalid_cvc", "requested_block_on_incorrect_cvc"}
)
_TRY_AGAIN: Final = NOT_ABOUT_THE_CARD | {"approve_with_id"}


def card_kept(code: str | None, decline_code: str | None, advice_code: str | None) -> CardKept:
    """What of the card is worth keeping after an attempt failed with these codes of Stripe's.

    A card that may work if it is tried once more stays, and so does all but a wrong security
    code. The network's `advice_code` (Stripe docs: "Advice codes") can forbid another try. That it
    advises one for later counts only where the reason is unknown: Stripe says so of most declines,
    and means another day.
    """
    codes = {code, decline_code} - {None}
    if codes & REASON_NOT_FOR_CALLER or advice_code == "do_not_try_again":
        return CardKept.NOTHING
    if codes & _WRONG_CODE:
        return CardKept.WITHOUT_CODE
    is_unknown = (decline_code or code) not in KNOWN_CODES
    if codes & _TRY_AGAIN or (is_unknown and advice_code == "try_again_later"):
        return CardKept.ALL
    return CardKept.NOTHING
