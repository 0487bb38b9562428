"""What Stripe says an object is now, as frozen values free of Stripe's SDK.

Amounts are integers in the currency's minor unit, times are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cardpay.domain.payment.status import PaymentStatus


@dataclass(frozen=True)
class CardSnapshot:
    """The storable facts of a card; never its number or its security code."""

    brand: str | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    country: str | None
    funding: str | None
    fingerprint: str | None


@dataclass(frozen=True)
class PaymentMethodSnapshot:
    """A PaymentMethod. `card` is None of one that is no card."""

    payment_method_id: str
    card: CardSnapshot | None


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
    card: CardSnapshot | None


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
    card: CardSnapshot | None


@dataclass(frozen=True)
class PaymentIntentSnapshot:
    """A PaymentIntent. `client_secret` is kept out of `repr`, so that no log can hold it."""

    payment_intent_id: str
    status: PaymentStatus
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
    metadata: Mapping[str, str]
    client_secret: str | None = field(repr=False, default=None)


@dataclass(frozen=True)
class AccountSnapshot:
    """The Stripe account that the secret key belongs to."""

    account_id: str
    country: str | None
    display_name: str | None
    charges_enabled: bool = True
    card_payments: str | None = None  # active, inactive or pending
