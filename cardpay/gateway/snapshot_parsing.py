"""Turns Stripe's JSON into domain snapshots.

The functions take plain dicts (`StripeObject.to_dict()`, or the body of an error or of an event),
so that one parser serves every way in which an object can arrive. They raise one of
PARSING_ERRORS on JSON that is not such an object. Free text may come from anybody, so it is
sanitized here, before it is stored or shown.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from cardpay.domain.card_number_guard import is_our_id
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.domain.payment.refund import RefundStatus
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.domain.stripe_facts.events import subject_of
from cardpay.domain.stripe_facts.snapshots import (
    OWN_METADATA,
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
from cardpay.gateway.stripe_ids import is_stripe_code, is_stripe_id
from cardpay.gateway.text_sanitizer import sanitize_text

Json = Mapping[str, Any]
# What the functions here raise for an object that they cannot read.
PARSING_ERRORS: Final = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    OverflowError,
    RecursionError,
)
Status = TypeVar("Status", bound=StrEnum)
Default = TypeVar("Default")
_NEEDED: Final[Any] = object()
# When anything can have been made: Stripe is of 2009, and its test clocks run some years ahead.
# One object with an absurd time would stretch every chart over its centuries.
_FOUNDED: Final = 1_230_768_000  # 2009, in seconds
_FAR: Final = 4_102_444_800  # the year 2100
_LATEST: Final = 10**10  # the year 2286, in seconds
# In the minor unit. Stripe takes amounts of twelve digits at most (Stripe docs: "Supported
# currencies"); 92,000 of what is just below this still add up within 64 bits.
_LARGEST: Final = 10**14
_LONGEST_WORD: Final = 100  # characters of a code, a brand or a status: indexes hold several


class WrongForm(TypeError):
    """A field that every object of its kind has is not what it should be."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the field {name} has another form")
        self.name = name


class AnotherObject(ValueError):
    """It is not what was asked about, whatever it says."""


def why_unreadable(error: Exception) -> str:
    """Why an object could not be read, in words that hold nothing of its contents."""
    match error:
        case KeyError():
            return f"It has no field {error.args[0]!r}."
        case WrongForm():
            return f"Its field {error.name!r} has another form than expected."
        case AnotherObject():
            return "It is about another object than was asked about."
    return f"A field has another form than expected ({type(error).__name__})."


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else _time(seconds)


def _created(data: Json) -> datetime:
    seconds = _integer(data, "created")
    if not _FOUNDED <= seconds < _FAR:
        raise WrongForm("time")
    return _time(seconds)


def _time(seconds: int) -> datetime:
    """A time that can be calculated with, in any zone."""
    if type(seconds) is not int or not 0 <= seconds < _LATEST:
        raise WrongForm("time")
    return datetime.fromtimestamp(seconds, UTC)


def _integer(
    data: Json, name: str, missing: Default = _NEEDED, *, least: int = 0, most: int = _LARGEST
) -> int | Default:
    """A number between two, both included, or `missing`, without which it has to be there."""
    value = data[name] if missing is _NEEDED else data.get(name)
    if value is None and missing is not _NEEDED:
        return missing
    if type(value) is not int or not least <= value <= most:  # a boolean is an `int` as well
        raise WrongForm(name)
    return value


def _moved(data: Json, name: str) -> int:
    """An amount that came to a balance, or below zero left it."""
    return _integer(data, name, least=-_LARGEST)


def _small(data: Json, name: str) -> int | None:
    """A month, a year or a score, which has fewer bits in its column than an amount."""
    return _integer(data, name, None, least=-9_999, most=9_999)


def _flag(data: Json, name: str, missing: Default = _NEEDED) -> bool | Default:
    """Yes or no, or `missing`, without which it has to be there."""
    value = data[name] if missing is _NEEDED else data.get(name)
    if value is None and missing is not _NEEDED:
        return missing
    if not isinstance(value, bool):
        raise WrongForm(name)
    return value


def _rate(value: float) -> str:
    # So wide that any currency's is in it, and so narrow that a file's column holds it.
    if type(value) not in (int, float) or not 1e-12 < value < 1e12:
        raise WrongForm("exchange_rate")
    return str(value)


def _code(data: Json, name: str, missing: Default = _NEEDED) -> str | Default:
    """One of Stripe's codes, or `missing`, without which it has to be there."""
    value = data[name] if missing is _NEEDED else data.get(name)
    if value is None and missing is not _NEEDED:
        return missing
    if not is_stripe_code(value):
        raise WrongForm(name)
    return value


def _id(data: Json) -> str:
    """The object's own id, without which nothing can be said of it."""
    if not is_stripe_id(data["id"]):
        raise WrongForm("id")
    return data["id"]


def _named_id(data: Json, name: str) -> str | None:
    """The id in an expandable field, which holds an id, the whole object, or nothing."""
    value = data.get(name)
    found = value["id"] if isinstance(value, Mapping) else value
    return None if found is None else _id_of(found, name)


def _id_of(value: str | Json | None, name: str) -> str:
    """The id of an object, which is expanded or not."""
    found = value["id"] if isinstance(value, Mapping) else value
    if not is_stripe_id(found):
        raise WrongForm(name)
    return found


def _secret(data: Json, name: str) -> str | None:
    """An address or a secret, which is of use only as it is."""
    value = data.get(name)
    if value is not None and not (isinstance(value, str) and value.isascii()):
        raise WrongForm(name)
    return value


def _text(value: str | None) -> str | None:
    """Free text."""
    if value is not None and not isinstance(value, str):
        raise WrongForm("text")
    return sanitize_text(value)


def _words(value: str | None) -> str | None:
    """One of Stripe's codes where nothing depends on it, or a few words that are as short."""
    text = _text(value)
    return (
        text if text is None or len(text) <= _LONGEST_WORD else sanitize_text(text[:_LONGEST_WORD])
    )


def _known(kind: type[Status], value: str) -> Status | str:
    """The member of an enumeration; the text itself, if Stripe has a new one."""
    if not isinstance(value, str):
        raise WrongForm("status")
    try:
        return kind(value)
    except ValueError:
        return _words(value) or ""


def _metadata(data: Json) -> dict[str, str]:
    """Sanitized metadata of the desk's own keys; others' is not read, since that takes time.

    An id of ours is kept as it is: its digits are not a card number.
    """
    given = data.get("metadata") or {}
    own = {name: given[name] for name in OWN_METADATA if given.get(name) is not None}
    if not all(isinstance(value, str) for value in own.values()):
        raise WrongForm("metadata")
    return {
        name: value if is_our_id(value) else sanitize_text(value) for name, value in own.items()
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
        exp_month=_small(details, "exp_month"),
        exp_year=_small(details, "exp_year"),
        country=_words(details.get("country")),
        funding=_words(details.get("funding")),
        fingerprint=_words(details.get("fingerprint")),
        cvc_check=_words(checks.get("cvc_check")),
        postal_code_check=_words(checks.get("address_postal_code_check")),
        address_check=_words(checks.get("address_line1_check")),
    )


def payment_method(data: Json) -> PaymentMethodSnapshot:
    """A PaymentMethod."""
    return PaymentMethodSnapshot(payment_method_id=_id(data), method=method(data))


def charge(data: Json) -> ChargeSnapshot:
    """A Charge."""
    details = data.get("payment_method_details") or {}
    outcome = data.get("outcome") or {}
    return ChargeSnapshot(
        charge_id=_id(data),
        payment_intent_id=_named_id(data, "payment_intent"),
        payment_method_id=_named_id(data, "payment_method"),
        status=_code(data, "status"),
        amount_minor=_integer(data, "amount"),
        amount_captured_minor=_integer(data, "amount_captured", 0),
        amount_refunded_minor=_integer(data, "amount_refunded", 0),
        currency=_code(data, "currency"),
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        captured=_flag(data, "captured", False),
        capture_before_at=_at((details.get("card") or {}).get("capture_before")),
        disputed=_flag(data, "disputed", False),
        failure_code=_words(data.get("failure_code")),
        decline_code=_words(_decline_code(data, outcome)),
        network_decline_code=_words(outcome.get("network_decline_code")),
        advice_code=_words(outcome.get("advice_code")),
        balance_transaction_id=_named_id(data, "balance_transaction"),
        failure_balance_transaction_id=_named_id(data, "failure_balance_transaction"),
        transfer_id=_named_id(data, "transfer"),
        method=method(details),
        risk_level=_words(outcome.get("risk_level")),
        risk_score=_small(outcome, "risk_score"),
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
        message=_text(data.get("message")),
        charge_id=_named_id(data, "charge"),
        payment_method_id=_named_id(data, "payment_method"),
        method=method(used) if isinstance(used, Mapping) else None,
    )


def payment_intent(data: Json) -> PaymentIntentSnapshot:
    """A PaymentIntent, with its latest Charge where that was expanded."""
    expanded = data.get("latest_charge")
    latest = charge(expanded) if isinstance(expanded, Mapping) else None
    intent = PaymentIntentSnapshot(
        payment_intent_id=_id(data),
        status=_known(PaymentStatus, data["status"]),
        amount_minor=_integer(data, "amount"),
        amount_received_minor=_integer(data, "amount_received", 0),
        amount_capturable_minor=_integer(data, "amount_capturable", 0),
        currency=_code(data, "currency"),
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        canceled_at=_at(data.get("canceled_at")),
        cancellation_reason=_words(data.get("cancellation_reason")),
        capture_method=_code(data, "capture_method", "automatic"),
        payment_method_id=_named_id(data, "payment_method"),
        latest_charge_id=_named_id(data, "latest_charge"),
        latest_charge=latest,
        last_error=payment_error(data.get("last_payment_error")),
        next_action_type=_words((data.get("next_action") or {}).get("type")),
        metadata=_metadata(data),
        client_secret=_secret(data, "client_secret"),
    )
    if latest is not None and latest.payment_intent_id not in (None, intent.payment_intent_id):
        raise WrongForm("latest_charge")
    return intent


def checkout_session(data: Json) -> CheckoutSessionSnapshot:
    """A Checkout Session, with its PaymentIntent where that was expanded."""
    intent = data.get("payment_intent")
    reference = data.get("client_reference_id")
    return CheckoutSessionSnapshot(
        session_id=_id(data),
        status=_known(LinkStatus, data["status"]),
        amount_minor=_integer(data, "amount_total", 0),
        currency=_code(data, "currency", ""),
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        expires_at=_time(_integer(data, "expires_at")),
        client_reference_id=(
            reference if reference and is_our_id(reference) else _text(reference)
        ),
        payment_intent_id=_named_id(data, "payment_intent"),
        payment_intent=payment_intent(intent) if isinstance(intent, Mapping) else None,
        metadata=_metadata(data),
        url=_secret(data, "url"),
    )


def account(data: Json) -> AccountSnapshot:
    """The account that the API key belongs to."""
    settings = data.get("settings") or {}
    return AccountSnapshot(
        account_id=_id(data),
        country=_code(data, "country", None),
        display_name=_text((settings.get("dashboard") or {}).get("display_name")),
        charges_enabled=_flag(data, "charges_enabled", True),
        card_payments=_code(data.get("capabilities") or {}, "card_payments", None),
    )


def refund(data: Json) -> RefundSnapshot:
    """A Refund."""
    return RefundSnapshot(
        refund_id=_id(data),
        charge_id=_named_id(data, "charge"),
        payment_intent_id=_named_id(data, "payment_intent"),
        status=_known(RefundStatus, data.get("status") or RefundStatus.PENDING),
        amount_minor=_integer(data, "amount"),
        currency=_code(data, "currency"),
        reason=_words(data.get("reason")),
        failure_reason=_words(data.get("failure_reason")),
        balance_transaction_id=_named_id(data, "balance_transaction"),
        failure_balance_transaction_id=_named_id(data, "failure_balance_transaction"),
        created_at=_created(data),
        metadata=_metadata(data),
    )


def dispute(data: Json) -> DisputeSnapshot:
    """A Dispute."""
    return DisputeSnapshot(
        dispute_id=_id(data),
        charge_id=_id_of(data["charge"], "charge"),
        payment_intent_id=_named_id(data, "payment_intent"),
        status=_known(DisputeStatus, data["status"]),
        reason=_words(data.get("reason")),
        amount_minor=_integer(data, "amount"),
        currency=_code(data, "currency"),
        livemode=_flag(data, "livemode"),
        evidence_due_at=_at((data.get("evidence_details") or {}).get("due_by") or None),
        created_at=_created(data),
        balance_transaction_ids=tuple(
            _id_of(one, "balance_transactions") for one in data.get("balance_transactions") or ()
        ),
        is_charge_refundable=_flag(data, "is_charge_refundable", None),
    )


def balance_transaction(data: Json) -> BalanceTransactionSnapshot:
    """A BalanceTransaction."""
    rate = data.get("exchange_rate")
    return BalanceTransactionSnapshot(
        balance_transaction_id=_id(data),
        source_id=_named_id(data, "source"),
        type=_code(data, "type"),
        reporting_category=_words(data.get("reporting_category")),
        gross_minor=_moved(data, "amount"),
        fee_minor=_moved(data, "fee"),
        net_minor=_moved(data, "net"),
        currency=_code(data, "currency"),
        exchange_rate=None if rate is None else _rate(rate),
        created_at=_created(data),
        available_at=_at(data.get("available_on")),
    )


def payout(data: Json) -> PayoutSnapshot:
    """A Payout."""
    return PayoutSnapshot(
        payout_id=_id(data),
        status=_known(PayoutStatus, data["status"]),
        amount_minor=_moved(data, "amount"),
        currency=_code(data, "currency"),
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        arrival_at=_at(data.get("arrival_date")),
        is_automatic=_flag(data, "automatic"),
        method=_words(data.get("method")),
        reconciliation_status=_words(data.get("reconciliation_status")),
        trace_id=_words((data.get("trace_id") or {}).get("value")),
        statement_descriptor=_words(data.get("statement_descriptor")),
        failure_code=_words(data.get("failure_code")),
        failure_message=_text(data.get("failure_message")),
        balance_transaction_id=_named_id(data, "balance_transaction"),
        failure_balance_transaction_id=_named_id(data, "failure_balance_transaction"),
    )


def event(data: Json) -> EventSnapshot:
    """An Event, whatever its type.

    Users of Stripe choose the ids of some objects, such as coupons. The desk applies none of
    those, but must store the event, or Stripe would send it again for days: without the id.
    """
    content = data["data"]["object"]
    event_type = _code(data, "type")
    needs_id = subject_of(event_type) is not None or is_stripe_id(content.get("id"))
    return EventSnapshot(
        event_id=_id(data),
        type=event_type,
        api_version=_code(data, "api_version", None),
        account_id=_named_id(data, "account"),
        livemode=_flag(data, "livemode"),
        created_at=_created(data),
        object_id=_id(content) if needs_id else None,
        object=content,
    )
