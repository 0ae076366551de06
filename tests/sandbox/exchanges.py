"""Judges what a bot asked and what the sandbox answered by Discord's description.

``assert_by_the_book(sandbox.exchanges, request)`` takes pytest's ``request``,
for where there is no description the test is left out loudly.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, validators

from tests.openapi import description, present_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pytest
    from jsonschema.exceptions import ValidationError

    from bot.sandbox.exchanges import Exchange

# What the description gets wrong or leaves out, each with the reason.
UNJUDGED: tuple[tuple[str, Callable[[Exchange], bool]], ...] = (
    (
        "what broke off on purpose was never answered",
        lambda exchange: exchange.status is None or not exchange.whole,
    ),
    ("statuses from 500 on are not described", lambda exchange: (exchange.status or 0) >= 500),
    (
        "a 429 without Via comes from the guard before Discord, not from its API",
        lambda exchange: exchange.status == 429 and "Via" not in exchange.response_headers,
    ),
)
BETTER_SCHEMAS = {
    # Described as this or an edit of a message, so that any username would pass.
    "execute_webhook": "IncomingWebhookRequestPartial",
}
LEFT_OUT_OF_ERRORS = {
    # Its codes are names in truth, numbers in the description.
    "errors",
}
_SHOWN = 10


def assert_by_the_book(exchanges: Iterable[Exchange], request: pytest.FixtureRequest) -> None:
    """Assert that all requests and answers are as Discord describes them."""
    path = present_path(request)
    problems = [problem for exchange in list(exchanges) for problem in judge(path, exchange)]
    assert not problems, "\n".join(problems[:_SHOWN])


def judge(path: Path, exchange: Exchange) -> Iterator[str]:
    """Yield what is not as described in one exchange."""
    where = f"{exchange.method} {exchange.route or exchange.path}"
    operation = description(path)["paths"].get(exchange.route, {}).get(exchange.method.lower())
    if operation is None:
        yield f"{where}: Discord knows no such request"
        return
    for problem in _query(path, exchange, operation):
        yield f"{where}: {problem}"
    if operation.get("requestBody") and exchange.request_json is not None:
        schema = _request_schema(exchange, operation)
        for problem in _misfits(path, schema, exchange.request_json):
            yield f"{where} asks: {problem}"
    elif exchange.request_json is not None:
        yield f"{where} asks with a body, and there should be none"
    for problem in _answer(path, exchange, operation):
        yield f"{where} is answered {exchange.status}: {problem}"


def _request_schema(exchange: Exchange, operation: dict[str, Any]) -> dict[str, Any]:
    better = BETTER_SCHEMAS.get(operation["operationId"])
    if better is not None:
        return {"$ref": f"#/components/schemas/{better}"}
    kind = "multipart/form-data" if exchange.files else "application/json"
    schema: dict[str, Any] = operation["requestBody"]["content"][kind]["schema"]
    return schema


def _query(path: Path, exchange: Exchange, operation: dict[str, Any]) -> Iterator[str]:
    known = {entry["name"]: entry["schema"] for entry in operation.get("parameters", ())}
    for name, text in exchange.query.items():
        if name not in known:
            yield f"there is no parameter {name!r}"
            continue
        readings: list[object] = [
            text,
            {"1": True, "true": True, "0": False, "false": False}.get(text.lower()),
        ]
        if text.isdecimal():
            readings.append(int(text))
        if all(list(_misfits(path, known[name], reading)) for reading in readings):
            yield f"parameter {name!r} cannot be {text!r}"


def _answer(path: Path, exchange: Exchange, operation: dict[str, Any]) -> Iterator[str]:
    status = exchange.status
    if status is None or any(unjudged(exchange) for _, unjudged in UNJUDGED):
        return
    responses = operation["responses"]
    response = responses.get(str(status)) or responses.get(f"{status // 100}XX")
    if response is None:
        yield "this status is not described"
        return
    if "$ref" in response:
        name = response["$ref"].rpartition("/")[2]
        response = description(path)["components"]["responses"][name]
    value = exchange.response_json
    if status >= 400 and isinstance(value, dict):
        value = {key: value[key] for key in value if key not in LEFT_OUT_OF_ERRORS}
    content = response.get("content")
    if content is not None:
        yield from _misfits(path, content["application/json"]["schema"], value)
    elif value is not None:
        yield "there should be no body"


def _misfits(path: Path, schema: dict[str, Any], value: object) -> Iterator[str]:
    for problem in _validator(path, json.dumps(schema)).iter_errors(value):
        deepest = _deepest(problem)
        place = "/".join(map(str, deepest.absolute_path))
        yield f"{place or 'the whole'}: {deepest.message[:300]}"


def _deepest(problem: ValidationError) -> ValidationError:
    """Return the error that tells most, of those that make up one of several choices."""
    while problem.context:
        problem = max(problem.context, key=lambda inner: len(inner.absolute_path))
    return problem


def _type(
    validator: Draft202012Validator, types: Any, instance: object, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    # Discord takes ids sent as numbers; discord.py sends them so.
    if schema.get("format") == "snowflake" and isinstance(instance, int):
        return iter(())
    found: Iterator[ValidationError] = Draft202012Validator.VALIDATORS["type"](
        validator, types, instance, schema
    )
    return found


_Judge = validators.extend(Draft202012Validator, {"type": _type})


@cache
def _validator(path: Path, schema: str) -> Draft202012Validator:
    components = description(path)["components"]
    found: Draft202012Validator = _Judge({**json.loads(schema), "components": components})
    return found
