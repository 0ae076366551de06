"""Alembic migrations of the state database; run by `bot.delivery.state.upgrade`."""
