"""The first tables: everything that is dear to change later, from the start."""

import sqlalchemy as sa
from alembic import op

from cardpay.storage.schema.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id"])

    op.create_table(
        "balance_transaction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("stripe_balance_transaction_id", sa.String(), nullable=False),
        sa.Column("stripe_source_id", sa.String(), nullable=True),
        sa.Column("stripe_payout_id", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("reporting_category", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("exchange_rate", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("available_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balance_transaction")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "stripe_balance_transaction_id",
            name=op.f(
                "uq_balance_transaction_stripe_account_id_livemode_stripe_balance_transaction_id"
            ),
        ),
    )
    op.create_index("ix_balance_transaction_payout", "balance_transaction", ["stripe_payout_id"])
    op.create_index("ix_balance_transaction_source", "balance_transaction", ["stripe_source_id"])

    op.create_table(
        "desk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("status_as_of", UtcDateTime(), nullable=True),
        sa.Column("display_status", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_received_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_capturable_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("capture_method", sa.String(), nullable=False),
        sa.Column("stripe_payment_intent_id", sa.String(), nullable=True),
        sa.Column("stripe_created_at", UtcDateTime(), nullable=True),
        sa.Column("latest_charge_id", sa.String(), nullable=True),
        sa.Column("product_id", sa.String(), nullable=True),
        sa.Column("product_name", sa.String(), nullable=False),
        sa.Column("unit_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("order_reference", sa.String(), nullable=False),
        sa.Column("search_reference", sa.String(), nullable=False),
        sa.Column("order_claim", sa.String(), nullable=True),
        sa.Column("order_sequence", sa.Integer(), nullable=False),
        sa.Column("second_payment_reason", sa.String(), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("taken_at_desk", sa.Boolean(), nullable=False),
        sa.Column("cancellation_cause", sa.String(), nullable=True),
        sa.Column("card_brand", sa.String(), nullable=True),
        sa.Column("card_last4", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("succeeded_at", UtcDateTime(), nullable=True),
        sa.Column("canceled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "order_claim",
            "order_sequence",
            name=op.f("uq_payment_stripe_account_id_livemode_order_claim_order_sequence"),
        ),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "stripe_payment_intent_id",
            name=op.f("uq_payment_stripe_account_id_livemode_stripe_payment_intent_id"),
        ),
    )
    op.create_index("ix_payment_card_last4", "payment", ["card_last4", "created_at"])
    op.create_index("ix_payment_created_at_id", "payment", ["created_at", "id"])
    op.create_index("ix_payment_order_claim", "payment", ["order_claim"])
    op.create_index(
        "ix_payment_search_reference",
        "payment",
        ["search_reference"],
        postgresql_ops={"search_reference": "text_pattern_ops"},
    )
    op.create_index("ix_payment_display_status", "payment", ["display_status", "created_at", "id"])
    op.create_index("ix_payment_taken_by", "payment", ["taken_by", "created_at"])

    op.create_table(
        "product",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit_amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
    )
    op.create_table(
        "stripe_event",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("stripe_event_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("api_version", sa.String(), nullable=True),
        sa.Column("object_id", sa.String(), nullable=True),
        sa.Column("stripe_payment_intent_id", sa.String(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("handled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_event")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "stripe_event_id",
            name=op.f("uq_stripe_event_stripe_account_id_livemode_stripe_event_id"),
        ),
    )
    op.create_index("ix_stripe_event_payment_intent", "stripe_event", ["stripe_payment_intent_id"])
    op.create_index("ix_stripe_event_state_next_try_at", "stripe_event", ["state", "next_try_at"])

    op.create_table(
        "customer_detail",
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("search_name", sa.String(), nullable=True),
        sa.Column("search_email", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_customer_detail_payment_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_customer_detail")),
    )
    op.create_index(
        "ix_customer_detail_search_email",
        "customer_detail",
        ["search_email"],
        postgresql_ops={"search_email": "text_pattern_ops"},
    )
    op.create_index(
        "ix_customer_detail_search_name",
        "customer_detail",
        ["search_name"],
        postgresql_ops={"search_name": "text_pattern_ops"},
    )

    op.create_table(
        "dispute",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("stripe_dispute_id", sa.String(), nullable=False),
        sa.Column("stripe_charge_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_as_of", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("evidence_due_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_dispute_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "stripe_dispute_id",
            name=op.f("uq_dispute_stripe_account_id_livemode_stripe_dispute_id"),
        ),
    )
    op.create_index("ix_dispute_payment_id", "dispute", ["payment_id"])

    op.create_table(
        "operation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("open_slot", sa.String(), nullable=True),
        sa.Column("replayable", sa.Boolean(), nullable=False),
        sa.Column("in_flight_until_at", UtcDateTime(), nullable=True),
        sa.Column("first_sent_at", UtcDateTime(), nullable=True),
        sa.Column("last_sent_at", UtcDateTime(), nullable=True),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("problem_code", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("stripe_request_id", sa.String(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_operation_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_operation_idempotency_key")),
        sa.UniqueConstraint("open_slot", name=op.f("uq_operation_open_slot")),
    )
    op.create_index(
        "ix_operation_payment_id_created_at", "operation", ["payment_id", "created_at"]
    )

    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=True),
        sa.Column("submission_id", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("stripe_payment_method_id", sa.String(), nullable=True),
        sa.Column("stripe_charge_id", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("card_brand", sa.String(), nullable=True),
        sa.Column("card_last4", sa.String(), nullable=True),
        sa.Column("card_exp_month", sa.Integer(), nullable=True),
        sa.Column("card_exp_year", sa.Integer(), nullable=True),
        sa.Column("card_country", sa.String(), nullable=True),
        sa.Column("card_funding", sa.String(), nullable=True),
        sa.Column("card_fingerprint", sa.String(), nullable=True),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("decline_code", sa.String(), nullable=True),
        sa.Column("network_decline_code", sa.String(), nullable=True),
        sa.Column("advice_code", sa.String(), nullable=True),
        sa.Column("capture_before_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_payment_attempt_operation_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_attempt_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempt")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_payment_attempt_operation_id")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "stripe_charge_id",
            name=op.f("uq_payment_attempt_stripe_account_id_livemode_stripe_charge_id"),
        ),
        sa.UniqueConstraint("submission_id", name=op.f("uq_payment_attempt_submission_id")),
    )
    op.create_index(
        "ix_payment_attempt_card_fingerprint",
        "payment_attempt",
        ["card_fingerprint", "created_at"],
    )
    op.create_index(
        "ix_payment_attempt_payment_id_created_at", "payment_attempt", ["payment_id", "created_at"]
    )

    op.create_table(
        "refund",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=True),
        sa.Column("stripe_refund_id", sa.String(), nullable=True),
        sa.Column("stripe_charge_id", sa.String(), nullable=True),
        sa.Column("stripe_balance_transaction_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("status_as_of", UtcDateTime(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("failure_reason", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_refund_operation_id")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_refund_operation_id")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "stripe_refund_id",
            name=op.f("uq_refund_stripe_account_id_livemode_stripe_refund_id"),
        ),
    )
    op.create_index("ix_refund_payment_id", "refund", ["payment_id"])


def downgrade() -> None:
    op.drop_index("ix_refund_payment_id", "refund")

    op.drop_table("refund")
    op.drop_index("ix_payment_attempt_payment_id_created_at", "payment_attempt")
    op.drop_index("ix_payment_attempt_card_fingerprint", "payment_attempt")

    op.drop_table("payment_attempt")
    op.drop_index("ix_operation_payment_id_created_at", "operation")

    op.drop_table("operation")
    op.drop_index("ix_dispute_payment_id", "dispute")

    op.drop_table("dispute")
    op.drop_index("ix_customer_detail_search_name", "customer_detail")
    op.drop_index("ix_customer_detail_search_email", "customer_detail")

    op.drop_table("customer_detail")
    op.drop_index("ix_stripe_event_state_next_try_at", "stripe_event")
    op.drop_index("ix_stripe_event_payment_intent", "stripe_event")

    op.drop_table("stripe_event")
    op.drop_table("product")
    op.drop_index("ix_payment_taken_by", "payment")
    op.drop_index("ix_payment_display_status", "payment")
    op.drop_index("ix_payment_search_reference", "payment")
    op.drop_index("ix_payment_order_claim", "payment")
    op.drop_index("ix_payment_created_at_id", "payment")
    op.drop_index("ix_payment_card_last4", "payment")

    op.drop_table("payment")
    op.drop_table("desk")
    op.drop_index("ix_balance_transaction_source", "balance_transaction")
    op.drop_index("ix_balance_transaction_payout", "balance_transaction")

    op.drop_table("balance_transaction")
    op.drop_index("ix_audit_entry_subject", "audit_entry")
    op.drop_index("ix_audit_entry_at", "audit_entry")

    op.drop_table("audit_entry")
