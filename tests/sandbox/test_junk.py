"""Junk is refused, and never answered with a failure of the server.

Requests that would be taken are spoilt in one to three places and thrown at
every route, with whatever else JSON can be.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.interactions.records import Answer, Kind
from bot.sandbox.replies import API
from tests.sandbox.hand import Hand, handed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.sandbox.world import StoredMessage

    Route = tuple[str, str]
    Throw = tuple[Route, Kind, Any]

EXAMPLES = 400
# Faults are there to make requests fail.
UNTOUCHED = ("/_/faults",)
EMBED = {
    "title": "t",
    "description": "d",
    "url": "https://example.org",
    "color": 5,
    "timestamp": "2025-01-01T00:00:00Z",
    "author": {"name": "n", "icon_url": "https://example.org/a.png"},
    "footer": {"text": "f"},
    "image": {"url": "attachment://a.png"},
    "fields": [{"name": "a", "value": "b", "inline": True}],
}
ROWS = [
    {
        "type": 1,
        "id": 7,
        "components": [
            {"type": 2, "style": 1, "label": "l", "custom_id": "a", "emoji": {"name": "🐺"}}
        ],
    },
    {
        "type": 1,
        "components": [
            {
                "type": 3,
                "custom_id": "s",
                "placeholder": "p",
                "min_values": 0,
                "max_values": 1,
                "options": [{"label": "a", "value": "a", "emoji": {"id": "1", "name": "x"}}],
            }
        ],
    },
]
MESSAGE = {
    "content": "x",
    "embeds": [EMBED],
    "components": ROWS,
    "tts": False,
    "flags": 0,
    "allowed_mentions": {"parse": ["roles"], "users": ["1"], "replied_user": False},
    "attachments": [],
    "nonce": "n",
    "enforce_nonce": True,
    "sticker_ids": ["1"],
    "message_reference": {"message_id": "1", "channel_id": "2", "fail_if_not_exists": False},
}
COMMAND = {
    "name": "summary",
    "type": 1,
    "description": "d",
    "name_localizations": {"de": "x"},
    "default_member_permissions": "32",
    "nsfw": False,
    "contexts": [0],
    "integration_types": [0],
    "options": [
        {
            "type": 2,
            "name": "g",
            "description": "d",
            "options": [
                {
                    "type": 1,
                    "name": "s",
                    "description": "d",
                    "options": [
                        {
                            "type": 3,
                            "name": "q",
                            "description": "d",
                            "required": True,
                            "min_length": 1,
                            "choices": [{"name": "a", "value": "b"}],
                        },
                        {"type": 4, "name": "n", "description": "d", "max_value": 5},
                    ],
                }
            ],
        }
    ],
}
MODAL = {
    "title": "t",
    "custom_id": "c",
    "components": [
        {
            "type": 18,
            "label": "l",
            "component": {"type": 4, "custom_id": "f", "style": 1, "max_length": 5},
        },
        {"type": 1, "components": [{"type": 4, "custom_id": "g", "style": 1, "label": "q"}]},
        {"type": 10, "content": "read"},
    ],
}
HOOKED = {
    "content": "x",
    "embeds": [EMBED],
    "components": [
        {
            "type": 1,
            "components": [
                {"type": 2, "style": 5, "label": "l", "url": "https://example.org", "id": 7}
            ],
        }
    ],
    "username": "u",
    "avatar_url": "https://example.org/a.png",
    "allowed_mentions": {"parse": ["roles"], "users": ["1"]},
    "attachments": [],
    "applied_tags": ["1"],
}


class Good(NamedTuple):
    """A request that is taken, at every route that ends so."""

    method: str
    end: str
    body: Any
    kind: Kind = Kind.COMMAND


CALLBACK = "/callback"
ONE = "/messages/{message_id}"
HOOK = "/{webhook_token}"
CHOICES = {"choices": [{"name": "a", "value": "b", "name_localizations": {"de": "x"}}]}
REQUESTS = (
    Good("POST", "/{channel_id}/messages", MESSAGE),
    Good("PATCH", "{channel_id}" + ONE, MESSAGE),
    Good("PATCH", HOOK + "/messages/@original", MESSAGE),
    *(
        Good(method, end, HOOKED, kind)
        for method, end in (("POST", HOOK), ("PATCH", HOOK + ONE))
        for kind in (Kind.COMMAND, Kind.COMPONENT)
    ),
    Good("POST", "/commands", COMMAND),
    Good("PUT", "/commands", [COMMAND, {"name": "Show", "type": 2}]),
    Good("POST", CALLBACK, {"type": 4, "data": MESSAGE}),
    Good("POST", CALLBACK, {"type": 5, "data": {"flags": 64}}),
    Good("POST", CALLBACK, {"type": 7, "data": MESSAGE}, Kind.COMPONENT),
    Good("POST", CALLBACK, {"type": 8, "data": CHOICES}, Kind.AUTOCOMPLETE),
    Good("POST", CALLBACK, {"type": 9, "data": MODAL}),
    Good("POST", "/_/webhooks", {"id": "1", "token": "t", "kind": "forum", "require_tag": True}),
    Good("POST", "/_/gateway", {"do": "drop", "shard": 0, "code": 4000, "on": True}),
    Good("POST", "/_/settings", {"limits": False, "accept_any": True, "content_intent": True}),
)
QUERIES = (
    "wait=true&with_components=true",
    "with_response=true",
    "limit=x&before=1",
    "around=9&limit=3",
    "thread_id=1&with_counts=1&with_components=1",
    "viewer=1",
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every list and object in a value with every index or key that it has."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from places(value[key])


def names(value: Any) -> Iterator[str]:
    """Yield every name of a field in a value."""
    return (key for _, key in places(value) if isinstance(key, str))


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((-1, 2, 2**63, 2**70))
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(("", " ", "\ud800", "\0", "1", "https://[", "attachment://"))
)
fields = st.sampled_from(sorted(set(names([good.body for good in REQUESTS]))))
junk = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def spoilt(draw: st.DrawFn, good: Any) -> Any:
    """Return a request that is spoilt in one to three places."""
    body = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(list(places(body))))
        if isinstance(holder, dict):
            holder[draw(st.just(key) | fields)] = draw(junk)
        else:
            holder[key] = draw(junk)
    return body


class Target:
    """A sandbox that is put right again after every throw."""

    def __init__(self, hand: Hand, own: StoredMessage, hooked: StoredMessage) -> None:
        self._hand = hand
        self._own = own
        self._hooked = hooked
        self._hook = next(iter(hand.sandbox.world.hooks.values()))
        self.routes = [
            (route.method, route.path)
            for route in hand.sandbox.routes()
            if isinstance(route, web.RouteDef) and route.path not in UNTOUCHED
        ]

    def throws(self) -> st.SearchStrategy[Throw]:
        """Return what to throw: requests that are nearly good, and junk at every route."""
        near = st.sampled_from(list(self.good())).flatmap(
            lambda throw: st.tuples(st.just(throw[0]), st.just(throw[1]), spoilt(throw[2]))
        )
        return near | st.tuples(st.sampled_from(self.routes), st.sampled_from(Kind), junk)

    def good(self) -> Iterator[Throw]:
        """Yield every request that is taken."""
        for good in REQUESTS:
            for method, path in self.routes:
                if method == good.method and path.endswith(good.end):
                    yield (method, path), good.kind, good.body

    async def status(self, throw: Throw, query: str) -> int:
        """Throw something; return the status of the answer."""
        (method, path), kind, body = throw
        raw, hand = json.dumps(body).encode(), self._hand
        headers = {
            "Authorization": f"Bot {hand.sandbox.switches.bot_token}",
            "Content-Type": "application/json",
        }
        url = f"{hand.sandbox.address}{self._filled(path, kind)}?{query}"
        async with hand.session.request(method, url, data=raw, headers=headers) as response:
            await response.read()
            found = response.status
        self._put_right()
        return found

    def _filled(self, path: str, kind: Kind) -> str:
        """Return a path with what is there in place of its parameters."""
        world, hand = self._hand.sandbox.world, self._hand
        interaction = hand.happen(kind, self._own if kind is Kind.COMPONENT else None)
        ours = "@original" in path or kind is not Kind.COMMAND
        if not path.endswith(CALLBACK):
            interaction.original = self._own
            hand.sandbox.desk.acknowledge(interaction, Answer.DEFERRED_UPDATE)
        message = self._hooked if "webhook_id" in path and not ours else self._own
        commands = hand.sandbox.commands.all()
        facts = {
            "application_id": hand.sandbox.bot.id,
            "attachment_id": next(iter(world.files), "1"),
            "channel_id": hand.channel.id,
            "command_id": commands[0]["id"] if commands else "1",
            "guild_id": hand.guild.id,
            "interaction_id": interaction.id,
            "interaction_token": interaction.token,
            "message_id": message.id,
            "name": "a.png",
            "user_id": hand.ada.id,
            "webhook_id": hand.sandbox.bot.id if ours else self._hook.id,
            "webhook_token": interaction.token if ours else self._hook.token,
        }
        return path.replace(API, "/api/v10").format(**facts)

    def _put_right(self) -> None:
        sandbox, hand = self._hand.sandbox, self._hand
        sandbox.world.move_bot(hand.guild, inside=True)
        self._own.deleted = self._hooked.deleted = False
        sandbox.switches.accept_any = sandbox.switches.limits = False
        sandbox.gateway.down = False


@contextlib.asynccontextmanager
async def target() -> AsyncIterator[Target]:
    """Run a sandbox with a message of the bot and one of a webhook."""
    async with handed(limits=False) as hand:
        await hand.panel()
        hook = hand.sandbox.world.add_webhook(hand.channel)
        await hand.ask("POST", f"/webhooks/{hook.id}/{hook.token}", {"content": "x"})
        yield Target(hand, *hand.sandbox.messages)


async def test_what_is_going_to_be_spoilt_would_be_taken() -> None:
    async with target() as aim:
        good = list(aim.good())
        for throw in good:
            assert await aim.status(throw, "with_components=true") in (200, 201, 204), throw


def test_no_junk_is_answered_with_a_failure_of_the_server() -> None:
    with asyncio.Runner() as runner, contextlib.ExitStack() as stack:
        served = target()
        aim = runner.run(served.__aenter__())
        stack.callback(lambda: runner.run(served.__aexit__(None, None, None)))

        @settings(max_examples=EXAMPLES)
        @given(aim.throws(), st.sampled_from(QUERIES))
        def hit(throw: Throw, query: str) -> None:
            assert runner.run(aim.status(throw, query)) < 500

        hit()
