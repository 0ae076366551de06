"""Channels beside Discord in the tenant file: what is read, and what is said of faults."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.tenants.entries import WEBHOOK, entry, faults, load

if TYPE_CHECKING:
    from pathlib import Path

    from bot.tenants import Channel

MAIL = "mailto://bot:mail-passw0rd@example.org?to=ada@example.org"
SLACK = "slack://T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"


def channels(folder: Path, value: object) -> tuple[Channel, ...]:
    """Load a tenant with channels; the tenant itself always lives."""
    registry = load(folder, entry(channels=value))
    [tenant] = registry.tenants
    return tenant.channels


@pytest.mark.parametrize("value", [MAIL, [MAIL], {"url": MAIL}, [{"url": MAIL}], [MAIL, "", None]])
def test_a_channel_is_an_address_an_object_or_one_of_a_list(tmp_path: Path, value: object) -> None:
    [channel] = channels(tmp_path, value)
    assert (channel.url, channel.scheme, channel.kind) == (MAIL, "mailto", "mailto")


@pytest.mark.parametrize("value", [None, [], "", {}, [None]])
def test_no_channels_are_no_fault_unless_an_object_says_nothing(
    tmp_path: Path, value: object
) -> None:
    registry = load(tmp_path, entry(channels=value))
    assert registry.tenants[0].channels == ()
    assert faults(registry) == ([("error", "Wolves", "channels.url")] if value == {} else [])


def test_an_object_narrows_what_goes_there(tmp_path: Path) -> None:
    value = {"url": SLACK, "reports": ["daily"], "systems": ["Sol"], "factions": ["X"], "top": 3}
    [channel] = channels(tmp_path, [value])
    assert channel.takes("daily")
    assert not channel.takes("spacecz")
    assert (channel.systems, channel.factions, channel.top) == (("Sol",), ("X",), 3)


def test_a_report_goes_to_webhooks_first_and_nowhere_if_it_is_off(tmp_path: Path) -> None:
    changes = {"channels": [SLACK], "reports": {"spacecz": {"enabled": False}}}
    [tenant] = load(tmp_path, entry(**changes)).tenants
    assert [each.key.partition(":")[0] for each in tenant.outlets_for("daily")] == [
        "discord",
        "apprise",
    ]
    assert [route.webhook.url for route in tenant.routes_for("daily")] == [WEBHOOK]
    assert tenant.outlets_for("spacecz") == ()


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ("nonsense://s3cret-t0ken-1", "no service that Apprise knows"),
        ("slack://s3cret-t0ken-2", "is not what slack:// needs"),
        ("s3cret-t0ken-3", "begin it with the service's name"),
        ("mqtt://host/s3cret-t0ken-4", "another package"),
        ({"url": "slack://s3cret-t0ken-5"}, "is not what slack:// needs"),
        ({"url": MAIL, "top": 0}, "out of range"),
        ({"url": MAIL, "reports": 5}, "is no list"),
        ({"reports": ["daily"]}, "is missing"),
        (17, "is no channel"),
    ],
)
def test_a_faulty_channel_fails_only_itself_and_shows_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, bad: object, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    registry = load(tmp_path, entry(channels=[MAIL, bad, SLACK]))
    [tenant] = registry.tenants
    assert [each.scheme for each in tenant.channels] == ["mailto", "slack"]
    [problem] = registry.problems
    assert problem.level == "error"
    assert problem.field.startswith("channels[1]")
    assert fault in str(problem)
    assert problem.remedy
    told = f"{problem} {registry.problems!r} {caplog.text}"
    assert "s3cret" not in told
    assert "passw0rd" not in told


def test_what_has_no_effect_is_named(tmp_path: Path) -> None:
    value = [{"url": MAIL, "silent": True, "reports": ["dailly"]}, MAIL]
    registry = load(tmp_path, entry(channels=value))
    assert [(each.level, each.field) for each in registry.problems] == [
        ("warning", "channels[0].silent"),
        ("warning", "channels[0].reports"),
        ("warning", "channels[1]"),
    ]
    assert "the same channel" in registry.problems[-1].fault


def test_a_recipient_that_is_none_is_a_warning(tmp_path: Path) -> None:
    registry = load(tmp_path, entry(channels=["mailto://bot:mail-passw0rd@example.org?to=ada"]))
    assert len(registry.tenants[0].channels) == 1
    [problem] = registry.problems
    assert (problem.level, problem.field) == ("warning", "channels[0]")
    assert "a recipient that is none" in str(problem)


def test_the_key_tells_channels_apart_and_survives_a_new_password(tmp_path: Path) -> None:
    def key(value: object) -> str:
        [channel] = channels(tmp_path, value)
        return channel.key

    assert key(MAIL).startswith("apprise:mailto:")
    assert key(MAIL) == key(MAIL.replace("mail-passw0rd", "another-passw0rd"))
    assert key(MAIL) != key(MAIL.replace("to=ada", "to=bob"))
    assert key(MAIL) != key({"url": MAIL, "systems": ["Sol"]})
    assert key({"url": MAIL, "systems": ["Sol"]}) == key({"url": MAIL, "systems": ["SOL"]})


def test_neither_a_channel_nor_its_tenant_shows_the_address(tmp_path: Path) -> None:
    [tenant] = load(tmp_path, entry(channels=[MAIL, SLACK])).tenants
    told = f"{tenant!r} {tenant} {tenant.channels!r} {tenant.channels[0]} {tenant.channels[1].key}"
    for secret in ("passw0rd", "ada@", "XXXX"):
        assert secret not in told
