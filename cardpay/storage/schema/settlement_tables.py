"""What happens to money after a charge: refunds, disputes, and the Stripe balance."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.domain.payment.refund import RefundStatus
from cardpay.storage.schema import columns


class Refund(SQLModel, table=True):
    """Money on its way back. Its `succeeded` is not final: it may still turn `failed`."""

    __tablename__ = "refund"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "livemode", "stripe_refund_id"),
        Index("ix_refund_payment_id", "payment_id"),
        Index("ix_refund_created_at", "created_at", "id"),
        columns.where(
            "ix_refund_failure",
            ("stripe_failure_balance_transaction_id",),
            "stripe_failure_balance_transaction_id IS NOT NULL",
        ),
    )

    id: str = Field(primary_key=True)
    stripe_account_id: str
    livemode: bool
    payment_id: str = Field(foreign_key="payment.id")
    operation_id: str | None = Field(default=None, foreign_key="operation.id", unique=True)
    stripe_refund_id: str | None = None
    stripe_charge_id: str | None = None
    stripe_balance_transaction_id: str | None = None
    stripe_failure_balance_transaction_id: str | None = None
    status: RefundStatus | str | None = columns.enum(RefundStatus, nullable=True)
    status_as_of: datetime | None = columns.time(nullable=True)
    amount_minor: int = columns.money()
    currency: str
    reason: str | None = None
    failure_reason: str | None = None
    created_at: datetime = columns.time()
    updated_at: datetime = columns.time()


class Dispute(SQLModel, table=True):
    """A cardholder's objection to a charge."""

    __tablename__ = "dispute"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "livemode", "stripe_dispute_id"),
        Index("ix_dispute_payment_id", "payment_id"),
        Index("ix_dispute_created_at", "created_at", "id"),
    )

    id: str = Field(primary_key=True)
    stripe_account_id: str
    livemode: bool
    payment_id: str | None = Field(default=None, foreign_key="payment.id")
    stripe_dispute_id: str
    stripe_charge_id: str
    status: DisputeStatus | str = columns.enum(DisputeStatus)
    status_as_of: datetime | None = columns.time(nullable=True)
    reason: str | None = None
    amount_minor: int = columns.money()
    currency: str
    evidence_due_at: datetime | None = columns.time(nullable=True)
    is_charge_refundable: bool | None = None
    created_at: datetime = columns.time()
    updated_at: datetime = columns.time()


class BalanceTransaction(SQLModel, table=True):
    """One movement of the Stripe balance, in the balance's own currency.

    `stripe_payout_id` is known once the transactions of the payout were listed.
    """

    __tablename__ = "balance_transaction"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "livemode", "stripe_balance_transaction_id"),
        Index("ix_balance_transaction_source", "stripe_source_id"),
        Index("ix_balance_transaction_payout", "stripe_payout_id"),
        Index("ix_balance_transaction_created_at", "created_at", "id"),
        # With all that an opening balance adds up, and what is pending: the whole past is read.
        Index("ix_balance_transaction_opening", "currency", "created_at", "net_minor"),
        Index("ix_balance_transaction_pending", "currency", "available_at", "net_minor"),
    )

    id: str = Field(primary_key=True)
    stripe_account_id: str
    livemode: bool
    stripe_balance_transaction_id: str
    stripe_source_id: str | None = None
    stripe_payout_id: str | None = None
    type: str
    reporting_category: str | None = None
    gross_minor: int = columns.money()
    fee_minor: int = columns.money()
    net_minor: int = columns.money()
    currency: str
    exchange_rate: str | None = None
    created_at: datetime = columns.time()
    available_at: datetime | None = columns.time(nullable=True)


class Payout(SQLModel, table=True):
    """Money sent from the Stripe balance to the bank; `paid` may still turn `failed`.

    `is_itemised` tells that its balance transactions are listed whole. Only an automatic payout
    can be.
    """

    __tablename__ = "payout"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "livemode", "stripe_payout_id"),
        Index("ix_payout_created_at", "created_at", "id"),
        columns.where(
            "ix_payout_to_itemise", ("created_at",), "NOT is_itemised", on_sqlite="is_itemised = 0"
        ),
    )

    id: str = Field(primary_key=True)
    stripe_account_id: str
    livemode: bool
    stripe_payout_id: str
    status: PayoutStatus | str = columns.enum(PayoutStatus)
    status_as_of: datetime | None = columns.time(nullable=True)
    amount_minor: int = columns.money()
    currency: str
    is_automatic: bool = False
    is_itemised: bool = False
    method: str | None = None
    arrival_at: datetime | None = columns.time(nullable=True)
    reconciliation_status: str | None = None
    trace_id: str | None = None
    statement_descriptor: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    stripe_balance_transaction_id: str | None = None
    stripe_failure_balance_transaction_id: str | None = None
    created_at: datetime = columns.time()
    updated_at: datetime = columns.time()


class UnreadableObject(SQLModel, table=True):
    """An object of Stripe's that this version could not read, set aside until one can."""

    __tablename__ = "unreadable_object"
    __table_args__ = (UniqueConstraint("stripe_account_id", "livemode", "stripe_object_id"),)

    id: int | None = columns.key()
    stripe_account_id: str
    livemode: bool
    kind: str
    stripe_object_id: str
    reason: str
    version: str
    first_seen_at: datetime = columns.time()
    last_seen_at: datetime = columns.time()
