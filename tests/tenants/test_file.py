from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tenants import Style, TenantFileError, TenantRegistry, read_tenant_file
from tests.tenants.entries import WEBHOOK, entry, faults, load

ROOT = Path(__file__).parents[2]


def refused(path: Path) -> str:
    with pytest.raises(TenantFileError) as caught:
        TenantRegistry.load(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_file_of_the_backend_loads_unchanged(tmp_path: Path) -> None:
    webhooks = {"bullis": "...", "shoutout": WEBHOOK, "conflict": "", "bgs": None}
    webhooks["shoutout_alt"] = "your-webhook-here"
    raw = entry(discord_webhooks=webhooks, whatever={"deep": [1, 2]}, api_version=1.6)
    registry = load(tmp_path, raw)
    (tenant,) = registry.tenants
    assert tenant.id == "wolves"
    assert tenant.raw == raw
    assert tenant.db_uri == "sqlite:///db/wolves.db"
    assert tenant.base_dir == tmp_path
    assert tenant.faction_logo == "/assets/eic.png"
    assert tenant.link_key == "a-key-of-the-wolves"
    assert tenant.enabled
    assert not tenant.quiet_days
    assert [route.webhook.url for route in tenant.routes_for("daily")] == [WEBHOOK]
    assert faults(registry) == [
        ("warning", "Wolves", "discord_webhooks.bullis"),
        ("warning", "Wolves", "discord_webhooks.shoutout_alt"),
    ]
    assert registry.entries == (raw,)
    assert read_tenant_file(tmp_path / "tenant.json") == [raw]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    assert "TENANT_FILE" in refused(tmp_path / "tenant.json")
    assert "TENANT_FILE" in refused(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[\n  {"name": "A",}\n]', "line 2"),
        ('[\n  {"name": "A",}\n]', "take out the comma before it"),
        ('[{"name": "A"},\n]', "take out the comma before it"),
        ('[{"name": A}]', "correct it there"),
        ("", "line 1, column 1"),
        ('{"name": "A"}', "array"),
        ("null", "array"),
        ('"x"', "array"),
        ("5", "array"),
        ("[" * 100_000, "brackets too deep"),
        ("[" + "9" * 5000 + "]", "number too long"),
    ],
)
def test_what_is_no_json_array_is_refused_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "tenant.json"
    path.write_text(text)
    assert said in refused(path)


def test_a_file_in_another_encoding_is_read_or_refused_clearly(tmp_path: Path) -> None:
    path = tmp_path / "tenant.json"
    for encoding in ("utf-8-sig", "utf-16"):
        path.write_text(json.dumps([entry(name="Wölfe")], ensure_ascii=False), encoding=encoding)
        assert TenantRegistry.load(path).tenants[0].name == "Wölfe"
    path.write_bytes('[{"name": "Wölfe"}]'.encode("latin-1"))
    assert "UTF-8" in refused(path)


def test_a_key_given_twice_is_warned_of(tmp_path: Path) -> None:
    text = json.dumps([entry()]).replace('"name"', '"db_uri": "sqlite:///x", "name"')
    registry = load(tmp_path, text=text)
    assert faults(registry) == [("warning", "(file)", "db_uri")]
    assert registry.tenants[0].db_uri == "sqlite:///db/wolves.db"


def test_all_faults_of_all_tenants_are_named_and_the_others_run(tmp_path: Path) -> None:
    broken = entry(
        name="Broken",
        id="Not A Slug",
        db_uri="oracle://scott:tigertiger@h/d",
        guild_ids=["12a", 0, True, 1.5],
        enabled="yes",
        quiet_days=1,
        locale=5,
        channels=[7],
        faction_name=["x"],
        discord_webhooks={"shoutout": 5, "bgs": [{"thread_id": "x"}]},
        reports={
            "daily": {"enabled": 0, "webhook": "shoutot", "style": "fancy", "top": 1001},
            "spacecz": [],
            "weekly": {"colour": 1},
        },
    )
    registry = load(tmp_path, "text", broken, {}, entry())
    assert [tenant.name for tenant in registry.tenants] == ["Wolves"]
    errors = {(tenant, field) for level, tenant, field in faults(registry) if level == "error"}
    assert errors == {
        ("#1", ""),
        ("Broken", "id"),
        ("Broken", "db_uri"),
        *(("Broken", f"guild_ids[{index}]") for index in range(4)),
        ("Broken", "enabled"),
        ("Broken", "quiet_days"),
        ("Broken", "locale"),
        ("Broken", "channels[0]"),
        ("Broken", "discord_webhooks.shoutout"),
        ("Broken", "discord_webhooks.bgs[0].url"),
        ("Broken", "discord_webhooks.bgs[0].thread_id"),
        ("Broken", "reports.daily.enabled"),
        ("Broken", "reports.daily.webhook"),
        ("Broken", "reports.daily.style"),
        ("Broken", "reports.daily.top"),
        ("Broken", "reports.spacecz"),
        ("#3", "name"),
        ("#3", "db_uri"),
    }
    warnings = {field for level, _, field in faults(registry) if level == "warning"}
    assert warnings == {"faction_name", "reports", "reports.weekly.colour"}
    text = "\n".join(str(problem) for problem in registry.problems)
    assert "tigertiger" not in text
    assert "shoutout, shoutout_alt, conflict, bgs, bullis" in text


@pytest.mark.parametrize("value", [["x"], {"x": 1}, True, False])
@pytest.mark.parametrize("key", ["faction_name", "faction_logo", "api_version"])
def test_a_wrong_value_under_a_key_of_the_backends_is_a_warning(
    tmp_path: Path, key: str, value: object
) -> None:
    registry = load(tmp_path, entry(**{key: value}))
    (tenant,) = registry.tenants
    assert faults(registry) == [("warning", "Wolves", key)]
    assert getattr(tenant, key, None) is None
    assert tenant.raw[key] == value


@pytest.mark.parametrize("value", [None, "", "1.6.0", 1.6, 2])
def test_an_api_version_is_text_or_number(tmp_path: Path, value: object) -> None:
    assert load(tmp_path, entry(api_version=value)).problems == ()


def test_a_problem_is_one_sentence_with_tenant_field_value_and_remedy(tmp_path: Path) -> None:
    (problem,) = load(tmp_path, entry(enabled="yes")).problems
    assert str(problem) == (
        'tenant "Wolves", enabled: "yes" is neither true nor false; write true or false, unquoted'
    )


def test_names_that_could_garble_a_terminal_are_shown_plain(tmp_path: Path) -> None:
    registry = load(tmp_path, entry(name="\x1b[31mEvil\n\u202ename\ud800", db_uri=""))
    text = str(registry.problems[0])
    assert text.isprintable()
    assert "[31mEvil name" in text


def test_reports_are_configured_per_report(tmp_path: Path) -> None:
    reports = {
        "daily": {"enabled": False},
        "spacecz": {"webhook": ["war_room", "shoutout"], "style": "Classic", "top": 1000},
    }
    other = WEBHOOK.replace("12345", "99999")
    webhooks = {"shoutout": [WEBHOOK, other, WEBHOOK], "war_room": {"url": other, "top": 3}}
    (tenant,) = load(tmp_path, entry(reports=reports, discord_webhooks=webhooks)).tenants
    assert tenant.routes_for("daily") == ()
    config = tenant.report_config("spacecz")
    assert (config.style, config.top) == (Style.CLASSIC, 1000)
    ids = [(route.kind, route.webhook.id[:5]) for route in tenant.routes_for("spacecz")]
    assert ids == [("war_room", "99999"), ("shoutout", "12345")]
    assert tenant.report_config("groundcz").kinds == ("shoutout",)
    assert len(tenant.routes_for("groundcz")) == 2


def test_the_example_file_loads(tmp_path: Path) -> None:
    registry = TenantRegistry.load(ROOT / "tenant.example.json")
    assert len(registry.tenants) == 2
    assert all("is a placeholder" in str(problem) for problem in registry.problems)
    text = (ROOT / "tenant.example.json").read_text()
    for number in range(9):
        text = text.replace("webhooks/replace-with", f"webhooks/{number + 1}/replace-with", 1)
    registry = load(tmp_path, text=text)
    assert registry.problems == ()
    assert len(registry.get("kestrel").routes_for("daily")) == 2


# Short texts and numbers: longer ones under api_key would stay masked for other tests.
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-99999, 99999)
    | st.sampled_from([10**30, 0.5, float("nan")])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "thread_id", "tags", "shoutout", "daily", "top", "reports"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
KEYS = [
    *("id", "name", "db_uri", "api_key", "discord_webhooks", "faction_name", "faction_logo"),
    *("guild_ids", "enabled", "reports", "quiet_days", "link_key", "channels", "locale"),
]


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), json_values) | json_values, max_size=3))
def test_whatever_the_array_holds_good_tenants_run(tmp_path: Path, entries: list[object]) -> None:
    good = entry(id="the-good-one", guild_ids=[77])
    registry = load(tmp_path, good, *entries)
    assert registry.get("the-good-one").guild_ids == (77,)
    assert len({tenant.id for tenant in registry.all}) == len(registry.all)
    for problem in registry.problems:
        assert str(problem).isprintable()
    left_out = len(entries) + 1 - len(registry.all)
    assert (left_out > 0) <= any(problem.level == "error" for problem in registry.problems)
