"""What is posted, where, and how often."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.delivery.postings import Status
from bot.periods import Period
from bot.sandbox.faults import Fault, FaultKind
from tests.delivery.office import DAY, NIGHT, until, write_zones

if TYPE_CHECKING:
    from tests.delivery.office import Office

BOTH = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)
ONE_DAY = timedelta(days=1)


@BOTH
async def test_three_processes_at_one_instant_send_each_part_once(
    office: Office, backend_name: str
) -> None:
    office.add()
    async with (
        office.open(patience=20) as one,
        office.open(patience=20) as two,
        office.open(patience=20) as three,
    ):
        postings = await asyncio.gather(one.post(), two.post(), three.post())
    arrived = office.arrived()
    assert len(arrived) == len(set(arrived)) >= 3
    assert sum(posting.messages for [posting] in postings) == len(arrived)
    for [posting] in postings:
        assert posting.status is (Status.SENT if posting.messages else Status.SKIPPED)
        if not posting.messages:
            assert posting.reason == "already sent"


@BOTH
async def test_the_one_who_waits_for_another_takes_over_when_that_one_fails(
    office: Office, backend_name: str
) -> None:
    office.add()
    office.receiver.faults.script([Fault(FaultKind.LATENCY, seconds=1.0)])
    async with office.open(patience=20) as one, office.open(patience=20) as two:
        first = asyncio.create_task(one.post())
        await until(lambda: bool(office.receiver.arrivals))
        second = asyncio.create_task(two.post())
        await asyncio.sleep(0.2)
        one.publisher.stop()
        [left], [done] = await asyncio.gather(first, second)
    assert left.messages + done.messages == 3
    assert done.status is Status.SENT
    assert len(office.arrived()) == 3


async def test_a_day_that_was_empty_is_posted_once_it_has_data(office: Office) -> None:
    office.add()
    later = NIGHT + ONE_DAY
    async with office.open() as desk:
        [posting] = await desk.post(now=later)
        assert (posting.status, posting.reason) == (Status.SKIPPED, "no data")
        write_zones(office.folder / "wolves.db", {DAY + ONE_DAY: 2})
        assert (await desk.post(now=later))[0].status is Status.SENT
        assert (await desk.post(now=later))[0].reason == "already sent"
    assert len(office.arrived()) == 1


async def test_a_quiet_day_is_said_where_that_is_wanted_and_once(office: Office) -> None:
    office.add(quiet_days=True)
    async with office.open() as desk:
        for _ in range(2):
            await desk.post(now=NIGHT + ONE_DAY)
    assert len(office.arrived()) == 1


@BOTH
async def test_a_failing_database_is_noted_and_posted_when_it_is_back(
    office: Office, backend_name: str
) -> None:
    office.add()
    office.add("foxes")
    database = office.folder / "wolves.db"
    database.rename(office.folder / "away")
    async with office.open() as desk:
        tenants = desk.registry.tenants
        postings = await desk.publisher.publish_many(tenants, "spacecz", Period.YESTERDAY, NIGHT)
        assert [posting.status for posting in postings] == [Status.FAILED, Status.SENT]
        assert [part.state.value for part in desk.ledger.history(tenant="wolves")] == ["unplanned"]
        (office.folder / "away").rename(database)
        assert (await desk.post())[0].status is Status.SENT
    assert len(office.arrived()) == 6


async def test_a_retry_computes_what_could_not_be_computed(office: Office) -> None:
    office.add()
    database = office.folder / "wolves.db"
    database.rename(office.folder / "away")
    async with office.open() as desk:
        await desk.post()
        await desk.post("daily", period=Period.THIS_WEEK)
        await desk.post("daily", request="by hand")
        (office.folder / "away").rename(database)
        office.clock.advance(days=2)
        postings = await desk.publisher.retry("wolves")
        assert [posting.status for posting in postings] == [Status.SENT, Status.SENT]
        assert await desk.publisher.retry("wolves") == []
        assert (await desk.post())[0].reason == "already sent"
    assert len(office.arrived()) == 4


async def test_what_is_asked_for_is_always_posted_and_never_counts_as_nightly(
    office: Office,
) -> None:
    office.add()
    async with office.open() as desk:
        await desk.post("daily", request="one")
        await desk.post("daily", request="two")
        assert (await desk.post("daily"))[0].status is Status.SENT
        assert (await desk.post("daily", request="two"))[0].reason == "already sent"
    assert len(office.arrived()) == 3


@pytest.mark.parametrize("code", ["cd", "cw", "cm", "y", "all", "ct"])
async def test_a_window_that_still_grows_is_posted_once_a_day(office: Office, code: str) -> None:
    office.add()
    period = Period(code)
    evening = NIGHT - timedelta(hours=3)
    async with office.open() as desk:
        for now in (evening, evening + timedelta(hours=2)):
            await desk.post("daily", period=period, now=now)
        assert len(office.arrived()) == 1
        write_zones(office.folder / "wolves.db", {DAY + ONE_DAY: 1})
        await desk.post("daily", period=period, now=NIGHT + timedelta(hours=20))
    assert len(office.arrived()) == 2


@pytest.mark.parametrize("code", ["ld", "lw", "lm", "2m", "lt"])
async def test_a_window_that_is_over_is_posted_once_whenever_asked(
    office: Office, code: str
) -> None:
    office.add()
    days = {DAY - timedelta(days=back): 1 for back in (1, 5, 12, 45)}
    write_zones(office.folder / "wolves.db", days)
    period = Period(code)
    async with office.open() as desk:
        for hours in (0, 5, 23):
            [posting] = await desk.post("daily", period=period, now=NIGHT + timedelta(hours=hours))
            assert posting.status is not Status.FAILED
    assert len(office.arrived()) == 1


async def test_routes_with_filters_of_one_webhook_are_posts_of_their_own(office: Office) -> None:
    hook = office.webhook()
    routes = [
        {"url": hook, "systems": ["Sector 001"]},
        {"url": hook, "systems": ["Sector 002"], "silent": True},
    ]
    office.add(webhook=routes)
    async with office.open() as desk:
        for _ in range(2):
            await desk.post()
    first, second = sorted(office.arrived())
    assert "Sector 001" in first
    assert "Sector 002" not in first
    assert "Sector 002" in second


async def test_one_webhook_listed_twice_gets_a_report_once(office: Office) -> None:
    hook = office.webhook()
    office.add(
        discord_webhooks={"shoutout": [hook, {"url": hook}], "bgs": hook},
        reports={"daily": {"webhook": ["shoutout", "bgs"]}},
    )
    async with office.open() as desk:
        assert len(await desk.post("daily")) == 1
    assert len(office.arrived()) == 1


async def test_what_a_route_says_of_its_form_is_sent_along(office: Office) -> None:
    picture = "https://example.org/wolf.png"
    office.add(
        webhook={
            "url": office.webhook(),
            "username": "Night wolf",
            "avatar_url": picture,
            "silent": True,
            "style": "classic",
        }
    )
    async with office.open() as desk:
        await desk.post("daily")
    [message] = office.receiver.messages
    assert message.payload["username"] == "Night wolf"
    assert message.payload["avatar_url"] == picture
    assert message.payload["flags"] == 4096
    assert message.payload["allowed_mentions"] == {"parse": []}
    assert message.payload["content"]


async def test_a_thread_gets_all_parts_in_order(office: Office) -> None:
    channel = office.receiver.world.add_channel()
    thread = office.receiver.world.add_thread(channel)
    hook = office.receiver.url_of(office.receiver.world.add_webhook(channel))
    office.add(webhook=f"{hook}?thread_id={thread.id}")
    async with office.open() as desk:
        assert (await desk.post())[0].status is Status.SENT
    assert [message.channel_id for message in office.receiver.messages] == [thread.id] * 3


@pytest.mark.parametrize("accepted", [False, True])
async def test_the_parts_of_a_forum_post_stay_together_across_a_restart(
    office: Office, accepted: bool
) -> None:
    hook = office.webhook("forum", require_tag=True)
    route = {"url": hook, "thread_name": "Night of {date}", "tags": ["1", "2"]}
    office.add(webhook=[route])
    doubt = Fault(FaultKind.STATUS, status=502, accepted=accepted)
    office.receiver.faults.script([doubt, None, Fault(FaultKind.RATE_LIMIT, seconds=5)])
    async with office.open(token=True, patience=4) as desk:
        assert (await desk.post())[0].status is Status.FAILED
    assert len(office.receiver.messages) == 1 + accepted
    office.clock.advance(seconds=6)
    async with office.open(token=True) as desk:
        assert (await desk.post())[0].status is Status.SENT
        assert len({part.thread_id for part in desk.parts()}) == 1
    messages = office.receiver.messages
    assert len(messages) == 3
    assert {message.channel_id for message in messages} == {messages[0].id}
    assert office.receiver.world.channels[messages[0].id].name == f"Night of {DAY}"


async def test_a_forum_post_whose_first_part_is_refused_is_opened_by_the_next(
    office: Office,
) -> None:
    hook = office.webhook("forum", require_tag=True)
    office.add(webhook=[{"url": hook, "thread_name": "{week}", "tags": ["1"]}])
    office.receiver.faults.script([Fault(FaultKind.STATUS, status=400)])
    async with office.open() as desk:
        await desk.post()
        assert desk.states() == ["broken", "sent", "sent"]
    second, third = office.receiver.messages
    assert second.payload["thread_name"] == "2025-W37"
    assert second.channel_id == third.channel_id


async def test_a_report_that_is_switched_off_is_posted_by_nobody(office: Office) -> None:
    office.add(reports={"spacecz": {"enabled": False}, "daily": {"enabled": True}})
    async with office.open() as desk:
        [posting] = await desk.post()
        assert posting.status is Status.SKIPPED
        assert desk.parts() == []
    assert office.receiver.arrivals == []


async def test_what_was_left_of_a_report_switched_off_since_is_not_sent(office: Office) -> None:
    entry = office.add()
    office.receiver.faults.script([None, Fault(FaultKind.RATE_LIMIT, seconds=1)])
    async with office.open() as desk:
        await desk.post()
    entry["reports"]["spacecz"]["enabled"] = False
    office.save()
    office.clock.advance(minutes=1)
    async with office.open() as desk:
        [posting] = await desk.publisher.resume()
        assert posting.status is Status.FAILED
        assert await desk.publisher.resume() == [], "not looked at again at once"
    assert len(office.arrived()) == 1


async def test_the_words_written_down_are_sent_though_the_data_has_changed(office: Office) -> None:
    office.add()
    office.receiver.faults.script([None, Fault(FaultKind.RATE_LIMIT, seconds=1)])
    async with office.open() as desk:
        await desk.post()
        planned = [part.payload for part in desk.parts()]
    write_zones(office.folder / "wolves.db", {DAY: 5}, prefix="Late")
    office.clock.advance(minutes=1)
    async with office.open() as desk:
        assert (await desk.post())[0].status is Status.SENT
    assert [message.payload for message in office.receiver.messages] == planned


@BOTH
async def test_a_replaced_webhook_gets_what_the_old_one_refused_once(
    office: Office, backend_name: str
) -> None:
    entry = office.add()
    old = entry["discord_webhooks"]["shoutout"]
    office.receiver.faults.script([None, Fault(FaultKind.STATUS, status=401)])
    async with office.open() as desk:
        await desk.post()
        assert desk.states() == ["sent", "broken", "broken"]
    new = entry["discord_webhooks"]["shoutout"] = office.webhook()
    office.save()
    async with office.open() as desk:
        [posting] = await desk.publisher.retry("wolves")
        assert (posting.status, posting.messages) == (Status.SENT, 2)
        assert (await desk.post())[0].reason == "already sent"
        assert await desk.publisher.retry("wolves") == []
    assert (len(office.arrived(old)), len(office.arrived(new))) == (1, 2)


async def test_a_replaced_webhook_that_was_posted_to_gets_nothing_again(office: Office) -> None:
    entry = office.add()
    office.receiver.faults.script([Fault(FaultKind.STATUS, status=404)])
    async with office.open() as desk:
        await desk.post()
    entry["discord_webhooks"]["shoutout"] = office.webhook()
    office.save()
    async with office.open() as desk:
        assert (await desk.post())[0].status is Status.SENT
        [posting] = await desk.publisher.retry("wolves")
        assert posting.status is Status.SKIPPED
    assert len(office.arrived()) == 3


async def test_no_filtered_post_goes_to_a_webhook_with_other_filters(office: Office) -> None:
    entry = office.add(webhook={"url": office.webhook(), "systems": ["Sector 001"]})
    office.receiver.faults.script([Fault(FaultKind.STATUS, status=404)])
    async with office.open() as desk:
        await desk.post()
    entry["discord_webhooks"]["shoutout"] = office.webhook()
    office.save()
    async with office.open() as desk:
        [posting] = await desk.publisher.retry("wolves")
        assert posting.status is Status.FAILED
    assert office.arrived() == []


async def test_a_retry_of_one_tenant_clears_a_webhook_that_another_found_refused(
    office: Office,
) -> None:
    hook = office.webhook()
    office.add(webhook=hook)
    office.add("foxes", webhook=hook)
    office.receiver.faults.script([Fault(FaultKind.STATUS, status=403)])
    async with office.open() as desk:
        await desk.post("daily")
        await desk.post("daily", "foxes")
        assert desk.states() == ["broken", "broken"]
        [posting] = await desk.publisher.retry("foxes")
        assert posting.status is Status.SENT
        assert desk.states() == ["broken", "sent"], "the other's is not touched"
    assert len(office.receiver.arrivals) == 2


async def test_many_dead_webhooks_hold_up_nobody_else(office: Office) -> None:
    office.add()
    dead = "http://127.0.0.1:9/api/webhooks/{}/a-token-of-nobody"
    office.hosts.append("http://127.0.0.1:9")
    for number in range(20):
        office.add(f"dead{number}", webhook=dead.format(number + 1))
    office.entries.reverse()
    office.save()
    async with office.open(patience=60) as desk:
        every = asyncio.create_task(
            desk.publisher.publish_many(desk.registry.tenants, "daily", Period.YESTERDAY, NIGHT)
        )
        await until(lambda: len(office.arrived()) == 1, 30)
        assert not every.done()
        desk.publisher.stop()
        postings = await asyncio.wait_for(every, 10)
    assert len(postings) == 21
    assert sum(posting.status is Status.SENT for posting in postings) == 1


async def test_a_run_that_was_told_to_stop_plans_nothing(office: Office) -> None:
    office.add()
    async with office.open() as desk:
        desk.publisher.stop()
        [posting] = await desk.post()
        assert posting.status is Status.FAILED
        assert desk.parts() == []


async def test_a_dry_run_and_a_preview_write_and_send_nothing(office: Office) -> None:
    office.add()
    async with office.open() as desk:
        [posting] = await desk.publisher.dry_run(desk.tenant(), "spacecz", Period.YESTERDAY, NIGHT)
        assert posting.reason == "would send 3 messages"
        [preview] = await desk.publisher.preview(desk.tenant(), "spacecz", Period.YESTERDAY, NIGHT)
        assert desk.parts() == []
        await desk.post()
    sent = [message.payload for message in office.receiver.messages]
    assert sent == list(preview.payloads)
