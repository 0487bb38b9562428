"""Payments by the time at which Stripe made them, as a comparison walks along them."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NAME = "ix_payment_stripe_created_at"


def upgrade() -> None:
    op.create_index(_NAME, "payment", ["stripe_account_id", "livemode", "stripe_created_at"])


def downgrade() -> None:
    op.drop_index(_NAME, table_name="payment")
