"""``preview``: what would be posted, without ledger and network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.commands import LAST_DAY, NOW, Home, tenant, url, write_database

if TYPE_CHECKING:
    from bot.sandbox.receiver import Receiver

PREVIEW = ("preview", "daily", "--now", NOW)


async def test_text_names_the_channel_and_shows_the_post(home: Home, receiver: Receiver) -> None:
    ended = await home.run(*PREVIEW)
    assert (ended.status, ended.err) == (0, "")
    assert "shoutout" in ended.out
    assert LAST_DAY in ended.out
    assert "Ada" in ended.out


async def test_json_is_the_array_of_what_post_would_send(home: Home, receiver: Receiver) -> None:
    previewed = await home.run(*PREVIEW, "--json")
    assert (previewed.status, previewed.err) == (0, "")
    assert receiver.arrivals == []
    await home.run("post", "daily", "--now", NOW)
    assert previewed.json == [message.payload for message in receiver.messages]


async def test_json_holds_the_payloads_of_all_routes_in_order(
    home: Home, receiver: Receiver
) -> None:
    routes = [url(receiver), {"url": url(receiver), "style": "classic", "silent": True}]
    home.tenants(tenant("Wolves", routes))
    first, second = (await home.run(*PREVIEW, "--json")).json
    assert first["embeds"]
    assert "Daily Summary for 2025-09-11" in second["content"]
    assert second["flags"] == 4096


async def test_json_of_a_day_without_data_is_an_empty_array(home: Home, receiver: Receiver) -> None:
    ended = await home.run("preview", "daily", "--json", "--now", "2024-01-01")
    assert (ended.status, ended.json) == (0, [])


async def test_html_is_a_page_without_markup_of_strangers(home: Home, receiver: Receiver) -> None:
    write_database(home.folder / "owls.db", cmdr="<script>alert(1)</script>")
    home.tenants(tenant("Owls", url(receiver)))
    ended = await home.run(*PREVIEW, "--html", "page.html")
    assert ended.status == 0
    assert "page.html" in ended.out
    page = (home.folder / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<script>" not in page
    assert "alert(1)" in page


async def test_html_that_cannot_be_written_is_one_sentence(home: Home, receiver: Receiver) -> None:
    ended = await home.run(*PREVIEW, "--html", "nowhere/page.html")
    assert ended.status == 1
    assert "nowhere" in ended.err
    assert "Traceback" not in ended.err


async def test_json_and_html_exclude_each_other(home: Home) -> None:
    assert (await home.run(*PREVIEW, "--json", "--html", "page.html")).status == 2


async def test_a_tenant_without_webhook_is_previewed_as_it_would_be(home: Home) -> None:
    ended = await home.run(*PREVIEW)
    assert ended.status == 0
    assert "Ada" in ended.out
    assert "no usable webhook" in ended.err


async def test_nothing_is_written(home: Home, receiver: Receiver) -> None:
    before = sorted(home.folder.rglob("*"))
    assert (await home.run(*PREVIEW)).status == 0
    assert sorted(home.folder.rglob("*")) == before


async def test_a_tenant_in_trouble_leaves_the_others_on_show(
    home: Home, receiver: Receiver
) -> None:
    home.tenants(tenant("Gone", url(receiver)), tenant("Wolves", url(receiver)))
    ended = await home.run(*PREVIEW)
    assert ended.status == 1
    assert "Ada" in ended.out
    assert "gone.db" in ended.err


async def test_a_tenant_that_is_left_out_for_its_faults_makes_it_fail(
    home: Home, receiver: Receiver
) -> None:
    home.tenants(tenant("Wolves", url(receiver)), {"name": "Faulty", "db_uri": 5})
    ended = await home.run(*PREVIEW, "--json")
    assert ended.status == 1
    assert json.loads(ended.out)
    assert "Faulty" in ended.err
