"""Limits and faults meet every request of the bot."""

from __future__ import annotations

import aiohttp
import pytest

from bot.sandbox.faults import Fault, FaultKind
from tests.sandbox.exchanges import assert_by_the_book
from tests.sandbox.hand import handed
from tests.sandbox.test_interactions import ORIGINAL


async def test_headers_tell_how_each_bucket_stands(request: pytest.FixtureRequest) -> None:
    async with handed() as hand:
        other = hand.sandbox.world.add_channel(guild_id=hand.guild.id)
        buckets = set()
        for channel in (hand.channel, other):
            for left in ("4", "3", "2", "1", "0"):
                status, _ = await hand.ask(
                    "POST", f"/channels/{channel.id}/messages", {"content": "x"}
                )
                assert (status, hand.headers["X-RateLimit-Remaining"]) == (200, left)
                assert hand.headers["Content-Type"] == "application/json"
                buckets.add(hand.headers["X-RateLimit-Bucket"])
        assert len(buckets) == 1
        path = f"/channels/{other.id}/messages"
        status, body = await hand.ask("POST", path, {"content": "x"})
        assert (status, body["retry_after"], body["global"]) == (429, 5.0, False)
        assert "Via" in hand.headers
        assert hand.headers["X-RateLimit-Scope"] == "user"
        assert (await hand.ask("GET", path))[0] == 200
        assert hand.headers["X-RateLimit-Bucket"] not in buckets
        hand.clock.now += 5.0
        assert (await hand.ask("POST", path, {"content": "x"}))[0] == 200
        assert_by_the_book(hand.sandbox.exchanges, request)


async def test_fifty_a_second_are_allowed_in_all_but_interactions_do_not_count() -> None:
    async with handed() as hand:
        statuses = [(await hand.ask("GET", f"/channels/{n}/messages"))[0] for n in range(51)]
        assert statuses == [404] * 50 + [429]
        status, body = await hand.ask("GET", "/users/@me")
        assert (status, body["global"]) == (429, True)
        assert hand.headers["X-RateLimit-Global"] == "true"
        interaction = hand.happen()
        assert (await hand.answer(interaction, 5))[0] == 204
        assert (await hand.webhook("PATCH", interaction, ORIGINAL, {"content": "x"}))[0] == 200
        hook = hand.sandbox.world.add_webhook(hand.channel)
        path = f"/webhooks/{hook.id}/{hook.token}"
        assert (await hand.ask("POST", path, {"content": "x"}, headers={}))[0] == 204
        hand.clock.now += 1.0
        assert (await hand.ask("GET", "/users/@me"))[0] == 200


async def test_follow_ups_have_a_bucket_for_each_interaction() -> None:
    async with handed() as hand:
        for _ in range(2):
            interaction = hand.happen()
            await hand.answer(interaction, 4, {"content": "x"})
            statuses = [
                (await hand.webhook("POST", interaction, "", {"content": "x"}))[0] for _ in range(6)
            ]
            assert statuses == [200] * 5 + [429]


async def test_without_limits_nothing_is_counted() -> None:
    async with handed(limits=False) as hand:
        path = f"/channels/{hand.channel.id}/messages"
        statuses = {(await hand.ask("POST", path, {"content": "x"}))[0] for _ in range(60)}
        assert statuses == {200}
        assert "X-RateLimit-Limit" not in hand.headers


async def test_an_accepted_callback_that_seems_to_fail_was_an_answer() -> None:
    async with handed() as hand:
        hand.sandbox.faults_for("callback").script(
            [Fault(FaultKind.STATUS, status=502, accepted=True), None]
        )
        interaction = hand.happen()
        assert (await hand.answer(interaction, 4, {"content": "hi"}))[0] == 502
        assert interaction.original is not None
        assert (await hand.answer(interaction, 4, {"content": "hi"}))[1]["code"] == 40060
        assert len(hand.sandbox.messages) == 1


@pytest.mark.parametrize("accepted", [False, True])
async def test_a_reset_comes_before_or_after_the_message_was_taken(accepted: bool) -> None:
    async with handed() as hand:
        hand.sandbox.faults_for("channel_message").script(
            [Fault(FaultKind.RESET, accepted=accepted)]
        )
        path = f"/channels/{hand.channel.id}/messages"
        with pytest.raises(aiohttp.ClientError):
            await hand.ask("POST", path, {"content": "x"})
        assert len(hand.sandbox.messages) == accepted
        assert hand.sandbox.exchanges[-1].status is None
        assert (await hand.ask("POST", path, {"content": "y"}))[0] == 200


@pytest.mark.parametrize(
    ("kind", "method", "path"),
    [
        ("identity", "GET", "/users/@me"),
        ("identity", "GET", "/gateway/bot"),
        ("commands", "GET", "/applications/{bot}/commands"),
        ("channel_read", "GET", "/channels/{channel}/messages"),
        ("other", "GET", "/guilds/{guild}"),
        ("any", "GET", "/channels/{channel}"),
    ],
)
async def test_each_kind_of_request_can_go_wrong(kind: str, method: str, path: str) -> None:
    async with handed() as hand:
        names = {
            "bot": hand.sandbox.bot.id,
            "channel": hand.channel.id,
            "guild": hand.guild.id,
        }
        storm = [Fault(FaultKind.RATE_LIMIT, seconds=0.1, scope="shared"), Fault(FaultKind.STATUS)]
        late = Fault(FaultKind.LATENCY, seconds=0.01)
        hand.sandbox.faults_for(kind).script([*storm, late, None])
        found = [(await hand.ask(method, path.format(**names)))[0] for _ in range(4)]
        assert found == [429, 502, 200, 200]


async def test_answers_break_off_and_interactions_fail_in_each_of_their_steps() -> None:
    async with handed() as hand:
        interaction = hand.happen()
        await hand.answer(interaction, 4, {"content": "x"})
        broken = Fault(FaultKind.TRUNCATE, accepted=True)
        hand.sandbox.faults_for("followup").script([broken])
        with pytest.raises(aiohttp.ClientError):
            await hand.webhook("POST", interaction, "", {"content": "more"})
        assert len(interaction.followups) == 1
        assert not hand.sandbox.exchanges[-1].whole
        gone = Fault(FaultKind.STATUS, status=404)
        hand.sandbox.faults_for("callback").script([gone])
        assert (await hand.answer(hand.happen(), 5))[1]["code"] == 10062
        hand.sandbox.faults_for("original").script([gone])
        status, body = await hand.webhook("GET", interaction, ORIGINAL)
        assert (status, body["code"]) == (404, 10015)


async def test_every_exchange_is_kept_as_it_was() -> None:
    async with handed() as hand:
        await hand.ask("POST", f"/channels/{hand.channel.id}/messages?x=1", {"content": "hi"})
        [exchange] = hand.sandbox.exchanges
        assert exchange.path == f"/channels/{hand.channel.id}/messages"
        assert exchange.route == "/channels/{channel_id}/messages"
        assert (exchange.method, exchange.query, exchange.status) == ("POST", {"x": "1"}, 200)
        assert exchange.request_json == {"content": "hi"}
        assert exchange.response_json["content"] == "hi"
        assert hand.sandbox.switches.bot_token not in repr(exchange)
        await hand.ask("GET", "/nothing/here")
        assert hand.sandbox.exchanges[-1].route is None
