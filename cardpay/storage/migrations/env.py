"""Alembic's entry: runs the migrations on the connection that cardpay hands over."""

from alembic import context

from cardpay.storage.schema.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
