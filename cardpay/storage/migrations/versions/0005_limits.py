"""Who pressed the button of an attempt, and which PaymentMethods were tried."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AT_THE_DESK = sa.text("actor_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("payment_attempt", sa.Column("actor_id", sa.String(), nullable=True))
    op.execute(
        "UPDATE payment_attempt SET actor_id = (SELECT operation.actor_id FROM operation"
        " WHERE operation.id = payment_attempt.operation_id) WHERE operation_id IS NOT NULL"
    )
    op.create_index(
        "ix_payment_attempt_actor_id_created_at", "payment_attempt", ["actor_id", "created_at"]
    )
    op.create_index(
        "ix_payment_attempt_stripe_payment_method_id",
        "payment_attempt",
        ["stripe_payment_method_id"],
    )
    op.create_index(
        "ix_payment_attempt_at_the_desk",
        "payment_attempt",
        ["created_at"],
        sqlite_where=_AT_THE_DESK,
        postgresql_where=_AT_THE_DESK,
    )


def downgrade() -> None:
    op.drop_index("ix_payment_attempt_at_the_desk", table_name="payment_attempt")
    op.drop_index("ix_payment_attempt_stripe_payment_method_id", table_name="payment_attempt")
    op.drop_index("ix_payment_attempt_actor_id_created_at", table_name="payment_attempt")
    op.drop_column("payment_attempt", "actor_id")
