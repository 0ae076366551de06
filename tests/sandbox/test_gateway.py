"""The gateway speaks as Discord's does, byte by byte."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import zlib
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.gateway.session import shard_of
from bot.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

GUILDS = 1
COUNT = 2


class Line:
    """A connection to the gateway."""

    def __init__(self, sandbox: Sandbox, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.sandbox = sandbox
        self.socket = socket
        self._inflate = zlib.decompressobj()

    async def send(self, operation: Any, data: Any = None) -> None:
        """Send a message."""
        await self.socket.send_json({"op": operation, "d": data})

    async def hear(self) -> dict[str, Any]:
        """Return the next message."""
        message = await self.socket.receive(timeout=10)
        raw = message.data
        if message.type is aiohttp.WSMsgType.BINARY:
            raw = self._inflate.decompress(raw)
        found: dict[str, Any] = json.loads(raw)
        return found

    async def hear_events(self, *names: str) -> list[Any]:
        """Return the data of the next events, which have these names."""
        heard = [await self.hear() for _ in names]
        assert [entry["t"] for entry in heard] == list(names)
        return [entry["d"] for entry in heard]

    async def closed(self) -> int | None:
        """Hear until the end; return the code with which it was closed."""
        ends = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        while (await self.socket.receive(timeout=10)).type not in ends:
            pass
        return self.socket.close_code

    async def identify(self, **changes: Any) -> None:
        """Identify after the hello."""
        assert (await self.hear())["op"] == 10
        token = self.sandbox.switches.bot_token
        await self.send(2, {"token": token, "intents": GUILDS, "properties": {}} | changes)

    async def resume(self, session_id: str, sequence: int, **changes: Any) -> None:
        """Resume after the hello."""
        assert (await self.hear())["op"] == 10
        token = self.sandbox.switches.bot_token
        await self.send(6, {"token": token, "session_id": session_id, "seq": sequence} | changes)


class Exchange:
    """Connects lines to a sandbox."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self._session = session

    @contextlib.asynccontextmanager
    async def line(self, query: str = "?v=10&encoding=json") -> AsyncIterator[Line]:
        """Connect once."""
        async with self._session.ws_connect(self.sandbox.gateway_url + query) as socket:
            yield Line(self.sandbox, socket)


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        yield Exchange(sandbox, session)


async def test_it_says_hello_and_answers_heartbeats(exchange: Exchange) -> None:
    async with exchange.line() as line:
        assert (await line.hear())["d"] == {"heartbeat_interval": 41_250}
        await line.send(1, None)
        assert (await line.hear())["op"] == 11
        exchange.sandbox.gateway.silent = True
        await line.send(1, None)
        exchange.sandbox.gateway.request_heartbeat()
        assert (await line.hear())["op"] == 1


async def test_who_does_not_beat_is_sent_away(exchange: Exchange) -> None:
    exchange.sandbox.gateway.heartbeat_interval = 20
    async with exchange.line() as line:
        assert await line.closed() == 4009


@pytest.mark.parametrize("query", ["?v=10&encoding=json&compress=zlib-stream", "?v=10"])
async def test_ready_tells_who_the_bot_is_and_its_guilds(exchange: Exchange, query: str) -> None:
    guild = exchange.sandbox.world.add_guild("Wölfe 🐺")
    exchange.sandbox.world.add_channel(guild_id=guild.id, name="reports")
    exchange.sandbox.world.add_channel(guild_id=guild.id, name="secret", readable=False)
    async with exchange.line(query) as line:
        await line.identify()
        ready, created = await line.hear_events("READY", "GUILD_CREATE")
    assert ready["user"]["bot"]
    assert ready["application"]["id"] == exchange.sandbox.bot.id
    assert ready["guilds"] == [{"id": guild.id, "unavailable": True}]
    assert ready["resume_gateway_url"] == exchange.sandbox.gateway_url
    assert created["name"] == "Wölfe 🐺"
    assert [channel["name"] for channel in created["channels"]] == ["reports"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"token": None}, 4004),
        ({"intents": None}, 4013),
        ({"intents": 1 << 40}, 4013),
        ({"intents": 1 << 15}, 4014),
        ({"shard": [2, 2]}, 4010),
        ({"shard": [0]}, 4010),
    ],
)
async def test_who_identifies_wrongly_is_sent_away(
    exchange: Exchange, changes: dict[str, Any], code: int
) -> None:
    async with exchange.line() as line:
        await line.identify(**changes)
        assert await line.closed() == code
    assert exchange.sandbox.gateway.sessions == {}


async def test_a_granted_intent_is_allowed(exchange: Exchange) -> None:
    exchange.sandbox.gateway.privileged = 1 << 15
    async with exchange.line() as line:
        await line.identify(intents=1 << 15)
        await line.hear_events("READY")


async def _garbage(line: Line) -> None:
    await line.socket.send_str("{")


async def _nest(line: Line) -> None:
    await line.socket.send_str("[" * 100_000)


async def _too_long(line: Line) -> None:
    await line.send(1, "x" * 5000)


async def _unknown(line: Line) -> None:
    await line.send(99)


async def _too_early(line: Line) -> None:
    await line.send(8, {})


async def _twice(line: Line) -> None:
    await line.identify()
    await line.send(2, {})


async def _flood(line: Line) -> None:
    for _ in range(121):
        await line.send(1, None)


@pytest.mark.parametrize(
    ("misbehave", "code"),
    [
        (_garbage, 4002),
        (_nest, 4002),
        (_too_long, 4002),
        (_unknown, 4001),
        (_too_early, 4003),
        (_twice, 4005),
        (_flood, 4008),
    ],
)
async def test_who_misbehaves_is_sent_away(
    exchange: Exchange, misbehave: Callable[[Line], Any], code: int
) -> None:
    async with exchange.line() as line:
        await misbehave(line)
        assert await line.closed() == code


@pytest.mark.parametrize(
    ("query", "code"),
    [("?v=6", 4012), ("?v=10&encoding=etf", 4002), ("?v=10&compress=gzip", 4002)],
)
async def test_an_unknown_way_to_speak_is_refused(
    exchange: Exchange, query: str, code: int
) -> None:
    async with exchange.line(query) as line:
        assert await line.closed() == code


async def test_zstandard_is_spoken_where_this_python_has_it(exchange: Exchange) -> None:
    known = any(map(importlib.util.find_spec, ("compression", "zstandard")))
    async with exchange.line("?v=10&compress=zstd-stream") as line:
        first = await line.socket.receive(timeout=10)
    assert first.type is (aiohttp.WSMsgType.BINARY if known else aiohttp.WSMsgType.CLOSE)


async def test_each_shard_hears_of_its_own_guilds_only(exchange: Exchange) -> None:
    sandbox = exchange.sandbox
    ids = [str((1000 + number) << 22) for number in range(COUNT)]
    async with exchange.line() as first, exchange.line() as second:
        for shard, line in enumerate((first, second)):
            await line.identify(shard=[shard, COUNT])
            await line.hear_events("READY")
        for guild_id in ids:
            sandbox.world.add_guild("Wolves", guild_id)
        for shard, line in enumerate((first, second)):
            [created] = await line.hear_events("GUILD_CREATE")
            assert shard_of(created["id"], COUNT) == shard
        await sandbox.gateway.until_ready(COUNT)
        sandbox.gateway.drop(4000, shard=1)
        assert await second.closed() == 4000


async def test_a_lost_client_resumes_and_hears_what_it_missed(exchange: Exchange) -> None:
    world = exchange.sandbox.world
    async with exchange.line() as line:
        await line.identify()
        [ready] = await line.hear_events("READY")
        exchange.sandbox.gateway.drop(None)
        assert await line.closed() in (None, 1006)
    guild = world.add_guild("Wolves")
    world.add_channel(guild_id=guild.id)
    async with exchange.line("?v=10&compress=zlib-stream") as line:
        await line.resume(ready["session_id"], 1)
        created, *_ = await line.hear_events("GUILD_CREATE", "CHANNEL_CREATE", "RESUMED")
        assert created["id"] == guild.id
        world.move_bot(guild, inside=False)
        await line.hear_events("GUILD_DELETE")


async def test_only_a_known_session_is_resumed(exchange: Exchange) -> None:
    async with exchange.line() as line:
        await line.identify()
        [ready] = await line.hear_events("READY")
        await line.socket.close(code=4000)
    session_id = ready["session_id"]
    async with exchange.line() as line:
        await line.resume("unknown", 1)
        assert await line.hear() == {"t": None, "s": None, "op": 9, "d": False}
        await line.send(6, {"token": "wrong", "session_id": session_id, "seq": 1})
        assert await line.closed() == 4004
    async with exchange.line() as line:
        await line.resume(session_id, 99)
        assert await line.closed() == 4007
    async with exchange.line() as line:
        await line.resume(session_id, 1)
        await line.hear_events("RESUMED")
        await line.socket.close(code=1000)
    async with exchange.line() as line:
        await line.resume(session_id, 2)
        assert (await line.hear())["op"] == 9


async def test_after_an_invalid_session_the_same_connection_goes_on(exchange: Exchange) -> None:
    gateway = exchange.sandbox.gateway
    token = exchange.sandbox.switches.bot_token
    async with exchange.line() as line:
        await line.identify()
        [ready] = await line.hear_events("READY")
        gateway.invalidate(resumable=True)
        assert gateway.ready_shards == set()
        assert (await line.hear())["d"] is True
        guild = exchange.sandbox.world.add_guild("Wolves")
        await line.send(6, {"token": token, "session_id": ready["session_id"], "seq": 1})
        created, _ = await line.hear_events("GUILD_CREATE", "RESUMED")
        assert created["id"] == guild.id
        gateway.invalidate()
        assert (await line.hear())["d"] is False
        assert gateway.sessions == {}
        await line.send(2, {"token": token, "intents": GUILDS, "properties": {}})
        [anew, _] = await line.hear_events("READY", "GUILD_CREATE")
        assert anew["session_id"] != ready["session_id"]
        assert gateway.ready_shards == {0}


async def test_tokens_are_not_kept_among_what_was_received(exchange: Exchange) -> None:
    async with exchange.line() as line:
        await line.identify()
        await line.hear_events("READY")
    assert [entry.op for entry in exchange.sandbox.gateway.received] == [2]
    assert exchange.sandbox.switches.bot_token not in repr(exchange.sandbox.gateway.received)


async def test_members_are_told_when_asked_for(exchange: Exchange) -> None:
    world = exchange.sandbox.world
    guild, ada = world.add_guild("Wolves"), world.add_user("Ada")
    world.join(guild, ada)
    async with exchange.line() as line:
        await line.identify()
        await line.hear_events("READY", "GUILD_CREATE")
        await line.send(8, {"guild_id": guild.id, "user_ids": [ada.id], "limit": 0, "nonce": "n"})
        [chunk] = await line.hear_events("GUILD_MEMBERS_CHUNK")
    assert [member["user"]["id"] for member in chunk["members"]] == [ada.id]
    assert chunk["nonce"] == "n"


async def test_nobody_is_let_in_while_it_is_down(exchange: Exchange) -> None:
    exchange.sandbox.gateway.down = True
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with exchange.line():
            pass
    assert refused.value.status == 503


async def test_it_does_not_wait_long_for_who_does_not_listen() -> None:
    async with (
        Sandbox() as sandbox,
        aiohttp.ClientSession() as session,
        session.ws_connect(sandbox.gateway_url + "?v=10"),
    ):
        await sandbox.stop()
        assert sandbox.gateway.connections == []
