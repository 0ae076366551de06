from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import mask
from bot.tenants import (
    TenantFileError,
    TenantRegistry,
    UnknownTenantError,
    tenant_from_mapping,
)
from tests.tenants.entries import WEBHOOK, entry, faults, load

if TYPE_CHECKING:
    from pathlib import Path


def rewrite(registry: TenantRegistry, *entries: object) -> None:
    registry.path.write_text(json.dumps(entries))


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Wölfe & Söhne", "wolfe-sohne"),
        ("  --Élite!! 2--", "elite-2"),
        ("Straße", "strasse"),
        ("x" * 200, "x" * 63),
        ("狼", "tenant-"),
        ("***", "tenant-"),
    ],
)
def test_an_id_follows_from_the_name(tmp_path: Path, name: str, slug: str) -> None:
    tenant_id = load(tmp_path, entry(name=name)).tenants[0].id
    assert tenant_id.startswith(slug)
    assert tenant_id == slug or len(tenant_id) == len("tenant-") + 8


@given(st.text(min_size=1).filter(lambda text: bool(text.strip())))
def test_every_name_gives_a_valid_id(tmp_path: Path, name: str) -> None:
    (tenant,) = load(tmp_path, entry(name=name)).tenants
    assert load(tmp_path, entry(id=tenant.id)).tenants[0].id == tenant.id


def test_names_that_give_one_id_are_told_apart_with_a_warning(tmp_path: Path) -> None:
    registry = load(
        tmp_path,
        entry(name="Wolfe"),
        entry(name="Wölfe"),
        entry(name="Other", id="wolfe-2"),
        entry(name="WOLFE", db_uri=None),
        entry(name="wolfe!"),
    )
    assert [tenant.id for tenant in registry.tenants] == ["wolfe", "wolfe-3", "wolfe-2", "wolfe-5"]
    assert [each for each in faults(registry) if each[0] == "warning"] == [
        ("warning", "Wölfe", "id"),
        ("warning", "WOLFE", "id"),
        ("warning", "wolfe!", "id"),
    ]


def test_an_id_given_twice_leaves_the_later_tenant_out(tmp_path: Path) -> None:
    registry = load(tmp_path, entry(name="A", id="x"), entry(name="B", id="x"))
    assert [tenant.name for tenant in registry.tenants] == ["A"]
    assert faults(registry) == [("error", "B", "id")]


def test_a_guild_sees_one_tenant_and_the_later_claim_is_an_error(tmp_path: Path) -> None:
    registry = load(
        tmp_path,
        entry(name="A", guild_ids=[1, "2", 1]),
        entry(name="B", guild_ids=["2"]),
        entry(name="C", guild_ids=[3], enabled=False),
    )
    assert [tenant.name for tenant in registry.tenants] == ["A"]
    assert [tenant.name for tenant in registry.all] == ["A", "C"]
    assert faults(registry) == [("error", "B", "guild_ids")]
    found = registry.listing.guilds[2]
    assert found is not None
    assert found.name == "A"


def test_every_guild_that_the_file_lists_is_known_whatever_became_of_its_tenant(
    tmp_path: Path,
) -> None:
    registry = load(
        tmp_path,
        entry(name="A", guild_ids=[1, "2"]),
        entry(name="Off", guild_ids=[3], enabled=False),
        entry(name="Faulty", guild_ids=[4, "x", None, " 5 ", True, -1], db_uri=None),
        entry(name="Clash", guild_ids=["6", 2]),
        entry(name="Bare", guild_ids=7),
        entry(name="Odd", guild_ids={"8": 8}),
        "no tenant",
    )
    on, off = registry.get("A"), registry.get("Off")
    faulty = dict.fromkeys((4, 5, 6, 7))
    assert registry.listing.guilds == {1: on, 2: on, 3: off, **faulty}
    assert registry.listing.tenants == {"a": on, "off": off}


def test_a_kept_tenant_keeps_its_guilds_and_what_its_new_entry_lists_is_nobodys(
    tmp_path: Path,
) -> None:
    registry = load(tmp_path, entry(name="A", guild_ids=[1]))
    before = registry.listing
    rewrite(registry, entry(name="A", guild_ids=[1, 2], db_uri=5))
    registry.reload()
    assert registry.listing.guilds == {1: registry.get("A"), 2: None}
    assert before.guilds == {1: registry.get("A")}


def test_a_tenant_is_found_by_id_then_name_then_name_in_any_case(tmp_path: Path) -> None:
    registry = load(
        tmp_path,
        entry(name="Wolves", id="pack"),
        entry(name="pack", id="other"),
        entry(name="Straße"),
        entry(name="Twin", id="twin-a"),
        entry(name="Twin", id="twin-b"),
        entry(name="Faulty", db_uri=""),
    )
    assert registry.get("pack").name == "Wolves"
    assert registry.get("Wolves").id == "pack"
    assert registry.get(" STRASSE ").name == "Straße"
    with pytest.raises(UnknownTenantError, match="pack, other, strasse, twin-a, twin-b"):
        registry.get("nobody")
    with pytest.raises(UnknownTenantError, match=r"several tenants.*twin-a, twin-b"):
        registry.get("Twin")
    with pytest.raises(UnknownTenantError, match="left out because its entry has faults"):
        registry.get("faulty")


def test_reload_keeps_the_last_good_version_of_each_tenant(tmp_path: Path) -> None:
    registry = load(tmp_path, entry(name="A"), entry(name="B", api_key="key-of-b"), entry(name="C"))
    rewrite(
        registry,
        entry(name="A", db_uri=5),
        entry(name=7, api_key="key-of-b"),
        entry(name="D", api_key="key-of-d", db_uri=""),
        entry(name="E", api_key="key-of-e", faction_name="new"),
    )
    problems = registry.reload()
    assert {tenant.name for tenant in registry.tenants} == {"A", "B", "E"}
    assert registry.get("A").db_uri == "sqlite:///db/wolves.db"
    assert {(each.tenant, each.field) for each in problems if each.level == "error"} == {
        ("A", "db_uri"),
        ("#2", "name"),
        ("D", "db_uri"),
    }
    rewrite(registry, entry(name="A", faction_name="newer"))
    assert registry.reload() == ()
    assert [tenant.faction_name for tenant in registry.tenants] == ["newer"]


def test_a_tenant_that_is_gone_does_not_live_on_in_anothers_faulty_entry(tmp_path: Path) -> None:
    wolfe, woelfe = (
        entry(name="Wolfe", api_key="key-of-one"),
        entry(name="Wölfe", api_key="key-of-two"),
    )
    registry = load(tmp_path, wolfe, woelfe)
    assert [tenant.id for tenant in registry.tenants] == ["wolfe", "wolfe-2"]
    rewrite(registry, {**woelfe, "db_uri": 5})
    registry.reload()
    assert [tenant.name for tenant in registry.tenants] == ["Wölfe"]


def test_reload_of_a_broken_file_keeps_everything(tmp_path: Path) -> None:
    registry = load(tmp_path, entry())
    before = registry.tenants
    for text in ("[", "{}"):
        registry.path.write_text(text)
        with pytest.raises(TenantFileError):
            registry.reload()
        assert registry.tenants == before
    registry.path.unlink()
    with pytest.raises(TenantFileError):
        registry.reload()
    assert registry.tenants == before


def test_a_kept_tenant_gives_way_where_its_guild_has_moved(tmp_path: Path) -> None:
    registry = load(tmp_path, entry(name="A", guild_ids=[1]))
    rewrite(registry, entry(name="A", guild_ids="x"), entry(name="B", api_key="b", guild_ids=[1]))
    registry.reload()
    assert [tenant.name for tenant in registry.tenants] == ["B"]


def test_what_is_left_out_is_logged_loudly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load(tmp_path, entry(db_uri=None), entry(name="B", discord_webhooks={"bgs": "..."}))
    levels = [(record.levelno, getattr(record, "tenant", None)) for record in caplog.records]
    assert levels == [(logging.ERROR, "Wolves"), (logging.WARNING, "B")]


def test_a_dict_handed_in_directly_is_checked_as_the_file_is(tmp_path: Path) -> None:
    raw = entry(discord_webhooks={"shoutout": WEBHOOK, "bgs": "..."})
    tenant = tenant_from_mapping(raw, base_dir=tmp_path, webhook_hosts=())
    assert tenant == load(tmp_path, raw).tenants[0]
    raw["discord_webhooks"]["shoutout"] = None
    raw["name"] = "changed"
    assert tenant.raw["name"] == "Wolves"
    assert tenant.routes_for("daily")
    bad: list[Any] = [entry(name=""), entry(db_uri=None), entry(guild_ids=5), "Wolves", None]
    for each in bad:
        with pytest.raises(TenantFileError) as caught:
            tenant_from_mapping(each, base_dir=tmp_path, webhook_hosts=())
        assert caught.value.problems


def test_a_dict_out_of_the_file_is_matched_with_its_tenant(tmp_path: Path) -> None:
    registry = load(tmp_path, entry(name="Wolfe"), entry(name="Wölfe"))
    found = registry.match(entry(name="Wölfe"))
    assert found is not None
    assert found.id == "wolfe-2"
    assert registry.match(entry(name="Wölfe", faction_name="altered")) is None


def test_no_secret_of_a_tenant_is_shown_or_logged(tmp_path: Path) -> None:
    raw = entry(
        api_key="sesame-api-key",
        link_key="sesame-link-key",
        db_uri="postgresql://u:sesame%2Fdb@h/d?sslpassword=sesame-ssl",
        channels=["tgram://sesame-channel/1"],
        discord_webhooks={"shoutout": WEBHOOK.replace("Tok", "sesameTok")},
    )
    (tenant,) = load(tmp_path, raw).tenants
    assert "sesame" not in repr(tenant)
    text = "sesame-api-key sesame-link-key sesame%2Fdb sesame/db sesame-ssl sesame-channel/1"
    token = tenant.routes_for("daily")[0].webhook.token
    assert "sesame" not in mask(f"{text} {token}")
