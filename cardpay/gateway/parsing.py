"""From Stripe's JSON to domain snapshots.

It reads plain dicts (`StripeObject.to_dict()`, or the body of an error or an event), so that
one reader serves every way in which an object can arrive. Whoever wrote the words in it, card
numbers among them are masked here, before anything of it is stored or shown.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cardpay.domain.card_number_guard import is_our_id
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.stripe_facts.snapshots import (
    AccountSnapshot,
    BalanceTransactionSnapshot,
    CardSnapshot,
    ChargeSnapshot,
    DisputeSnapshot,
    EventSnapshot,
    PaymentErrorSnapshot,
    PaymentIntentSnapshot,
    PaymentMethodSnapshot,
    RefundSnapshot,
)
from cardpay.gateway.stored_text import stored_text

Json = Mapping[str, Any]


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _id(value: str | Json | None) -> str | None:
    """An expandable field is an id, or the object itself."""
    if value is None or isinstance(value, str):
        return value
    return str(value["id"])


def words(value: str | None) -> str | None:
    """A text of Stripe's or of somebody else's, without card numbers."""
    return stored_text(value) if isinstance(value, str) else value


def _metadata(data: Json) -> dict[str, str]:
    """Somebody's own words, the desk's among them; an id of ours stays as it is."""
    given = data.get("metadata") or {}
    return {
        stored_text(name): value if is_our_id(value) else stored_text(value)
        for name, value in given.items()
    }


def card(details: Json | None) -> CardSnapshot | None:
    """A PaymentMethod's `card`, or a Charge's `payment_method_details.card`."""
    if not details:
        return None
    return CardSnapshot(
        brand=words(details.get("brand")),
        last4=words(details.get("last4")),
        exp_month=details.get("exp_month"),
        exp_year=details.get("exp_year"),
        country=words(details.get("country")),
        funding=words(details.get("funding")),
        fingerprint=words(details.get("fingerprint")),
    )


def payment_method(data: Json) -> PaymentMethodSnapshot:
    """A PaymentMethod."""
    return PaymentMethodSnapshot(payment_method_id=data["id"], card=card(data.get("card")))


def charge(data: Json) -> ChargeSnapshot:
    """A Charge."""
    details = (data.get("payment_method_details") or {}).get("card") or {}
    outcome = data.get("outcome") or {}
    return ChargeSnapshot(
        charge_id=data["id"],
        payment_intent_id=_id(data.get("payment_intent")),
        payment_method_id=_id(data.get("payment_method")),
        status=data["status"],
        amount_minor=data["amount"],
        amount_captured_minor=data.get("amount_captured") or 0,
        amount_refunded_minor=data.get("amount_refunded") or 0,
        currency=data["currency"],
        livemode=data["livemode"],
        created_at=datetime.fromtimestamp(data["created"], UTC),
        captured=bool(data.get("captured")),
        capture_before_at=_at(details.get("capture_before")),
        disputed=bool(data.get("disputed")),
        failure_code=words(data.get("failure_code")),
        decline_code=words(_decline_code(data, outcome)),
        network_decline_code=words(outcome.get("network_decline_code")),
        advice_code=words(outcome.get("advice_code")),
        balance_transaction_id=_id(data.get("balance_transaction")),
        card=card(details),
    )


def _decline_code(charge_data: Json, outcome: Json) -> str | None:
    """What the error of the confirm calls `decline_code`.

    A Charge that Stripe blocked itself gives its risk as the reason, where the error says
    "fraudulent" (Stripe docs: "Testing", fraud prevention; "Declines", blocked payments).
    """
    if not charge_data.get("failure_code"):
        return None
    reason = outcome.get("reason")
    return "fraudulent" if outcome.get("type") == "blocked" else reason


def payment_error(data: Json | None) -> PaymentErrorSnapshot | None:
    """A PaymentIntent's `last_payment_error`, or the `error` of an API reply."""
    if not data:
        return None
    method = data.get("payment_method")
    return PaymentErrorSnapshot(
        code=words(data.get("code")),
        decline_code=words(data.get("decline_code")),
        network_decline_code=words(data.get("network_decline_code")),
        advice_code=words(data.get("advice_code")),
        message=words(data.get("message")),
        charge_id=_id(data.get("charge")),
        payment_method_id=_id(method),
        card=card(method.get("card")) if isinstance(method, Mapping) else None,
    )


def payment_intent(data: Json) -> PaymentIntentSnapshot:
    """A PaymentIntent, its latest Charge included where it was expanded."""
    latest = data.get("latest_charge")
    return PaymentIntentSnapshot(
        payment_intent_id=data["id"],
        status=PaymentStatus(data["status"]),
        amount_minor=data["amount"],
        amount_received_minor=data.get("amount_received") or 0,
        amount_capturable_minor=data.get("amount_capturable") or 0,
        currency=data["currency"],
        livemode=data["livemode"],
        created_at=datetime.fromtimestamp(data["created"], UTC),
        canceled_at=_at(data.get("canceled_at")),
        cancellation_reason=words(data.get("cancellation_reason")),
        capture_method=data.get("capture_method") or "automatic",
        payment_method_id=_id(data.get("payment_method")),
        latest_charge_id=_id(latest),
        latest_charge=charge(latest) if isinstance(latest, Mapping) else None,
        last_error=payment_error(data.get("last_payment_error")),
        metadata=_metadata(data),
        client_secret=data.get("client_secret"),
    )


def account(data: Json) -> AccountSnapshot:
    """The account of the key."""
    settings = data.get("settings") or {}
    return AccountSnapshot(
        account_id=data["id"],
        country=data.get("country"),
        display_name=words((settings.get("dashboard") or {}).get("display_name")),
        charges_enabled=bool(data.get("charges_enabled", True)),
        card_payments=(data.get("capabilities") or {}).get("card_payments"),
    )


def refund(data: Json) -> RefundSnapshot:
    """A Refund."""
    return RefundSnapshot(
        refund_id=data["id"],
        charge_id=_id(data.get("charge")),
        payment_intent_id=_id(data.get("payment_intent")),
        status=data.get("status") or "pending",
        amount_minor=data["amount"],
        currency=data["currency"],
        reason=words(data.get("reason")),
        failure_reason=words(data.get("failure_reason")),
        balance_transaction_id=_id(data.get("balance_transaction")),
        created_at=datetime.fromtimestamp(data["created"], UTC),
        metadata=_metadata(data),
    )


def dispute(data: Json) -> DisputeSnapshot:
    """A Dispute."""
    charge_id = _id(data["charge"])
    assert charge_id is not None
    return DisputeSnapshot(
        dispute_id=data["id"],
        charge_id=charge_id,
        payment_intent_id=_id(data.get("payment_intent")),
        status=data["status"],
        reason=words(data.get("reason")),
        amount_minor=data["amount"],
        currency=data["currency"],
        livemode=data["livemode"],
        evidence_due_at=_at((data.get("evidence_details") or {}).get("due_by")),
        created_at=datetime.fromtimestamp(data["created"], UTC),
        balance_transaction_ids=tuple(
            str(_id(transaction)) for transaction in data.get("balance_transactions") or ()
        ),
    )


def balance_transaction(data: Json) -> BalanceTransactionSnapshot:
    """A BalanceTransaction."""
    rate = data.get("exchange_rate")
    return BalanceTransactionSnapshot(
        balance_transaction_id=data["id"],
        source_id=_id(data.get("source")),
        type=stored_text(data["type"]),
        reporting_category=words(data.get("reporting_category")),
        status=data["status"],
        gross_minor=data["amount"],
        fee_minor=data["fee"],
        net_minor=data["net"],
        currency=data["currency"],
        exchange_rate=None if rate is None else str(rate),
        created_at=datetime.fromtimestamp(data["created"], UTC),
        available_at=_at(data.get("available_on")),
    )


def event(data: Json) -> EventSnapshot:
    """An Event, whatever its type."""
    content = data["data"]["object"]
    return EventSnapshot(
        event_id=data["id"],
        type=data["type"],
        api_version=data.get("api_version"),
        account_id=data.get("account"),
        livemode=data["livemode"],
        created_at=datetime.fromtimestamp(data["created"], UTC),
        object_id=content.get("id"),
        object=content,
    )
