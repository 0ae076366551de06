"""Alembic's entry: runs on the connection and in the transaction it is handed."""

from __future__ import annotations

from alembic import context

from bot.delivery.state.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
