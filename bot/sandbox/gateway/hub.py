"""The gateway of the sandbox: who listens, and who is told what."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.gateway.compression import packer_for
from bot.sandbox.gateway.connection import Connection
from bot.sandbox.gateway.session import GUILDS, KNOWN_INTENTS, PRIVILEGED, Session
from bot.sandbox.people import member_body, user_body
from bot.sandbox.places import channel_body, guild_event, role_bodies

if TYPE_CHECKING:
    from bot.sandbox.people import Guild, User
    from bot.sandbox.switches import Switches
    from bot.sandbox.world import Channel, World

AUTHENTICATION_FAILED = 4004
INVALID_SEQUENCE = 4007
INVALID_SHARD = 4010
INVALID_VERSION = 4012
INVALID_INTENTS = 4013
DISALLOWED_INTENTS = 4014
_DECODE_ERROR = 4002
_RESUMABLE_FOR = 180.0
_PATIENCE = 30.0
_FAREWELL = 1.0


@dataclass(frozen=True, slots=True)
class Received:
    """A message of a client.

    Attributes
    ----------
    shard
        Its shard; None before it said which.
    """

    shard: int | None
    op: Any
    data: Any


class Gateway:
    """Serves the gateway.

    Attributes
    ----------
    connections
        Who is connected.
    sessions
        What may still be resumed, by session id.
    received
        Every message of the clients, in order, without their tokens.
    silent
        Whether heartbeats stay unanswered.
    down
        Whether nobody is let in.
    heartbeat_interval
        Milliseconds, for those who connect from now on.
    privileged
        The privileged intents that the application was granted, as bits.
    """

    def __init__(self, world: World, switches: Switches, bot: User) -> None:
        self.url = ""
        self.connections: list[Connection] = []
        self.sessions: dict[str, Session] = {}
        self.received: list[Received] = []
        self.silent = False
        self.down = False
        self.heartbeat_interval = 41_250
        self.privileged = 0
        self._world = world
        self._switches = switches
        self._bot = bot
        self._changed = asyncio.Event()
        self._online = False
        world.watchers.append(self._watch)

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        return [web.get("/gateway", self._serve), web.get("/gateway/", self._serve)]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(timeout=_FAREWELL / 2, max_msg_size=1 << 20)
        await socket.prepare(request)
        if request.query.get("v") not in ("9", "10"):
            await socket.close(code=INVALID_VERSION)
            return socket
        try:
            pack = packer_for(request.query.get("compress"))
        except LookupError:
            pack = None
            await socket.close(code=_DECODE_ERROR)
        if request.query.get("encoding", "json") != "json":
            await socket.close(code=_DECODE_ERROR)
        if socket.closed:
            return socket
        connection = Connection(self, socket, request, pack)
        self.connections.append(connection)
        try:
            await connection.talk()
        finally:
            self.connections.remove(connection)
            self._leave(connection)
        return socket

    def _leave(self, connection: Connection) -> None:
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
            session.lost_at = time.monotonic()
            if connection.said_goodbye:
                self.sessions.pop(session.id, None)
        self._note_change()

    def _note_change(self) -> None:
        online = bool(self.ready_shards)
        if online != self._online:
            self._online = online
            self._world.announce("presence", online)
        self._changed.set()
        self._changed = asyncio.Event()

    def note(self, connection: Connection, operation: Any, data: Any) -> None:
        """Keep a message of a client."""
        if isinstance(data, dict) and "token" in data:
            data = {**data, "token": "…"}
        session = connection.session
        self.received.append(Received(session.shard if session else None, operation, data))

    def identify(self, connection: Connection, data: dict[str, Any]) -> int | None:
        """Begin a session; return the code to close with, if it cannot be."""
        if data.get("token") != self._switches.bot_token:
            return AUTHENTICATION_FAILED
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            return INVALID_INTENTS
        if intents & PRIVILEGED & ~self.privileged:
            return DISALLOWED_INTENTS
        match data.get("shard", [0, 1]):
            case [int(shard), int(shards)] if 0 <= shard < shards:
                session = Session(shard, shards, intents)
            case _:
                return INVALID_SHARD
        self.sessions[session.id] = session
        self._attach(connection, session)
        guilds = [guild for guild in self._guilds() if session.covers(guild.id)]
        session.dispatch("READY", self._ready(session, guilds))
        if intents & GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", guild_event(self._world, guild, self._bot))
        self._note_change()
        return None

    def _ready(self, session: Session, guilds: list[Guild]) -> dict[str, Any]:
        return {
            "v": 10,
            "user": {**user_body(self._bot), "verified": True, "mfa_enabled": False, "email": None},
            "user_settings": {},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "session_type": "normal",
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": [session.shard, session.shards],
            "application": {"id": self._bot.id, "flags": 0},
        }

    def _guilds(self) -> list[Guild]:
        return [guild for guild in self._world.guilds.values() if guild.bot]

    def _attach(self, connection: Connection, session: Session) -> None:
        before, session.connection = session.connection, connection
        if before is not None and before is not connection:
            before.close(4000)
        connection.session = session

    def resume(self, connection: Connection, data: dict[str, Any]) -> int | None:
        """Go on with a session; return the code to close with, if it cannot be."""
        if data.get("token") != self._switches.bot_token:
            return AUTHENTICATION_FAILED
        session = self.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is not None and isinstance(sequence, int) and sequence > session.sequence:
            return INVALID_SEQUENCE
        missed = None
        if session is not None and isinstance(sequence, int) and not self._expired(session):
            missed = session.missed_since(sequence)
        if session is None or missed is None:
            connection.send({"t": None, "s": None, "op": 9, "d": False})
            return None
        self._attach(connection, session)
        for event in missed:
            connection.send(event)
        session.dispatch("RESUMED", {"_trace": []})
        self._note_change()
        return None

    def _expired(self, session: Session) -> bool:
        away = session.connection is None
        return away and time.monotonic() - session.lost_at > _RESUMABLE_FOR

    def tell_members(self, session: Session, data: Any) -> None:
        """Answer a request for the members of a guild."""
        wanted = data if isinstance(data, dict) else {}
        guild = self._world.guilds.get(str(wanted.get("guild_id")))
        if guild is None or not guild.bot or not session.covers(guild.id):
            return
        ids = wanted.get("user_ids") or []
        asked = {str(user_id) for user_id in (ids if isinstance(ids, list) else [ids])}
        found = [
            member_body(member) for member in guild.members.values() if member.user.id in asked
        ]
        chunk = {"guild_id": guild.id, "members": found, "chunk_index": 0, "chunk_count": 1}
        if "nonce" in wanted:
            chunk["nonce"] = wanted["nonce"]
        session.dispatch("GUILD_MEMBERS_CHUNK", {**chunk, "not_found": []})

    def dispatch(self, event: str, data: Any, guild_id: str, intents: int = 0) -> bool:
        """Tell an event of a guild to its shard.

        Parameters
        ----------
        intents
            What a session must have asked for, as bits.

        Returns
        -------
        bool
            Whether somebody is told, now or on resuming.
        """
        told = False
        for session in self.sessions.values():
            wanted = session.covers(guild_id) and session.intents & intents == intents
            if wanted and not self._expired(session):
                session.dispatch(event, data)
                told = True
        return told

    def _watch(self, what: str, thing: Any) -> None:
        if what == "guild_create":
            guild: Guild = thing
            event = guild_event(self._world, guild, self._bot)
            self.dispatch("GUILD_CREATE", event, guild.id, GUILDS)
        elif what == "guild_delete":
            self.dispatch("GUILD_DELETE", {"id": thing.id}, thing.id, GUILDS)
        elif what == "member_join" and thing.bot:
            role = {"guild_id": thing.id, "role": role_bodies(thing, self._bot)[-1]}
            self.dispatch("GUILD_ROLE_CREATE", role, thing.id, GUILDS)
        elif what == "channel_create":
            channel: Channel = thing
            home = self._world.guilds.get(channel.guild_id)
            if home is not None and home.bot and channel.readable:
                name = "THREAD_CREATE" if channel.kind == "thread" else "CHANNEL_CREATE"
                self.dispatch(name, channel_body(self._world, channel), home.id, GUILDS)

    def _told(self, shard: int | None) -> list[Connection]:
        return [
            connection
            for connection in self.connections
            if shard is None or (connection.session and connection.session.shard == shard)
        ]

    def drop(self, code: int | None = 4000, *, shard: int | None = None) -> None:
        """Close connections with a code; with None, break them off."""
        for connection in self._told(shard):
            connection.close(code)

    def request_reconnect(self, *, shard: int | None = None) -> None:
        """Ask clients to connect anew and resume."""
        for connection in self._told(shard):
            connection.send({"t": None, "s": None, "op": 7, "d": None})

    def invalidate(self, resumable: bool = False, *, shard: int | None = None) -> None:
        """Tell clients that their session is over, or broken but resumable."""
        for connection in self._told(shard):
            session = connection.session
            self._leave(connection)
            connection.session = None
            if not resumable and session is not None:
                self.sessions.pop(session.id, None)
            connection.send({"t": None, "s": None, "op": 9, "d": resumable})

    def request_heartbeat(self, *, shard: int | None = None) -> None:
        """Ask clients for a heartbeat at once."""
        for connection in self._told(shard):
            connection.send({"t": None, "s": None, "op": 1, "d": None})

    def babble(self, text: str, *, shard: int | None = None) -> None:
        """Send clients a text as it is, be it no message at all."""
        for connection in self._told(shard):
            connection.send(text)

    async def until_ready(self, shards: int = 1) -> None:
        """Wait until so many shards are connected with a session.

        Raises
        ------
        TimeoutError
            If they are not within half a minute.
        """
        async with asyncio.timeout(_PATIENCE):
            while len(self.ready_shards) < shards:
                await self._changed.wait()

    @property
    def ready_shards(self) -> set[int]:
        """The shards that are connected with a session."""
        return {session.shard for session in self.sessions.values() if session.connection}

    async def stop(self) -> None:
        """Send everyone away, and break off with who does not go."""
        for code in (1001, None):
            self.drop(code)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL):
                    while self.connections:
                        await self._changed.wait()
