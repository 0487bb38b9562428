"""Every reason for a decline has its advice, and what must not be told is not told."""

import re

import pytest
from stripe import PaymentIntent

from cardpay.domain.payment.declines import (
    KNOWN_CODES,
    REASON_NOT_FOR_CALLER,
    WITHOUT_REASON,
    CardKept,
    advice_for,
    card_kept,
)

# Stripe docs, "Decline codes".
DECLINE_CODES = (
    "approve_with_id authentication_not_handled authentication_required call_issuer"
    " card_not_supported card_velocity_exceeded currency_not_supported do_not_honor"
    " do_not_try_again duplicate_transaction expired_card fraudulent generic_decline"
    " incorrect_address incorrect_cvc incorrect_number incorrect_pin incorrect_zip"
    " insufficient_funds invalid_account invalid_amount invalid_cvc invalid_expiry_month"
    " invalid_expiry_year invalid_number invalid_pin issuer_not_available lost_card"
    " merchant_blacklist mobile_device_authentication_required new_account_information_available"
    " no_action_taken not_permitted offline_pin_required online_or_offline_pin_required"
    " pickup_card pin_try_exceeded previously_declined_do_not_retry processing_error"
    " reenter_transaction restricted_card"
    " revocation_of_all_authorizations revocation_of_authorization security_violation"
    " service_not_allowed stolen_card stop_payment_order testmode_decline"
    " transaction_not_allowed try_again_later withdrawal_count_limit_exceeded"
).split()

# Which of the SDK's error codes are about a card that was tried.
_ABOUT_THE_CARD = re.compile(
    r"card_decline.*|expired_card|incorrect_.*|invalid_(card_type|number|cvc|expiry_.*)"
    r"|insufficient_funds|processing_error|authentication_(required|failure)"
    r"|payment_intent_authentication_failure"
)


def sdk_codes() -> list[str]:
    """The codes of `last_payment_error` that Stripe's SDK declares and that concern the card."""
    declared = str(PaymentIntent.LastPaymentError.__annotations__["code"])
    codes = re.findall(r"'(\w+)'|\"(\w+)\"", declared)
    return sorted({code for pair in codes for code in pair if _ABOUT_THE_CARD.fullmatch(code)})


def test_every_decline_code_has_its_own_advice() -> None:
    """Only what has no reason, or one that is not for the caller, gets the general advice."""
    for code in DECLINE_CODES:
        advice = advice_for("card_declined", code)
        general = code in REASON_NOT_FOR_CALLER | {"generic_decline"}
        assert (advice == WITHOUT_REASON) is general, code
        assert advice.title, code
        assert advice.say.endswith((".", "?")), code
        assert advice.do_next.endswith("."), code


def test_every_error_code_of_the_sdk_that_concerns_a_card_is_known() -> None:
    """A new SDK with a new code fails here, not on the phone."""
    codes = sdk_codes()
    assert len(codes) >= 15
    assert set(codes) <= KNOWN_CODES


@pytest.mark.parametrize("code", sorted(REASON_NOT_FOR_CALLER))
def test_a_reason_that_must_not_be_told_cannot_be_told(code: str) -> None:
    """Staff read the very words of a decline without a reason."""
    assert advice_for("card_declined", code) == advice_for("card_declined", "generic_decline")
    assert advice_for(code, None) == WITHOUT_REASON


def test_nothing_that_staff_read_hints_at_crime() -> None:
    """No advice at all speaks of loss, theft, fraud or block lists."""
    crime = re.compile(r"lost|stolen|theft|fraud|suspect|pick.?up|black.?list|restrict")
    for code in DECLINE_CODES:
        advice = advice_for("card_declined", code)
        words = f"{advice.title} {advice.say} {advice.do_next}".lower()
        assert not crime.search(words), code


@pytest.mark.parametrize(
    ("code", "decline_code", "title"),
    [
        pytest.param("card_declined", "insufficient_funds", "Not enough funds", id="closer one"),
        pytest.param("expired_card", None, "Card expired", id="error code alone"),
        pytest.param("incorrect_cvc", "brand_new", "Wrong security code", id="new decline code"),
        pytest.param("brand_new", None, "Card declined", id="new error code"),
        pytest.param(None, None, "Card declined", id="no code"),
        pytest.param(
            "payment_intent_authentication_failure", None, "Authentication failed", id="3-D Secure"
        ),
    ],
)
def test_the_closest_reason_wins(code: str | None, decline_code: str | None, title: str) -> None:
    """The decline code before the error code, and the general advice for what is unknown."""
    assert advice_for(code, decline_code).title == title


def test_a_duplicate_is_looked_for_before_a_second_try() -> None:
    """The one decline after which the order may be paid already."""
    assert "search Payments" in advice_for("card_declined", "duplicate_transaction").do_next


@pytest.mark.parametrize(
    ("code", "decline_code", "advice_code", "kept"),
    [
        ("incorrect_cvc", "incorrect_cvc", None, CardKept.WITHOUT_CODE),
        ("processing_error", "processing_error", None, CardKept.ALL),
        ("card_declined", "try_again_later", "try_again_later", CardKept.ALL),
        ("card_declined", "of_tomorrow", "try_again_later", CardKept.ALL),
        ("card_declined", "of_tomorrow", None, CardKept.NOTHING),
        ("card_declined", "insufficient_funds", "try_again_later", CardKept.NOTHING),
        ("card_declined", "generic_decline", "try_again_later", CardKept.NOTHING),
        ("card_declined", "stolen_card", "try_again_later", CardKept.NOTHING),
        ("processing_error", "processing_error", "do_not_try_again", CardKept.NOTHING),
        ("payment_intent_authentication_failure", None, None, CardKept.NOTHING),
        (None, None, None, CardKept.NOTHING),
    ],
)
def test_only_a_card_that_may_work_stays_typed(
    code: str | None, decline_code: str | None, advice_code: str | None, kept: CardKept
) -> None:
    """What staff are told to do next is what the form makes easy."""
    assert card_kept(code, decline_code, advice_code) is kept
