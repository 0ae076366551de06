"""The statements that the pages give for PostgreSQL make a database that the ledger can use."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, NoReturn

import sqlalchemy as sa

from bot.delivery.ledger import Ledger
from tests.docs.pages import blocks
from tests.servers import server, unavailable, writable_engine

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_ledger_lives_in_the_database_that_is_made(
    leave_out: Callable[[str], NoReturn],
) -> None:
    reason = unavailable("postgresql")
    if reason is not None:
        leave_out(reason)
    name = f"bgs_docs_{uuid.uuid4().hex[:8]}"
    [block] = blocks("sql")
    uri = server("postgresql").uri
    admin = writable_engine(uri).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        try:
            for statement in filter(str.strip, block.text.split(";")):
                connection.execute(sa.text(re.sub(r"\bbgs_bot\b", name, statement)))
            own = sa.make_url(uri).set(username=name, password="choose-one", database=name)
            with Ledger.open(own.render_as_string(hide_password=False)) as ledger:
                assert ledger.totals().states == {}
        finally:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(sa.text(f"DROP ROLE IF EXISTS {name}"))
