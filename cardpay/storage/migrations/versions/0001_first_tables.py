"""Every table, and the triggers: they keep the audit log append-only, and tell changed days."""

from collections.abc import Callable, Iterator

import sqlalchemy as sa
from alembic import op

from cardpay.storage.schema.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "audit_entry",
    "audit_head",
    "audit_tombstone",
    "backfill",
    "balance_transaction",
    "desk",
    "lease",
    "order_number",
    "payment",
    "person",
    "product",
    "reconciliation",
    "sign_in_session",
    "stripe_event",
    "stripe_reads",
    "payout",
    "unreadable_object",
    "backfill_range",
    "customer_detail",
    "customer_word",
    "discrepancy",
    "dispute",
    "export_file",
    "operation",
    "payment_attempt",
    "payment_link",
    "payment_note",
    "refund",
    "day_total",
    "totalled_day",
    "changed_quarter",
    "month_end",
    "saved_view",
    "column_choice",
)
_AUDIT_TABLES = ("audit_entry", "audit_head", "audit_tombstone")

# Entries may go behind a tombstone, which pruning writes first; the head only moves on.
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_entry' THEN
    IF OLD.id <= (SELECT max(number) FROM audit_tombstone) THEN
      RETURN OLD;
    END IF;
  ELSIF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_head' THEN
    IF NEW.id = OLD.id AND NEW.number > OLD.number THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_SQLITE_REFUSALS = {
    ("audit_entry", "delete"): ("OLD.id > (SELECT coalesce(max(number), 0) FROM audit_tombstone)"),
    ("audit_head", "update"): "NEW.id <> OLD.id OR NEW.number <= OLD.number",
}

# Of the payments whose objects are written: when they and all that is theirs happened, since it
# counts in those days' totals by what is known of the payment. `written` are the rows.
_MOMENTS = """
  SELECT created_at AS at FROM payment WHERE id IN ({ids})
  UNION ALL SELECT succeeded_at FROM payment WHERE id IN ({ids})
  UNION ALL SELECT created_at FROM payment_attempt WHERE payment_id IN ({ids})
  UNION ALL SELECT created_at FROM refund WHERE payment_id IN ({ids})
  UNION ALL SELECT created_at FROM dispute WHERE payment_id IN ({ids})
"""
_OF_WRITTEN = "SELECT payment_id FROM {written}"
_PAYMENTS_OF = {
    "payment": "SELECT id FROM {written}",
    "payment_attempt": _OF_WRITTEN,
    "refund": _OF_WRITTEN,
    "dispute": _OF_WRITTEN,
    "balance_transaction": " UNION ALL ".join(
        f"SELECT o.payment_id FROM {table} o JOIN {{written}} w ON o.{name} = w.{key}"
        " AND o.stripe_account_id = w.stripe_account_id AND o.livemode = w.livemode"
        for table, name, key in (
            ("payment_attempt", "stripe_charge_id", "stripe_source_id"),
            ("payment_attempt", "stripe_transfer_id", "stripe_source_id"),
            ("refund", "stripe_refund_id", "stripe_source_id"),
            ("refund", "stripe_failure_balance_transaction_id", "stripe_balance_transaction_id"),
            ("dispute", "stripe_dispute_id", "stripe_source_id"),
        )
    ),
}
# What a change of the row's own times leaves behind, and what SQLite's triggers need of a row.
_OWN_TIMES = {
    "payment": ("created_at", "succeeded_at"),
    "payment_attempt": ("created_at",),
    "refund": ("created_at",),
    "dispute": ("created_at",),
    "balance_transaction": (),
}
_KEYS = {
    "payment": ("id",),
    "balance_transaction": (
        "stripe_account_id",
        "livemode",
        "stripe_source_id",
        "stripe_balance_transaction_id",
    ),
}


# Of two indexes that would do, SQLite takes the one that was made later.
def upgrade() -> None:  # noqa: PLR0915 - a statement a table
    op.create_table(
        "audit_entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
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
        sa.Column("key_mark", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "id"])
    op.create_index("ix_audit_entry_actor_id", "audit_entry", ["actor_id", "at", "id"])
    op.create_index("ix_audit_entry_act", "audit_entry", ["act", "at", "id"])
    op.create_index("ix_audit_entry_subject_id", "audit_entry", ["subject_id", "at", "id"])

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )

    op.create_table(
        "audit_tombstone",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("entry_mac", sa.String(), nullable=False),
        sa.Column("pruned_at", UtcDateTime(), nullable=False),
        sa.Column("key_mark", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_tombstone")),
    )

    op.create_table(
        "backfill",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("since_at", UtcDateTime(), nullable=True),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfill")),
    )
    op.create_index("ix_backfill_started_at", "backfill", ["started_at"])

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
    op.create_index("ix_balance_transaction_source", "balance_transaction", ["stripe_source_id"])
    op.create_index("ix_balance_transaction_payout", "balance_transaction", ["stripe_payout_id"])
    op.create_index(
        "ix_balance_transaction_created_at", "balance_transaction", ["created_at", "id"]
    )
    op.create_index(
        "ix_balance_transaction_opening",
        "balance_transaction",
        ["currency", "created_at", "net_minor"],
    )
    op.create_index(
        "ix_balance_transaction_pending",
        "balance_transaction",
        ["currency", "available_at", "net_minor"],
    )

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
        "export_file",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("maker", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file_format", sa.String(), nullable=False),
        sa.Column("filter_words", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("objects", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_file")),
    )
    op.create_index("ix_export_file_maker", "export_file", ["maker", "created_at"])
    op.create_index("ix_export_file_state", "export_file", ["state", "seen_at"])

    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )

    op.create_table(
        "order_number",
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_order_number")),
    )

    op.create_table(
        "payment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("status_as_of", UtcDateTime(), nullable=True),
        sa.Column("display_status", sa.String(), nullable=False),
        sa.Column("attention", sa.String(), nullable=True),
        sa.Column("act_by_at", UtcDateTime(), nullable=True),
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
        sa.Column("search_number", sa.String(), nullable=True),
        sa.Column("order_claim", sa.String(), nullable=True),
        sa.Column("order_sequence", sa.Integer(), nullable=False),
        sa.Column("second_payment_reason", sa.String(), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("taken_at_desk", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("cancellation_cause", sa.String(), nullable=True),
        sa.Column("next_action_type", sa.String(), nullable=True),
        sa.Column("payment_method_type", sa.String(), nullable=True),
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
    op.create_index("ix_payment_search_number", "payment", ["search_number"])
    op.create_index("ix_payment_amount_minor", "payment", ["amount_minor", "created_at", "id"])
    op.create_index("ix_payment_currency", "payment", ["currency", "created_at", "id"])
    op.create_index("ix_payment_product_name", "payment", ["product_name", "created_at", "id"])
    op.create_index(
        "ix_payment_payment_method_type", "payment", ["payment_method_type", "created_at", "id"]
    )
    op.create_index("ix_payment_card_brand", "payment", ["card_brand", "created_at", "id"])
    op.create_index("ix_payment_card_last4", "payment", ["card_last4", "created_at", "id"])
    op.create_index(
        "ix_payment_taken_elsewhere",
        "payment",
        ["created_at", "id"],
        postgresql_where=sa.text("NOT taken_at_desk"),
        sqlite_where=sa.text("taken_at_desk = 0"),
    )
    op.create_index("ix_payment_created_at_id", "payment", ["created_at", "id"])
    op.create_index(
        "ix_payment_totals",
        "payment",
        ["created_at", "currency", "display_status", "amount_received_minor"],
    )
    op.create_index(
        "ix_payment_attention",
        "payment",
        ["attention", "act_by_at"],
        postgresql_where=sa.text("attention IS NOT NULL"),
        sqlite_where=sa.text("attention IS NOT NULL"),
    )
    op.create_index("ix_payment_order_claim", "payment", ["order_claim"])
    op.create_index(
        "ix_payment_search_reference",
        "payment",
        ["search_reference"],
        postgresql_ops={"search_reference": "text_pattern_ops"},
    )
    op.create_index("ix_payment_display_status", "payment", ["display_status", "created_at", "id"])
    op.create_index("ix_payment_taken_by", "payment", ["taken_by", "created_at", "id"])
    op.create_index("ix_payment_succeeded_at", "payment", ["succeeded_at", "id"])
    op.create_index(
        "ix_payment_stripe_created_at",
        "payment",
        ["stripe_account_id", "livemode", "stripe_created_at"],
    )
    op.create_index(
        "ix_payment_at_the_desk",
        "payment",
        ["display_status", "created_at", "id"],
        postgresql_where=sa.text("taken_at_desk"),
        sqlite_where=sa.text("taken_at_desk = 1"),
    )

    op.create_table(
        "payout",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("stripe_payout_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_as_of", UtcDateTime(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("is_itemised", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(), nullable=True),
        sa.Column("arrival_at", UtcDateTime(), nullable=True),
        sa.Column("reconciliation_status", sa.String(), nullable=True),
        sa.Column("trace_id", sa.String(), nullable=True),
        sa.Column("statement_descriptor", sa.String(), nullable=True),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("failure_message", sa.String(), nullable=True),
        sa.Column("stripe_balance_transaction_id", sa.String(), nullable=True),
        sa.Column("stripe_failure_balance_transaction_id", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "stripe_payout_id",
            name=op.f("uq_payout_stripe_account_id_livemode_stripe_payout_id"),
        ),
    )
    op.create_index("ix_payout_created_at", "payout", ["created_at", "id"])
    op.create_index(
        "ix_payout_to_itemise",
        "payout",
        ["created_at"],
        postgresql_where=sa.text("NOT is_itemised"),
        sqlite_where=sa.text("is_itemised = 0"),
    )

    op.create_table(
        "unreadable_object",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stripe_object_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreadable_object")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "stripe_object_id",
            name=op.f("uq_unreadable_object_stripe_account_id_livemode_stripe_object_id"),
        ),
    )

    op.create_table(
        "person",
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_person")),
    )

    op.create_table(
        "product",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=True),
        sa.Column("unit_amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
    )
    op.create_index("uq_product_name_key", "product", ["name_key"], unique=True)

    op.create_table(
        "reconciliation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("since_at", UtcDateTime(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    op.create_index("ix_reconciliation_started_at", "reconciliation", ["started_at"])

    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("checking_until", UtcDateTime(), nullable=True),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("email_domain", sa.String(), nullable=True),
        sa.Column("token", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
    )
    op.create_index("ix_sign_in_session_ends_at", "sign_in_session", ["ends_at"])

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
        sa.Column("listed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("handled_at", UtcDateTime(), nullable=True),
        sa.Column("emptied_at", UtcDateTime(), nullable=True),
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
    op.create_index(
        "ix_stripe_event_full",
        "stripe_event",
        ["received_at"],
        postgresql_where=sa.text("emptied_at IS NULL"),
        sqlite_where=sa.text("emptied_at IS NULL"),
    )

    op.create_table(
        "stripe_reads",
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("reads", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "stripe_account_id", "livemode", "month", name=op.f("pk_stripe_reads")
        ),
    )

    op.create_table(
        "backfill_range",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("backfill_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_at", UtcDateTime(), nullable=False),
        sa.Column("to_at", UtcDateTime(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["backfill_id"], ["backfill.id"], name=op.f("fk_backfill_range_backfill_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfill_range")),
        sa.UniqueConstraint(
            "backfill_id",
            "kind",
            "from_at",
            name=op.f("uq_backfill_range_backfill_id_kind_from_at"),
        ),
    )

    op.create_table(
        "customer_detail",
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("search_name", sa.String(), nullable=True),
        sa.Column("search_email", sa.String(), nullable=True),
        sa.Column("search_phone", sa.String(), nullable=True),
        sa.Column("customer_key", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_customer_detail_payment_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_customer_detail")),
    )
    op.create_index(
        "ix_customer_detail_search_phone",
        "customer_detail",
        ["search_phone"],
        postgresql_ops={"search_phone": "text_pattern_ops"},
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
    op.create_index(
        "ix_customer_detail_full",
        "customer_detail",
        ["created_at"],
        postgresql_where=sa.text("erased_at IS NULL"),
        sqlite_where=sa.text("erased_at IS NULL"),
    )

    op.create_index(
        "ix_customer_detail_customer_key",
        "customer_detail",
        ["customer_key", "created_at", "payment_id"],
    )
    op.create_index(
        "ix_customer_detail_known",
        "customer_detail",
        ["created_at", "payment_id"],
        postgresql_where=sa.text("customer_key IS NOT NULL"),
        sqlite_where=sa.text("customer_key IS NOT NULL"),
    )

    op.create_table(
        "customer_word",
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_customer_word_payment_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", "word", name=op.f("pk_customer_word")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_customer_word_word",
        "customer_word",
        ["word", "payment_id"],
        postgresql_ops={"word": "text_pattern_ops"},
    )

    op.create_table(
        "discrepancy",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("reconciliation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("stripe_object_id", sa.String(), nullable=True),
        sa.Column("ours", sa.String(), nullable=True),
        sa.Column("theirs", sa.String(), nullable=True),
        sa.Column("done", sa.String(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_discrepancy_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"],
            ["reconciliation.id"],
            name=op.f("fk_discrepancy_reconciliation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
    )
    op.create_index("ix_discrepancy_reconciliation_id", "discrepancy", ["reconciliation_id"])

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
        sa.Column("is_charge_refundable", sa.Boolean(), nullable=True),
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
    op.create_index("ix_dispute_created_at", "dispute", ["created_at", "id"])

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
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("stripe_request_id", sa.String(), nullable=True),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
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
        "ix_operation_refund_actor_id",
        "operation",
        ["actor_id", "id"],
        postgresql_where=sa.text("kind = 'refund'"),
        sqlite_where=sa.text("kind = 'refund'"),
    )
    op.create_index(
        "ix_operation_payment_id_created_at", "operation", ["payment_id", "created_at"]
    )
    op.create_index(
        "ix_operation_open_without_slot",
        "operation",
        ["in_flight_until_at"],
        postgresql_where=sa.text("finished_at IS NULL AND open_slot IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL AND open_slot IS NULL"),
    )

    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=True),
        sa.Column("actor_id", sa.String(), nullable=True),
        sa.Column("submission_id", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("stripe_payment_method_id", sa.String(), nullable=True),
        sa.Column("stripe_charge_id", sa.String(), nullable=True),
        sa.Column("stripe_transfer_id", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("method_type", sa.String(), nullable=True),
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
        sa.Column("cvc_check", sa.String(), nullable=True),
        sa.Column("postal_code_check", sa.String(), nullable=True),
        sa.Column("address_check", sa.String(), nullable=True),
        sa.Column("risk_level", sa.String(), nullable=True),
        sa.Column("risk_score", sa.Integer(), nullable=True),
        sa.Column("moto", sa.Boolean(), nullable=True),
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
    op.create_index(
        "ix_payment_attempt_created_at",
        "payment_attempt",
        ["created_at", "id", "currency", "amount_minor"],
    )
    op.create_index(
        "ix_payment_attempt_outcome",
        "payment_attempt",
        ["outcome", "created_at", "id", "card_brand", "currency", "amount_minor"],
    )
    op.create_index(
        "ix_payment_attempt_card_brand",
        "payment_attempt",
        ["card_brand", "created_at", "id", "outcome", "currency", "amount_minor"],
    )
    op.create_index(
        "ix_payment_attempt_actor_id_created_at",
        "payment_attempt",
        ["actor_id", "created_at", "id", "outcome", "card_brand", "currency", "amount_minor"],
    )
    op.create_index(
        "ix_payment_attempt_declined",
        "payment_attempt",
        ["decline_code", "created_at", "id"],
        postgresql_where=sa.text("decline_code IS NOT NULL"),
        sqlite_where=sa.text("decline_code IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_attempt_stripe_payment_method_id",
        "payment_attempt",
        ["stripe_payment_method_id"],
    )
    op.create_index(
        "ix_payment_attempt_transfer",
        "payment_attempt",
        ["stripe_transfer_id"],
        postgresql_where=sa.text("stripe_transfer_id IS NOT NULL"),
        sqlite_where=sa.text("stripe_transfer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_attempt_at_the_desk",
        "payment_attempt",
        ["created_at"],
        postgresql_where=sa.text("actor_id IS NOT NULL"),
        sqlite_where=sa.text("actor_id IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_attempt_decline_code",
        "payment_attempt",
        ["decline_code", "payment_id"],
        postgresql_where=sa.text("decline_code IS NOT NULL"),
        sqlite_where=sa.text("decline_code IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_attempt_card_country",
        "payment_attempt",
        ["card_country", "payment_id"],
        postgresql_where=sa.text("card_country IS NOT NULL"),
        sqlite_where=sa.text("card_country IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_attempt_moto",
        "payment_attempt",
        ["payment_id"],
        postgresql_where=sa.text("moto"),
        sqlite_where=sa.text("moto = 1"),
    )

    op.create_table(
        "payment_link",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("status_as_of", UtcDateTime(), nullable=True),
        sa.Column("stripe_checkout_session_id", sa.String(), nullable=True),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["payment.id"], name=op.f("fk_payment_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_link")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "stripe_checkout_session_id",
            name=op.f("uq_payment_link_stripe_account_id_livemode_stripe_checkout_session_id"),
        ),
    )
    op.create_index("ix_payment_link_status", "payment_link", ["status", "expires_at"])
    op.create_index("ix_payment_link_created_at", "payment_link", ["created_at"])
    op.create_index(
        "ix_payment_link_actor_id_created_at", "payment_link", ["actor_id", "created_at"]
    )

    op.create_table(
        "payment_note",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_note_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_note")),
    )
    op.create_index("ix_payment_note_payment_id", "payment_note", ["payment_id"])

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
        sa.Column("stripe_failure_balance_transaction_id", sa.String(), nullable=True),
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
    op.create_index("ix_refund_created_at", "refund", ["created_at", "id"])
    op.create_index(
        "ix_refund_failure",
        "refund",
        ["stripe_failure_balance_transaction_id"],
        postgresql_where=sa.text("stripe_failure_balance_transaction_id IS NOT NULL"),
        sqlite_where=sa.text("stripe_failure_balance_transaction_id IS NOT NULL"),
    )

    op.create_table(
        "day_total",
        sa.Column("split", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("settled_in", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("volume_minor", sa.BigInteger(), nullable=False),
        sa.Column("tried", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("declined", sa.BigInteger(), nullable=False),
        sa.Column("saved", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("attempts_accepted", sa.BigInteger(), nullable=False),
        sa.Column("refunds", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("disputes", sa.BigInteger(), nullable=False),
        sa.Column("disputed_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_volume_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_disputed_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "split", "day", "currency", "settled_in", "value", name=op.f("pk_day_total")
        ),
    )

    op.create_table(
        "month_end",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("stripe_account_id", sa.String(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("exported_at", UtcDateTime(), nullable=False),
        sa.Column("transactions", sa.Integer(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("transaction_digests", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_end")),
        sa.UniqueConstraint(
            "stripe_account_id",
            "livemode",
            "month",
            "currency",
            name=op.f("uq_month_end_stripe_account_id_livemode_month_currency"),
        ),
    )

    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shared_role", sa.String(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("actor_id", "name", name=op.f("uq_saved_view_actor_id_name")),
    )
    op.create_index("ix_saved_view_shared_role", "saved_view", ["shared_role"])

    op.create_table(
        "column_choice",
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("list_name", sa.String(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "list_name", name=op.f("pk_column_choice")),
    )

    op.create_table(
        "totalled_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_totalled_day")),
    )

    op.create_table(
        "changed_quarter",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("quarter", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_quarter")),
    )
    op.create_index("ix_changed_quarter_quarter", "changed_quarter", ["quarter"])

    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgresql()
        _tell_changes_on_postgresql()
    else:
        _guard_on_sqlite()
        _tell_changes_on_sqlite()


def downgrade() -> None:
    """Indexes and triggers go with their tables."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_append_only()")
        for name, *_ in _changes(lambda _table, _row: ""):
            op.execute(f"DROP FUNCTION {name}()")


def _guard_on_postgresql() -> None:
    op.execute(_POSTGRESQL_FUNCTION)
    for table in _AUDIT_TABLES:
        for event, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION audit_append_only()"
            )


def _guard_on_sqlite() -> None:
    for table in _AUDIT_TABLES:
        for event in ("update", "delete"):
            refused = _SQLITE_REFUSALS.get((table, event), "TRUE")
            op.execute(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} WHEN {refused}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _tell_changes_on_postgresql() -> None:
    """Once a statement, however many rows it writes: an import writes a thousand at a time."""
    for name, table, event, which, moments in _changes(lambda _table, _row: "written"):
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO changed_quarter (quarter) SELECT DISTINCT"
            " floor(extract(epoch FROM at) / 900)::bigint"
            f" FROM ({moments}) AS moment WHERE at IS NOT NULL; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {which} TABLE AS written"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def _tell_changes_on_sqlite() -> None:
    def row(table: str, which: str) -> str:
        columns = (*_KEYS.get(table, ("payment_id",)), *_OWN_TIMES[table])
        return "(SELECT " + ", ".join(f"{which}.{column} AS {column}" for column in columns) + ")"

    for name, table, event, _which, moments in _changes(row):
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table}"
            " BEGIN INSERT INTO changed_quarter (quarter) SELECT DISTINCT"
            " CAST(strftime('%s', at) AS INTEGER) / 900"
            f" FROM ({moments}) WHERE at IS NOT NULL; END"
        )


def _changes(
    written: Callable[[str, str], str],
) -> Iterator[tuple[str, str, str, str, str]]:
    """The triggers: name, table, event, which rows, and the query for what they change.

    What a row said before only its own times can have changed. A balance transaction stays.
    """
    for table, payments in _PAYMENTS_OF.items():
        for event, which in (("insert", "NEW"), ("update", "NEW"), ("update", "OLD")):
            rows = written(table, which)
            moments = [f"SELECT {time} AS at FROM {rows}" for time in _OWN_TIMES[table]]
            if which == "NEW":
                moments = [_MOMENTS.format(ids=payments.format(written=rows)), *moments]
            if event == "insert" or _OWN_TIMES[table]:
                name = f"{table}_{event}_of_{which.lower()}_changes"
                yield name, table, event, which, " UNION ALL ".join(moments)
