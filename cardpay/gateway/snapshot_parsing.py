"""Turns Stripe's JSON into domain snapshots.

The functions take plain dicts (`StripeObject.to_dict()`, or the body of an error or of an event),
so that one parser serves every way in which an object can arrive. They raise one of
PARSING_ERRORS on JSON that is not such an object. Free text may come from anybody, so it is
sanitized here, before it is stored or shown.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from typing import Any, Final, TypeVar

from cardpay.domain.card_number_guard import is_our_id
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.domain.payment.refund import RefundStatus
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.domain.stripe_facts.snapshots import (
    AccountSnapshot,
    BalanceTransactionSnapshot,
    ChargeSnapshot,
    CheckoutSessionSnapshot,
    DisputeSnapshot,
    EventSnapshot,
    MethodSnapshot,
    PaymentErrorSnapshot,
    PaymentIntentSnapshot,
    PaymentMethodSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
)
from cardpay.gateway.text_sanitizer import sanitize_text

Json = Mapping[str, Any]
# What the functions here raise for an object that they cannot read.
PARSING_ERRORS: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
Status = TypeVar("Status", bound=StrEnum)
Default = TypeVar("Default")
_NEEDED: Final[Any] = object()
# What ids and codes are made of: nothing that a database could refuse to store.
_CODE: Final = re.compile(r"[\w.:\-]{0,255}", re.ASCII)
_LATEST: Final = 10**10  # the year 2286, in seconds


class WrongForm(TypeError):
    """A field that every object of its kind has is not what it should be."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the field {name} has another form")
        self.name = name


def why_unreadable(error: Exception) -> str:
    """Why an object could not be read, in words that hold nothing of its contents."""
    match error:
        case KeyError():
            return f"It has no field {error.args[0]!r}."
        case WrongForm():
            return f"Its field {error.name!r} has another form than expected."
    return f"A field has another form than expected ({type(error).__name__})."


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else _time(seconds)


def _created(data: Json) -> datetime:
    return _time(_integer(data, "created"))


def _time(seconds: int) -> datetime:
    """A time that can be calculated with, in any zone."""
    if type(seconds) is not int or not 0 <= seconds < _LATEST:
        raise WrongForm("time")
    return datetime.fromtimestamp(seconds, UTC)


def _integer(data: Json, name: str, missing: Default = _NEEDED) -> int | Default:
    """A number that the database can hold, or `missing`, without which it has to be there."""
    value = data[name] if missing is _NEEDED else data.get(name)
    if value is None and missing is not _NEEDED:
        return missing
    if type(value) is not int or abs(value) >= 2**63:  # a boolean is an `int` as well
        raise WrongForm(name)
    return value


def _flag(data: Json, name: str, missing: Default = _NEEDED) -> bool | Default:
    """Yes or no, or `missing`, without which it has to be there."""
    value = data[name] if missing is _NEEDED else data.get(name)
    if value is None and missing is not _NEEDED:
        return missing
    if not isinstance(value, bool):
        raise WrongForm(name)
    return value


def _rate(value: float) -> str:
    if type(value) not in (int, float) or not isfinite(value):
        raise WrongForm("exchange_rate")
    return str(value)


def _text(data: Json, name: str) -> str:
    """One of Stripe's codes or ids, without which nothing can be said of the object."""
    value = data[name]
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise WrongForm(name)
    return value


def _words(value: str | None) -> str | None:
    """Free text, or one of Stripe's codes where nothing depends on it."""
    if value is not None and not isinstance(value, str):
        raise WrongForm("text")
    return sanitize_text(value)


def _known(kind: type[Status], value: str) -> Status | str:
    """The member of an enumeration; the text itself, if Stripe has a new one."""
    if not isinstance(value, str):
        raise WrongForm("status")
    try:
        return kind(value)
    except ValueError:
        return sanitize_text(value)


def _id(value: str | Json | None) -> str | None:
    """The id in an expandable field, which holds either an id or the whole object."""
    found = value["id"] if isinstance(value, Mapping) else value
    if found is not None and not (isinstance(found, str) and _CODE.fullmatch(found)):
        raise WrongForm("id")
    return found


def _metadata(data: Json) -> dict[str, str]:
    """Sanitized metadata. An id of ours is kept as it is: its digits are not a card number."""
    given = data.get("metadata") or {}
    return {
        sanitize_text(name): value if is_our_id(value) else sanitize_text(value)
        for name, value in given.items()
    }


# Where a kind of method keeps what it has in common with a card, if not at its top.
_INSIDE: Final = {
    "amazon_pay": ("funding", "card"),
    "link": ("card",),
    "mobilepay": ("card",),
    "revolut_pay": ("funding", "card"),
}


def method(data: Json | None) -> MethodSnapshot | None:
    """A PaymentMethod, or a Charge's `payment_method_details`: its type, and what it has."""
    if not data or not data.get("type"):
        return None
    kind = data["type"]
    details = data.get(kind) or {}
    for name in _INSIDE.get(kind, ()):
        details = details.get(name) or {}
    checks = details.get("checks") or {}
    return MethodSnapshot(
        type=_words(kind),
        brand=_words(details.get("brand")),
        last4=_words(details.get("last4") or details.get("iban_last4")),
        exp_month=_integer(details, "exp_month", None),
        exp_year=_integer(details, "exp_year", None),
        country=_words(details.get("country")),
        funding=_words(details.get("funding")),
        fingerprint=_words(details.get("fingerprint")),
        cvc_check=_words(checks.get("cvc_check")),
        postal_code_check=_words(checks.get("address_postal_code_check")),
        address_check=_words(checks.get("address_line1_check")),
    )


def payment_method(data: Json) -> PaymentMethodSnapshot:
    """A PaymentMethod."""
    return PaymentMethodSnapshot(payment_method_id=_text(data, "id"), method=method(data))


def charge(data: Json) -> ChargeSnapshot:
    """A Charge."""
    details = data.get("payment_method_details") or {}
    outcome = data.get("outcome") or {}
    return ChargeSnapshot(
        charge_id=_text(data, "id"),
        payment_intent_id=_id(data.get("payment_intent")),
        payment_method_id=_id(data.get("payment_method")),
        status=_text(data, "status"),
        amount_minor=_integer(data, "amount"),
        amount_captured_minor=_integer(data, "amount_captured", 0),
        amount_refunded_minor=_integer(data, "amount_refunded", 0),
        currency=_text(data, "currency"),
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        captured=bool(data.get("captured")),
        capture_before_at=_at((details.get("card") or {}).get("capture_before")),
        disputed=bool(data.get("disputed")),
        failure_code=_words(data.get("failure_code")),
        decline_code=_words(_decline_code(data, outcome)),
        network_decline_code=_words(outcome.get("network_decline_code")),
        advice_code=_words(outcome.get("advice_code")),
        balance_transaction_id=_id(data.get("balance_transaction")),
        failure_balance_transaction_id=_id(data.get("failure_balance_transaction")),
        transfer_id=_id(data.get("transfer")),
        method=method(details),
        risk_level=_words(outcome.get("risk_level")),
        risk_score=_integer(outcome, "risk_score", None),
        moto=_flag(details.get("card") or {}, "moto", None),
    )


def _decline_code(charge_data: Json, outcome: Json) -> str | None:
    """The same `decline_code` that the error of the confirm has.

    A Charge has none: for one that Stripe Radar blocked, `outcome.reason` is a risk level where
    the error says "fraudulent" (Stripe docs: "Testing", fraud prevention; "Declines", blocked
    payments).
    """
    if not charge_data.get("failure_code"):
        return None
    reason = outcome.get("reason")
    return "fraudulent" if outcome.get("type") == "blocked" else reason


def payment_error(data: Json | None) -> PaymentErrorSnapshot | None:
    """A PaymentIntent's `last_payment_error`, or the `error` of an API reply."""
    if not data:
        return None
    used = data.get("payment_method")
    return PaymentErrorSnapshot(
        code=_words(data.get("code")),
        decline_code=_words(data.get("decline_code")),
        network_decline_code=_words(data.get("network_decline_code")),
        advice_code=_words(data.get("advice_code")),
        message=_words(data.get("message")),
        charge_id=_id(data.get("charge")),
        payment_method_id=_id(used),
        method=method(used) if isinstance(used, Mapping) else None,
    )


def payment_intent(data: Json) -> PaymentIntentSnapshot:
    """A PaymentIntent, with its latest Charge where that was expanded."""
    latest = data.get("latest_charge")
    return PaymentIntentSnapshot(
        payment_intent_id=_text(data, "id"),
        status=_known(PaymentStatus, data["status"]),
        amount_minor=_integer(data, "amount"),
        amount_received_minor=_integer(data, "amount_received", 0),
        amount_capturable_minor=_integer(data, "amount_capturable", 0),
        currency=_text(data, "currency"),
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        canceled_at=_at(data.get("canceled_at")),
        cancellation_reason=_words(data.get("cancellation_reason")),
        capture_method=_id(data.get("capture_method")) or "automatic",
        payment_method_id=_id(data.get("payment_method")),
        latest_charge_id=_id(latest),
        latest_charge=charge(latest) if isinstance(latest, Mapping) else None,
        last_error=payment_error(data.get("last_payment_error")),
        next_action_type=_words((data.get("next_action") or {}).get("type")),
        metadata=_metadata(data),
        client_secret=data.get("client_secret"),
    )


def checkout_session(data: Json) -> CheckoutSessionSnapshot:
    """A Checkout Session, with its PaymentIntent where that was expanded."""
    intent = data.get("payment_intent")
    reference = data.get("client_reference_id")
    return CheckoutSessionSnapshot(
        session_id=_text(data, "id"),
        status=_known(LinkStatus, data["status"]),
        amount_minor=_integer(data, "amount_total", 0),
        currency=_id(data.get("currency")) or "",
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        expires_at=_time(_integer(data, "expires_at")),
        client_reference_id=(
            reference if reference and is_our_id(reference) else _words(reference)
        ),
        payment_intent_id=_id(intent),
        payment_intent=payment_intent(intent) if isinstance(intent, Mapping) else None,
        metadata=_metadata(data),
        url=data.get("url"),
    )


def account(data: Json) -> AccountSnapshot:
    """The account that the API key belongs to."""
    settings = data.get("settings") or {}
    return AccountSnapshot(
        account_id=_text(data, "id"),
        country=data.get("country"),
        display_name=_words((settings.get("dashboard") or {}).get("display_name")),
        charges_enabled=bool(data.get("charges_enabled", True)),
        card_payments=(data.get("capabilities") or {}).get("card_payments"),
    )


def refund(data: Json) -> RefundSnapshot:
    """A Refund."""
    return RefundSnapshot(
        refund_id=_text(data, "id"),
        charge_id=_id(data.get("charge")),
        payment_intent_id=_id(data.get("payment_intent")),
        status=_known(RefundStatus, data.get("status") or RefundStatus.PENDING),
        amount_minor=_integer(data, "amount"),
        currency=_text(data, "currency"),
        reason=_words(data.get("reason")),
        failure_reason=_words(data.get("failure_reason")),
        balance_transaction_id=_id(data.get("balance_transaction")),
        failure_balance_transaction_id=_id(data.get("failure_balance_transaction")),
        created_at=_created(data),
        metadata=_metadata(data),
    )


def dispute(data: Json) -> DisputeSnapshot:
    """A Dispute."""
    charge_id = _id(data["charge"])
    assert charge_id is not None
    return DisputeSnapshot(
        dispute_id=_text(data, "id"),
        charge_id=charge_id,
        payment_intent_id=_id(data.get("payment_intent")),
        status=_known(DisputeStatus, data["status"]),
        reason=_words(data.get("reason")),
        amount_minor=_integer(data, "amount"),
        currency=_text(data, "currency"),
        livemode=_flag(data, "livemode"),
        evidence_due_at=_at((data.get("evidence_details") or {}).get("due_by") or None),
        created_at=_created(data),
        balance_transaction_ids=tuple(
            str(_id(transaction)) for transaction in data.get("balance_transactions") or ()
        ),
        is_charge_refundable=_flag(data, "is_charge_refundable", None),
    )


def balance_transaction(data: Json) -> BalanceTransactionSnapshot:
    """A BalanceTransaction."""
    rate = data.get("exchange_rate")
    return BalanceTransactionSnapshot(
        balance_transaction_id=_text(data, "id"),
        source_id=_id(data.get("source")),
        type=sanitize_text(_text(data, "type")),
        reporting_category=_words(data.get("reporting_category")),
        gross_minor=_integer(data, "amount"),
        fee_minor=_integer(data, "fee"),
        net_minor=_integer(data, "net"),
        currency=_text(data, "currency"),
        exchange_rate=None if rate is None else _rate(rate),
        created_at=_created(data),
        available_at=_at(data.get("available_on")),
    )


def payout(data: Json) -> PayoutSnapshot:
    """A Payout."""
    return PayoutSnapshot(
        payout_id=_text(data, "id"),
        status=_known(PayoutStatus, data["status"]),
        amount_minor=_integer(data, "amount"),
        currency=_text(data, "currency"),
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        arrival_at=_at(data.get("arrival_date")),
        is_automatic=bool(data["automatic"]),
        method=_words(data.get("method")),
        reconciliation_status=_words(data.get("reconciliation_status")),
        trace_id=_words((data.get("trace_id") or {}).get("value")),
        statement_descriptor=_words(data.get("statement_descriptor")),
        failure_code=_words(data.get("failure_code")),
        failure_message=_words(data.get("failure_message")),
        balance_transaction_id=_id(data.get("balance_transaction")),
        failure_balance_transaction_id=_id(data.get("failure_balance_transaction")),
    )


def event(data: Json) -> EventSnapshot:
    """An Event, whatever its type."""
    content = data["data"]["object"]
    return EventSnapshot(
        event_id=_text(data, "id"),
        type=data["type"],
        api_version=data.get("api_version"),
        account_id=data.get("account"),
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        object_id=content.get("id"),
        object=content,
    )
