"""How values are kept in the state database, and the metadata of all its tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, MetaData, Text, TypeDecorator

from bot.delivery.state.model import PartState

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

metadata = MetaData()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment as whole microseconds since 1970, the same on every engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=int(value))


class JsonText(TypeDecorator[dict[str, Any]]):
    """A JSON object as ASCII text: NUL and lone surrogates survive as escapes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else dict(json.loads(value))


class StateText(TypeDecorator[PartState]):
    """A part's state as its value; drivers differ in what they make of enums."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: PartState | None, dialect: Dialect) -> str | None:
        return None if value is None else PartState(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> PartState | None:
        return None if value is None else PartState(value)


class Snowflake(TypeDecorator[int]):
    """An id of Discord's as its digits: it has 64 bits, one more than the engines' integers."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        return None if value is None else str(int(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)
