"""Whether a payment may be refunded, captured or cancelled, over every status there is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cardpay.domain.errors import (
    HoldExpired,
    InvalidInput,
    NotRefundable,
    PaymentBusy,
    PaymentClosed,
)
from cardpay.domain.money import Money
from cardpay.domain.payment.display_status import DisplayStatus, WrongState
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.status import CANCELLABLE, CONFIRMABLE, PaymentStatus
from cardpay.domain.payment_acts.act_facts import ActFacts
from cardpay.domain.payment_acts.cancel_rules import cancel_refusal
from cardpay.domain.payment_acts.capture_rules import (
    amount_to_capture,
    capture_refusal,
    released_by_capture,
)
from cardpay.domain.payment_acts.owner import OwnedElsewhere, Owner
from cardpay.domain.payment_acts.pay_rules import pay_refusal
from cardpay.domain.payment_acts.refund_rules import amount_to_refund, refund_refusal

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
S = PaymentStatus
STATUSES: list[PaymentStatus | str | None] = [*PaymentStatus, None, "brand_new"]


def facts(status: PaymentStatus | str | None = S.SUCCEEDED, **fields: Any) -> ActFacts:
    """£245.00 of a payment that nothing stands in the way of."""
    return replace(
        ActFacts(
            payment_id="p",
            status=status,
            display=DisplayStatus.SUCCEEDED,
            is_busy=False,
            left=Money(24_500, "gbp"),
            held=Money(24_500, "gbp"),
        ),
        **fields,
    )


@pytest.mark.parametrize("status", STATUSES)
def test_each_act_has_its_statuses(status: PaymentStatus | str | None) -> None:
    """And says so where the status is another one."""
    refused = {
        "refund": refund_refusal(facts(status)),
        "capture": capture_refusal(facts(status), NOW),
        "cancel": cancel_refusal(facts(status)),
    }
    offered = {act for act, why in refused.items() if why is None}
    expected: dict[PaymentStatus | str | None, set[str]] = {
        S.SUCCEEDED: {"refund"},
        S.REQUIRES_CAPTURE: {"capture", "cancel"},
        S.REQUIRES_PAYMENT_METHOD: {"cancel"},
        S.REQUIRES_CONFIRMATION: {"cancel"},
        S.REQUIRES_ACTION: {"cancel"},
    }
    assert offered == expected.get(status, set())
    assert {type(why) for why in refused.values() if why is not None} <= {WrongState}


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"is_busy": True}, PaymentBusy, "confirming this payment with Stripe"),
        ({"left": Money(0, "gbp")}, InvalidInput, "already fully refunded"),
        ({"method_type": "oxxo"}, NotRefundable, "Stripe can't refund this payment method."),
        (
            {"barring_dispute": DisputeStatus.NEEDS_RESPONSE},
            NotRefundable,
            "A disputed payment can't be refunded.",
        ),
        ({"barring_dispute": "brand_new"}, NotRefundable, "A disputed payment can't"),
        ({"barring_dispute": DisputeStatus.LOST}, NotRefundable, "has this money back already"),
        ({"barring_dispute": DisputeStatus.WON}, NotRefundable, "whose dispute was won"),
    ],
)
def test_why_nothing_is_refunded(fields: dict[str, Any], kind: type, words: str) -> None:
    """Each reason in words."""
    refused = refund_refusal(facts(**fields))
    assert isinstance(refused, kind)
    assert words in str(refused)


def test_a_hold_ends_with_its_time() -> None:
    """Up to the last moment it can be captured; without a time always."""
    before = facts(S.REQUIRES_CAPTURE, capture_before_at=NOW)
    assert capture_refusal(before, NOW - timedelta(seconds=1)) is None
    assert isinstance(capture_refusal(before, NOW), HoldExpired)
    assert isinstance(capture_refusal(replace(before, is_busy=True), NOW), PaymentBusy)
    assert cancel_refusal(before) is None


@pytest.mark.parametrize("owner", Owner)
@pytest.mark.parametrize("status", sorted(CANCELLABLE))
def test_what_others_own_is_cancelled_by_them(status: PaymentStatus, owner: Owner) -> None:
    """But a Checkout Session's hold by anybody. What has ended says that it has."""
    refused = cancel_refusal(facts(status, owner=owner))
    alone = (owner, status) == (Owner.CHECKOUT_SESSION, S.REQUIRES_CAPTURE)
    assert refused is None if alone else isinstance(refused, OwnedElsewhere)
    assert isinstance(cancel_refusal(facts(S.CANCELED, owner=owner)), WrongState)


def test_no_more_than_there_is() -> None:
    """The whole of it is the most, and nothing is nothing."""
    held = Money(24_500, "gbp")
    assert amount_to_capture(held, None) == held
    part = amount_to_capture(held, 5_000)
    assert released_by_capture(held, part) == Money(19_500, "gbp")
    assert amount_to_refund(held, 24_500) == held
    for amount in (amount_to_capture, amount_to_refund):
        for wrong in (0, -1, 24_501):
            with pytest.raises(InvalidInput):
                amount(held, wrong)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(("has_link", "reserves"), [(False, True), (False, False), (True, True)])
def test_a_card_is_tried_only_for_what_waits_for_one(
    status: PaymentStatus | str | None, has_link: bool, reserves: bool
) -> None:
    """Never for a link's PaymentIntent, nor once the order may have had another payment."""
    refused = pay_refusal(
        status, DisplayStatus.CANCELLED, has_link=has_link, reserves_order=reserves
    )
    if status not in CONFIRMABLE or has_link:
        assert isinstance(refused, WrongState)
    else:
        assert isinstance(refused, PaymentClosed) is not reserves
        assert (refused is None) is reserves
