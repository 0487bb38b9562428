"""Signatures and seals of the audit log, its triggers and its page's indexes."""

import sqlalchemy as sa
from alembic import op

from cardpay.storage.schema.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("audit_entry", "audit_seal", "audit_tombstone")
_INDEXES = (
    ("ix_audit_entry_actor_id", ["actor_id", "at", "id"]),
    ("ix_audit_entry_act", ["act", "at", "id"]),
    ("ix_audit_entry_subject_id", ["subject_id", "at", "id"]),
)

# Old rows may go behind a tombstone, which `audit_forgetting` writes first.
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_entry' THEN
    IF OLD.id <= (SELECT max(last_entry_id) FROM audit_tombstone) THEN
      RETURN OLD;
    END IF;
  ELSIF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_seal' THEN
    IF OLD.number <= (SELECT max(number) FROM audit_tombstone) THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_SQLITE_DELETES = {
    "audit_entry": "OLD.id > (SELECT coalesce(max(last_entry_id), 0) FROM audit_tombstone)",
    "audit_seal": "OLD.number > (SELECT coalesce(max(number), 0) FROM audit_tombstone)",
    "audit_tombstone": "TRUE",
}


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("mac", sa.String(), nullable=True))
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("last_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("settled_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("previous_mac", sa.String(), nullable=False),
        sa.Column("key_mark", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
    )
    op.create_index("ix_audit_seal_last_entry_id", "audit_seal", ["last_entry_id"])
    op.create_table(
        "audit_tombstone",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seal_mac", sa.String(), nullable=False),
        sa.Column("entry_count", sa.BigInteger(), nullable=False),
        sa.Column("last_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("settled_id", sa.BigInteger(), nullable=False),
        sa.Column("forgotten_at", UtcDateTime(), nullable=False),
        sa.Column("key_mark", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_tombstone")),
    )
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "id"])
    for name, columns in _INDEXES:
        op.create_index(name, "audit_entry", columns)
    _add_triggers()


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in _TABLES:
        for event in ("update", "delete", "truncate"):
            where = f" ON {table}" if on_postgresql else ""
            op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}{where}")
    if on_postgresql:
        op.execute("DROP FUNCTION audit_append_only()")
    for name, _ in reversed(_INDEXES):
        op.drop_index(name, table_name="audit_entry")
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.drop_table("audit_tombstone")
    op.drop_index("ix_audit_seal_last_entry_id", table_name="audit_seal")
    op.drop_table("audit_seal")
    op.drop_column("audit_entry", "mac")


def _add_triggers() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRESQL_FUNCTION)
        for table in _TABLES:
            for event, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table}"
                    f" FOR EACH {each} EXECUTE FUNCTION audit_append_only()"
                )
        return
    for table, refused in _SQLITE_DELETES.items():
        for event, when in (("update", "TRUE"), ("delete", refused)):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} WHEN {when}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
