"""What is larger, longer or more than anything of Stripe's is refused, cut or not read."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cardpay.domain.money import Money
from cardpay.domain.payment.order import Draft
from cardpay.domain.product_rules import Product
from cardpay.domain.stripe_facts.snapshots import OWN_METADATA
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.snapshot_parsing import WrongForm
from cardpay.gateway.text_sanitizer import sanitize_text
from cardpay.services.taking.create_payment import create_request
from tests.support.desks.given_stripe import EXAMPLES

Read = Callable[[Mapping[str, Any]], Any]
READ: Mapping[str, Read] = {
    "payment_intent": snapshot_parsing.payment_intent,
    "charge": snapshot_parsing.charge,
    "refund": snapshot_parsing.refund,
    "dispute": snapshot_parsing.dispute,
    "payout": snapshot_parsing.payout,
    "balance_transaction": snapshot_parsing.balance_transaction,
}
AMOUNTS = [
    *(("payment_intent", name) for name in ("amount", "amount_received", "amount_capturable")),
    *(("charge", name) for name in ("amount", "amount_captured", "amount_refunded")),
    ("refund", "amount"),
    ("dispute", "amount"),
    ("payout", "amount"),
    *(("balance_transaction", name) for name in ("amount", "fee", "net")),
]
_SIGNED = {"payout", "balance_transaction"}


@pytest.mark.parametrize(("kind", "name"), AMOUNTS)
@pytest.mark.parametrize("amount", [-(10**15), -1, 10**14, 10**14 + 1, 2**63 - 1])
def test_amounts_that_add_up(kind: str, name: str, amount: int) -> None:
    """None is so large that a sum would not fit; what is no movement is not below zero."""
    given = EXAMPLES[kind] | {name: amount}
    if abs(amount) <= 10**14 and (amount >= 0 or kind in _SIGNED):
        READ[kind](given)
    else:
        with pytest.raises(WrongForm, match=name):
            READ[kind](given)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1])
def test_small_numbers_that_a_column_holds(value: int) -> None:
    """Years, months and scores have 32 bits."""
    card = {"brand": "visa", "exp_month": 12, "exp_year": value}
    for strange in (
        {"payment_method_details": {"type": "card", "card": card}},
        {"outcome": {"type": "authorized", "risk_score": value}},
    ):
        with pytest.raises(WrongForm):
            snapshot_parsing.charge(EXAMPLES["charge"] | strange)


@pytest.mark.parametrize("kind", ["payment_intent", "refund"])
def test_others_metadata_is_not_read(kind: str) -> None:
    """All that the desk writes is, and of others' fifty keys nothing."""
    own = dict.fromkeys(OWN_METADATA, "7")
    others = {f"{number:02}" * 20: "4242" * 125 for number in range(50)}
    assert READ[kind](EXAMPLES[kind] | {"metadata": own | others}).metadata == own


def test_all_that_the_desk_writes_is_read() -> None:
    """What an unanswered request made is known by all of its metadata."""
    product = Product("p1", "Ticket", 1_000, "gbp")
    draft = Draft("id", "p1", 1, "Ann", "", "", "SO-1", "")
    assert create_request(draft, product, Money(1_000, "gbp"), "u")["metadata"].keys() | {
        "refund_id"
    } == set(OWN_METADATA)


@pytest.mark.parametrize("value", [7, ["SO-1"], {"a": 1}, True])
def test_metadata_that_is_no_text(value: object) -> None:
    """Stripe's values are texts."""
    with pytest.raises(WrongForm, match="metadata"):
        snapshot_parsing.payment_intent(
            EXAMPLES["payment_intent"] | {"metadata": {"order_reference": value}}
        )


def test_a_text_that_is_cut_holds_no_number() -> None:
    """The cut makes one of twenty digits a card number: it is masked as well."""
    text = "x" * 484 + "42424242424242429999"
    assert len(text) > 500
    kept = sanitize_text(text)
    assert len(kept) <= 500
    assert "4242424242424242" not in kept


def test_words_are_short() -> None:
    """Indexes hold several of them; a message may be longer."""
    long = "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 5_000
    found = snapshot_parsing.charge(EXAMPLES["charge"] | {"failure_code": long})
    assert len(found.failure_code or "") == 100
    error = snapshot_parsing.payment_error({"message": long, "code": long})
    assert error is not None
    assert (len(error.message or ""), len(error.code or "")) == (500, 100)
