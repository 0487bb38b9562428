"""Sign-ins, the names of those who signed in, and the order of one person's payments."""

import sqlalchemy as sa
from alembic import op

from cardpay.storage.schema.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_person")),
    )
    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
    )
    op.create_index("ix_sign_in_session_ends_at", "sign_in_session", ["ends_at"])
    op.drop_index("ix_payment_taken_by", table_name="payment")
    op.create_index("ix_payment_taken_by", "payment", ["taken_by", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_payment_taken_by", table_name="payment")
    op.create_index("ix_payment_taken_by", "payment", ["taken_by", "created_at"])
    op.drop_index("ix_sign_in_session_ends_at", table_name="sign_in_session")
    op.drop_table("sign_in_session")
    op.drop_table("person")
