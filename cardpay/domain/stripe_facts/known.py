"""What the desk knows of Stripe's objects, as frozen values: the fields that folds read and write.

Each is named as the column that it is stored in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from cardpay.domain.attention_rules import Attention
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.refund import RefundStatus
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.domain.payment_link.link_rules import LinkStatus

Row = TypeVar("Row")


def with_changes(row: Row, fields: Mapping[str, Any]) -> Row:
    """The row with these fields; the same row if it has them already, which is the common case."""
    changed = {name: new for name, new in fields.items() if getattr(row, name) != new}
    return replace(row, **changed) if changed else row  # type: ignore[type-var]  # a dataclass


@dataclass(frozen=True, slots=True)
class PaymentFields:
    """A payment's own row."""

    id: str
    taken_at_desk: bool
    created_at: datetime
    amount_minor: int
    currency: str
    order_reference: str
    search_reference: str
    search_number: str | None = None
    status: PaymentStatus | str | None = None
    status_as_of: datetime | None = None
    display_status: DisplayStatus = DisplayStatus.CHECKING
    attention: Attention | None = None
    act_by_at: datetime | None = None
    order_claim: str | None = None
    amount_received_minor: int = 0
    amount_capturable_minor: int = 0
    amount_refunded_minor: int = 0
    capture_method: str = "automatic"
    next_action_type: str | None = None
    stripe_payment_intent_id: str | None = None
    stripe_created_at: datetime | None = None
    latest_charge_id: str | None = None
    cancellation_cause: CancellationCause | None = None
    canceled_at: datetime | None = None
    succeeded_at: datetime | None = None
    payment_method_type: str | None = None
    card_brand: str | None = None
    card_last4: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptFields:
    """One confirm or Charge."""

    id: str
    payment_id: str
    outcome: AttemptOutcome
    amount_minor: int
    currency: str
    created_at: datetime
    operation_id: str | None = None
    settled_at: datetime | None = None
    stripe_charge_id: str | None = None
    stripe_payment_method_id: str | None = None
    stripe_transfer_id: str | None = None
    method_type: str | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    card_exp_month: int | None = None
    card_exp_year: int | None = None
    card_country: str | None = None
    card_funding: str | None = None
    card_fingerprint: str | None = None
    failure_code: str | None = None
    decline_code: str | None = None
    network_decline_code: str | None = None
    advice_code: str | None = None
    capture_before_at: datetime | None = None
    cvc_check: str | None = None
    postal_code_check: str | None = None
    address_check: str | None = None
    risk_level: str | None = None
    risk_score: int | None = None
    moto: bool | None = None


@dataclass(frozen=True, slots=True)
class LinkFields:
    """A payment's link; `id` is the payment's. `status` is None until Stripe has stated it."""

    id: str
    expires_at: datetime
    created_at: datetime
    status: LinkStatus | str | None = None
    status_as_of: datetime | None = None
    stripe_checkout_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class RefundFields:
    """One refund; `status` is None until Stripe has stated it."""

    id: str
    payment_id: str
    amount_minor: int
    currency: str
    created_at: datetime
    operation_id: str | None = None
    status: RefundStatus | str | None = None
    status_as_of: datetime | None = None
    stripe_refund_id: str | None = None
    stripe_charge_id: str | None = None
    stripe_balance_transaction_id: str | None = None
    stripe_failure_balance_transaction_id: str | None = None
    reason: str | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class DisputeFields:
    """One dispute; `payment_id` is None of one whose Charge belongs to no payment."""

    id: str
    stripe_dispute_id: str
    stripe_charge_id: str
    amount_minor: int
    currency: str
    created_at: datetime
    payment_id: str | None = None
    status: DisputeStatus | str | None = None
    status_as_of: datetime | None = None
    reason: str | None = None
    evidence_due_at: datetime | None = None
    is_charge_refundable: bool | None = None


@dataclass(frozen=True, slots=True)
class BalanceTransactionFields:
    """One movement of the Stripe balance."""

    id: str
    stripe_balance_transaction_id: str
    type: str
    gross_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    created_at: datetime
    stripe_source_id: str | None = None
    stripe_payout_id: str | None = None
    reporting_category: str | None = None
    exchange_rate: str | None = None
    available_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PayoutFields:
    """One payout to the bank."""

    id: str
    stripe_payout_id: str
    amount_minor: int
    currency: str
    created_at: datetime
    status: str | None = None
    status_as_of: datetime | None = None
    is_automatic: bool | None = None
    method: str | None = None
    arrival_at: datetime | None = None
    reconciliation_status: str | None = None
    trace_id: str | None = None
    statement_descriptor: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    stripe_balance_transaction_id: str | None = None
    stripe_failure_balance_transaction_id: str | None = None


@dataclass(frozen=True, slots=True)
class AskedForIntent:
    """A PaymentIntent that the desk has asked Stripe to create; `is_done` once it was answered."""

    amount_minor: int
    currency: str
    metadata: Mapping[str, str]
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Operations:
    """What the desk has asked Stripe to do to a payment.

    `cancelling` is why it asked for a cancel that Stripe did not refuse, of the payment or of its
    link; `links` is what it asked for by making a link; `refunds` names the operation that asked
    for each refund's id.
    """

    is_open: bool = False
    cancelling: CancellationCause | None = None
    creates: tuple[AskedForIntent, ...] = ()
    links: tuple[AskedForIntent, ...] = ()
    refunds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownPayment:
    """All that the desk knows of a payment. Attempts are in order of their time.

    With a `link` it is paid on a page of Stripe's, and has no PaymentIntent of the desk's own.
    `captured_at` tells of a hold when the balance took in each Charge that is known to have.
    """

    payment: PaymentFields
    attempts: tuple[AttemptFields, ...] = ()
    refunds: tuple[RefundFields, ...] = ()
    disputes: tuple[DisputeFields, ...] = ()
    operations: Operations = field(default_factory=Operations)
    link: LinkFields | None = None
    captured_at: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def is_hold(self) -> bool:
        """Whether the amount was held at first, to be captured later."""
        return self.payment.capture_method == "manual"
