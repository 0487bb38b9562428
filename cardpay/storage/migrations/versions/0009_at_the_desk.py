"""The desk's own payments by their word, as the recoverer looks for unpaid ones each minute."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NAME = "ix_payment_at_the_desk"


def upgrade() -> None:
    op.create_index(
        _NAME,
        "payment",
        ["display_status", "created_at", "id"],
        postgresql_where=sa.text("taken_at_desk"),
        sqlite_where=sa.text("taken_at_desk = 1"),
    )


def downgrade() -> None:
    op.drop_index(_NAME, table_name="payment")
