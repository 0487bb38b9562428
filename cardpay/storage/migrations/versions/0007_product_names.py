"""No two products with one name, in whatever spelling."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("product", sa.Column("name_key", sa.String(), nullable=True))
    product = sa.table("product", sa.column("id"), sa.column("name"), sa.column("name_key"))
    connection = op.get_bind()
    taken: set[str] = set()
    for product_id, name in connection.execute(
        sa.select(product.c.id, product.c.name).order_by(product.c.id)
    ).all():
        # One of two that are called alike keeps the name to itself; the other still sells.
        key = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
        if key not in taken:
            taken.add(key)
            connection.execute(
                sa.update(product).where(product.c.id == product_id).values(name_key=key)
            )
    op.create_index("uq_product_name_key", "product", ["name_key"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_product_name_key", table_name="product")
    op.drop_column("product", "name_key")
