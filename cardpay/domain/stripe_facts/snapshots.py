"""What Stripe says an object is now, as frozen values free of Stripe's SDK.

Amounts are integers in the currency's minor unit, times are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cardpay.domain.payment.status import PaymentStatus

# The keys of all metadata that the desk writes. Of what others write nothing is kept.
OWN_METADATA: Final = frozenset(
    {
        "payment_id",
        "product_id",
        "product_name",
        "unit_amount",
        "quantity",
        "order_reference",
        "taken_by",
        "refund_id",
    }
)


@dataclass(frozen=True)
class MethodSnapshot:
    """The storable facts of what was paid with; never a number or a security code.

    The checks are what the bank said of what was typed: "pass", "fail", "unavailable" or
    "unchecked"; None where nothing was typed.

    `type` is Stripe's ("card", "sepa_debit", "link"…). The others are there where the kind of
    method has such a thing.
    """

    type: str | None
    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    country: str | None
    funding: str | None
    fingerprint: str | None
    cvc_check: str | None = None
    postal_code_check: str | None = None
    address_check: str | None = None


@dataclass(frozen=True)
class PaymentMethodSnapshot:
    """A PaymentMethod."""

    payment_method_id: str
    method: MethodSnapshot | None


class ChargeStatus(StrEnum):
    """Stripe's statuses of a Charge."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True)
class ChargeSnapshot:
    """A Charge: one attempt to move money, successful or not."""

    charge_id: str
    payment_intent_id: str | None
    payment_method_id: str | None
    status: str
    amount_minor: int
    amount_captured_minor: int
    amount_refunded_minor: int
    currency: str
    livemode: bool
    created_at: datetime
    captured: bool
    capture_before_at: datetime | None
    disputed: bool
    failure_code: str | None
    decline_code: str | None
    network_decline_code: str | None
    advice_code: str | None
    balance_transaction_id: str | None
    failure_balance_transaction_id: str | None
    transfer_id: str | None
    method: MethodSnapshot | None
    risk_level: str | None = None
    risk_score: int | None = None
    moto: bool | None = None


@dataclass(frozen=True)
class PaymentErrorSnapshot:
    """A PaymentIntent's `last_payment_error`: why the last confirm did not succeed."""

    code: str | None
    decline_code: str | None
    network_decline_code: str | None
    advice_code: str | None
    message: str | None
    charge_id: str | None
    payment_method_id: str | None
    method: MethodSnapshot | None


@dataclass(frozen=True)
class PaymentIntentSnapshot:
    """A PaymentIntent. `client_secret` is kept out of `repr`, so that no log can hold it."""

    payment_intent_id: str
    status: PaymentStatus | str
    amount_minor: int
    amount_received_minor: int
    amount_capturable_minor: int
    currency: str
    livemode: bool
    created_at: datetime
    canceled_at: datetime | None
    cancellation_reason: str | None
    capture_method: str
    payment_method_id: str | None
    latest_charge_id: str | None
    latest_charge: ChargeSnapshot | None
    last_error: PaymentErrorSnapshot | None
    next_action_type: str | None
    metadata: Mapping[str, str]
    client_secret: str | None = field(repr=False, default=None)


@dataclass(frozen=True)
class CheckoutSessionSnapshot:
    """A Checkout Session: a page on which a customer pays. `status` is Stripe's.

    `payment_intent_id` is None until the customer first tries to pay; `payment_intent` is there
    where it was asked for. `url` is None once the page is closed. Whoever has it sees what is sold
    and may pay, so it is kept out of `repr`, and is never stored.
    """

    session_id: str
    status: str
    amount_minor: int
    currency: str
    livemode: bool
    created_at: datetime
    expires_at: datetime
    client_reference_id: str | None
    payment_intent_id: str | None
    payment_intent: PaymentIntentSnapshot | None
    metadata: Mapping[str, str]
    url: str | None = field(repr=False, default=None)


@dataclass(frozen=True)
class AccountSnapshot:
    """The Stripe account that the secret key belongs to."""

    account_id: str
    country: str | None
    display_name: str | None
    charges_enabled: bool = True
    card_payments: str | None = None  # active, inactive or pending


@dataclass(frozen=True)
class RefundSnapshot:
    """A Refund: money on its way back to the card it came from.

    `status` is Stripe's: pending, requires_action, succeeded, failed or canceled. Only the last
    two are final: a refund that succeeded may still fail at the cardholder's bank.
    """

    refund_id: str
    charge_id: str | None
    payment_intent_id: str | None
    status: str
    amount_minor: int
    currency: str
    reason: str | None
    failure_reason: str | None
    balance_transaction_id: str | None
    failure_balance_transaction_id: str | None
    created_at: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class DisputeSnapshot:
    """A Dispute: the cardholder asked their bank for the money back. `status` is Stripe's."""

    dispute_id: str
    charge_id: str
    payment_intent_id: str | None
    status: str
    reason: str | None
    amount_minor: int
    currency: str
    livemode: bool
    evidence_due_at: datetime | None
    created_at: datetime
    balance_transaction_ids: tuple[str, ...]
    is_charge_refundable: bool | None = None


@dataclass(frozen=True)
class BalanceTransactionSnapshot:
    """What one charge, refund or dispute did to the Stripe balance, in the balance's currency.

    `net_minor` is `gross_minor` less `fee_minor`. `exchange_rate` is exact text: a float would
    round it. From `available_at` on, Stripe's own status of it is available, until then pending.
    """

    balance_transaction_id: str
    source_id: str | None
    type: str
    reporting_category: str | None
    gross_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    exchange_rate: str | None
    created_at: datetime
    available_at: datetime | None


@dataclass(frozen=True)
class PayoutSnapshot:
    """A Payout: money on its way from the Stripe balance to the bank.

    `status` is Stripe's: pending, in_transit, paid, failed or canceled. What was paid may still
    fail. What is in an automatic payout can be listed once `reconciliation_status` is completed;
    of any other nobody knows (Stripe docs: "Payout reconciliation").
    """

    payout_id: str
    status: str
    amount_minor: int
    currency: str
    livemode: bool
    created_at: datetime
    arrival_at: datetime | None
    is_automatic: bool
    method: str | None
    reconciliation_status: str | None
    trace_id: str | None
    statement_descriptor: str | None
    failure_code: str | None
    failure_message: str | None
    balance_transaction_id: str | None
    failure_balance_transaction_id: str | None


@dataclass(frozen=True)
class EventSnapshot:
    """An Event: something happened to an object.

    `object` is that object as Stripe rendered it in `api_version`, which need not be ours. It may
    hold secrets and personal data, so it stays out of `repr` and is never stored whole.
    `account_id` is there when the event is of a connected account.
    """

    event_id: str
    type: str
    api_version: str | None
    account_id: str | None
    livemode: bool
    created_at: datetime
    object_id: str | None
    object: Mapping[str, Any] = field(repr=False)
