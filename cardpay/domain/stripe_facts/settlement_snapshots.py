"""What Stripe says about money after its charge, and the events that bring such news.

As in `snapshots`: frozen, free of Stripe's SDK, amounts in the currency's minor unit, aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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


@dataclass(frozen=True)
class BalanceTransactionSnapshot:
    """What one charge, refund or dispute did to the Stripe balance, in the balance's currency.

    `net_minor` is `gross_minor` less `fee_minor`. `exchange_rate` is exact text: a float would
    round it.
    """

    balance_transaction_id: str
    source_id: str | None
    type: str
    reporting_category: str | None
    status: str
    gross_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    exchange_rate: str | None
    created_at: datetime
    available_at: datetime | None


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
