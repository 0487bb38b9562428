"""Payments, with their customers' details, operations and attempts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from cardpay.domain.attention_rules import Attention
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.domain.payment_acts.owner import Owner
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.storage.schema import columns


class Payment(SQLModel, table=True):
    """One phone order. `id` is the draft's id, made when the page opened.

    `order_claim` with `order_sequence` is what lets an order be paid once: it is set while
    the payment is open, unknown or succeeded, and empty once it has ended without money.
    `status` is Stripe's, empty until the PaymentIntent exists.
    `status_as_of` is when the status was applied: an answer to an earlier request may be older.
    `owner` is what else of Stripe's it belongs to, asked when somebody wanted to cancel it.
    `attention` and `act_by_at` say what a person has to do, and until when.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "livemode", "stripe_payment_intent_id"),
        UniqueConstraint("stripe_account_id", "livemode", "order_claim", "order_sequence"),
        Index("ix_payment_created_at_id", "created_at", "id"),
        Index(
            "ix_payment_totals",
            "created_at",
            "currency",
            "display_status",
            "amount_received_minor",
        ),
        Index("ix_payment_display_status", "display_status", "created_at", "id"),
        columns.where(
            "ix_payment_at_the_desk",
            ("display_status", "created_at", "id"),
            "taken_at_desk",
            on_sqlite="taken_at_desk = 1",
        ),
        columns.where("ix_payment_attention", ("attention", "act_by_at"), "attention IS NOT NULL"),
        Index("ix_payment_order_claim", "order_claim"),
        Index(
            "ix_payment_stripe_created_at", "stripe_account_id", "livemode", "stripe_created_at"
        ),
        columns.beginnings("ix_payment_search_reference", "search_reference"),
        Index("ix_payment_search_number", "search_number"),
        Index("ix_payment_amount_minor", "amount_minor", "created_at", "id"),
        Index("ix_payment_currency", "currency", "created_at", "id"),
        Index("ix_payment_product_name", "product_name", "created_at", "id"),
        Index("ix_payment_payment_method_type", "payment_method_type", "created_at", "id"),
        Index("ix_payment_card_brand", "card_brand", "created_at", "id"),
        Index("ix_payment_card_last4", "card_last4", "created_at", "id"),
        columns.where(
            "ix_payment_taken_elsewhere",
            ("created_at", "id"),
            "NOT taken_at_desk",
            on_sqlite="taken_at_desk = 0",
        ),
        Index("ix_payment_taken_by", "taken_by", "created_at", "id"),
        Index("ix_payment_succeeded_at", "succeeded_at", "id"),
    )

    id: str = Field(primary_key=True)
    stripe_account_id: str
    livemode: bool
    status: PaymentStatus | str | None = columns.enum(PaymentStatus, nullable=True)
    status_as_of: datetime | None = columns.time(nullable=True)
    display_status: DisplayStatus = columns.enum(DisplayStatus)
    attention: Attention | None = columns.enum(Attention, nullable=True)
    act_by_at: datetime | None = columns.time(nullable=True)
    amount_minor: int = columns.money()
    currency: str
    amount_received_minor: int = columns.money()
    amount_capturable_minor: int = columns.money()
    amount_refunded_minor: int = columns.money()
    capture_method: str = "automatic"
    stripe_payment_intent_id: str | None = None
    stripe_created_at: datetime | None = columns.time(nullable=True)
    latest_charge_id: str | None = None
    product_id: str | None = None
    product_name: str
    unit_amount_minor: int | None = columns.money(default=None, nullable=True)
    quantity: int = 1
    order_reference: str
    search_reference: str
    search_number: str | None = None
    order_claim: str | None = None
    order_sequence: int = 1
    second_payment_reason: str | None = None
    taken_by: str
    taken_at_desk: bool = True
    owner: Owner | None = columns.enum(Owner, nullable=True)
    cancellation_cause: CancellationCause | None = columns.enum(CancellationCause, nullable=True)
    next_action_type: str | None = None
    payment_method_type: str | None = None
    card_brand: str | None = None
    card_last4: str | None = None
    created_at: datetime = columns.time()
    updated_at: datetime = columns.time()
    succeeded_at: datetime | None = columns.time(nullable=True)
    canceled_at: datetime | None = columns.time(nullable=True)


class PaymentLink(SQLModel, table=True):
    """The link of a payment that a customer pays on Stripe's page; `id` is the payment's.

    The page's address is not here: whoever has it sees the order and may pay, so Stripe is asked
    for it when somebody needs it. `status` is Stripe's, empty until the Checkout Session exists.
    """

    __tablename__ = "payment_link"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "livemode", "stripe_checkout_session_id"),
        Index("ix_payment_link_status", "status", "expires_at"),
        Index("ix_payment_link_created_at", "created_at"),
        Index("ix_payment_link_actor_id_created_at", "actor_id", "created_at"),
    )

    id: str = Field(primary_key=True, foreign_key="payment.id")
    stripe_account_id: str
    livemode: bool
    status: LinkStatus | str | None = columns.enum(LinkStatus, nullable=True)
    status_as_of: datetime | None = columns.time(nullable=True)
    stripe_checkout_session_id: str | None = None
    actor_id: str
    expires_at: datetime = columns.time()
    created_at: datetime = columns.time()


class CustomerDetail(SQLModel, table=True):
    """All that is personal about a payment. Erasing it leaves the books whole.

    `customer_key` is what all payments of one customer have in common, and no other one's.
    """

    __tablename__ = "customer_detail"
    __table_args__ = (
        columns.beginnings("ix_customer_detail_search_name", "search_name"),
        columns.beginnings("ix_customer_detail_search_email", "search_email"),
        columns.beginnings("ix_customer_detail_search_phone", "search_phone"),
        columns.where("ix_customer_detail_full", ("created_at",), "erased_at IS NULL"),
        Index("ix_customer_detail_customer_key", "customer_key", "created_at", "payment_id"),
        columns.where(
            "ix_customer_detail_known",
            ("created_at", "payment_id"),
            "customer_key IS NOT NULL",
        ),
    )

    payment_id: str = Field(primary_key=True, foreign_key="payment.id")
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    search_name: str | None = None
    search_email: str | None = None
    search_phone: str | None = None
    customer_key: str | None = None
    created_at: datetime = columns.time()
    erased_at: datetime | None = columns.time(nullable=True)


class CustomerWord(SQLModel, table=True):
    """A word that a payment's customer is found by: personal, and erased with the details."""

    __tablename__ = "customer_word"
    __table_args__ = (
        Index(
            "ix_customer_word_word",
            "word",
            "payment_id",
            postgresql_ops={"word": "text_pattern_ops"},
        ),
        {"sqlite_with_rowid": False},
    )

    payment_id: str = Field(primary_key=True, foreign_key="payment.id")
    word: str = Field(primary_key=True)


class PaymentNote(SQLModel, table=True):
    """What somebody wrote about a payment: personal, and erased with the customer's details."""

    __tablename__ = "payment_note"
    __table_args__ = (Index("ix_payment_note_payment_id", "payment_id"),)

    id: str = Field(primary_key=True)
    payment_id: str = Field(foreign_key="payment.id")
    text: str
    actor_id: str
    created_at: datetime = columns.time()


class Operation(SQLModel, table=True):
    """One write to Stripe, committed before it is sent.

    `open_slot` holds the payment's id while the outcome is unknown, and is unique: a payment
    has at most one open operation. One for which nothing waits takes no slot.
    """

    __tablename__ = "operation"
    __table_args__ = (
        Index("ix_operation_payment_id_created_at", "payment_id", "created_at"),
        columns.where("ix_operation_refund_actor_id", ("actor_id", "id"), "kind = 'refund'"),
        columns.where(
            "ix_operation_open_without_slot",
            ("in_flight_until_at",),
            "finished_at IS NULL AND open_slot IS NULL",
        ),
    )

    id: str = Field(primary_key=True)
    stripe_account_id: str
    livemode: bool
    payment_id: str = Field(foreign_key="payment.id")
    kind: OperationKind = columns.enum(OperationKind)
    idempotency_key: str = Field(unique=True)
    request: dict[str, Any] = columns.json()
    state: OperationState = columns.enum(OperationState)
    open_slot: str | None = Field(default=None, unique=True)
    replayable: bool = True
    in_flight_until_at: datetime | None = columns.time(nullable=True)
    first_sent_at: datetime | None = columns.time(nullable=True)
    last_sent_at: datetime | None = columns.time(nullable=True)
    sends: int = 0
    problem: str | None = None
    stripe_request_id: str | None = None
    needs_review: bool = False
    actor_id: str
    created_at: datetime = columns.time()
    finished_at: datetime | None = columns.time(nullable=True)


class PaymentAttempt(SQLModel, table=True):
    """One confirm, or one Charge that was made elsewhere (then without operation and actor).

    `actor_id` is who pressed the button, whoever took the order.
    """

    __tablename__ = "payment_attempt"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "livemode", "stripe_charge_id"),
        Index("ix_payment_attempt_payment_id_created_at", "payment_id", "created_at"),
        Index("ix_payment_attempt_card_fingerprint", "card_fingerprint", "created_at"),
        Index("ix_payment_attempt_stripe_payment_method_id", "stripe_payment_method_id"),
        # The list's filters, each with what its totals take, so that they read the index alone.
        Index("ix_payment_attempt_created_at", *("created_at", "id", "currency", "amount_minor")),
        Index(
            "ix_payment_attempt_outcome",
            *("outcome", "created_at", "id", "card_brand", "currency", "amount_minor"),
        ),
        Index(
            "ix_payment_attempt_card_brand",
            *("card_brand", "created_at", "id", "outcome", "currency", "amount_minor"),
        ),
        Index(
            "ix_payment_attempt_actor_id_created_at",
            *("actor_id", "created_at", "id", "outcome", "card_brand", "currency", "amount_minor"),
        ),
        columns.where(
            "ix_payment_attempt_declined",
            ("decline_code", "created_at", "id"),
            "decline_code IS NOT NULL",
        ),
        columns.where(
            "ix_payment_attempt_transfer",
            ("stripe_transfer_id",),
            "stripe_transfer_id IS NOT NULL",
        ),
        columns.where("ix_payment_attempt_at_the_desk", ("created_at",), "actor_id IS NOT NULL"),
        columns.where(
            "ix_payment_attempt_decline_code",
            ("decline_code", "payment_id"),
            "decline_code IS NOT NULL",
        ),
        columns.where(
            "ix_payment_attempt_card_country",
            ("card_country", "payment_id"),
            "card_country IS NOT NULL",
        ),
        columns.where("ix_payment_attempt_moto", ("payment_id",), "moto", on_sqlite="moto = 1"),
    )

    id: str = Field(primary_key=True)
    stripe_account_id: str
    livemode: bool
    payment_id: str = Field(foreign_key="payment.id")
    operation_id: str | None = Field(default=None, foreign_key="operation.id", unique=True)
    actor_id: str | None = None
    submission_id: str | None = Field(default=None, unique=True)
    outcome: AttemptOutcome = columns.enum(AttemptOutcome)
    stripe_payment_method_id: str | None = None
    stripe_charge_id: str | None = None
    stripe_transfer_id: str | None = None
    amount_minor: int = columns.money()
    currency: str
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
    capture_before_at: datetime | None = columns.time(nullable=True)
    cvc_check: str | None = None
    postal_code_check: str | None = None
    address_check: str | None = None
    risk_level: str | None = None
    risk_score: int | None = None
    moto: bool | None = None
    created_at: datetime = columns.time()
    settled_at: datetime | None = columns.time(nullable=True)
