"""What retention needs: which events are emptied, and the oldest rows without looking at all."""

import sqlalchemy as sa
from alembic import op

from cardpay.storage.schema.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stripe_event", sa.Column("emptied_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_stripe_event_full",
        "stripe_event",
        ["received_at"],
        postgresql_where=sa.text("emptied_at IS NULL"),
        sqlite_where=sa.text("emptied_at IS NULL"),
    )
    op.create_index(
        "ix_customer_detail_full",
        "customer_detail",
        ["created_at"],
        postgresql_where=sa.text("erased_at IS NULL"),
        sqlite_where=sa.text("erased_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_customer_detail_full", table_name="customer_detail")
    op.drop_index("ix_stripe_event_full", table_name="stripe_event")
    op.drop_column("stripe_event", "emptied_at")
