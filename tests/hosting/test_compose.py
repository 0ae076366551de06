"""compose.yaml fits the image, the settings and what the bot needs to end well."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from bot.client import GRACE_SECONDS
from bot.settings import describe_settings, load_settings
from tests.hosting.dockerfile import instructions

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
BOT: dict[str, Any] = COMPOSE["services"]["bot"]
STATE: dict[str, Any] = COMPOSE["services"]["state"]
IMAGE = {each.name: each for each in instructions(ROOT / "Dockerfile")}


def test_every_setting_is_one_of_the_bot_and_every_secret_is_a_file() -> None:
    known = {each.name: each for each in describe_settings()}
    for name, value in BOT["environment"].items():
        setting = known[name.removesuffix("_FILE")]
        assert setting.secret is name.endswith("_FILE")
        assert value == f"/run/secrets/{setting.name.lower()}"
        assert setting.name.lower() in BOT["secrets"]


def test_what_a_service_mounts_is_declared() -> None:
    for service in (BOT, STATE):
        assert set(service["secrets"]) <= set(COMPOSE["secrets"])
        assert set(service["networks"]) <= {"default", *COMPOSE["networks"]}
        named = {each.partition(":")[0] for each in service["volumes"]}
        assert {each for each in named if not each.startswith(".")} <= set(COMPOSE["volumes"])


def test_it_can_write_to_the_volume_of_the_image_only() -> None:
    mounts = [each.split(":") for each in BOT["volumes"]]
    writable = [mount[1] for mount in mounts if mount[2:] != ["ro"]]
    assert writable == IMAGE["VOLUME"].words
    assert ["./config", "/config", "ro"] in mounts
    assert BOT["read_only"] is True


def test_it_has_no_rights_that_it_does_not_need() -> None:
    assert BOT["cap_drop"] == ["ALL"]
    assert BOT["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in BOT, "the image has one"
    assert "ports" not in {**BOT, **STATE}


def test_it_has_time_to_finish_and_comes_back() -> None:
    assert int(BOT["stop_grace_period"].removesuffix("s")) >= 2 * GRACE_SECONDS
    assert {BOT["restart"], STATE["restart"]} == {"unless-stopped"}


def test_it_is_asked_how_it_does_and_waits_for_a_database_that_is_well() -> None:
    assert "healthcheck" not in BOT, "the image has one"
    assert IMAGE["HEALTHCHECK"].value
    assert BOT["depends_on"]["state"]["condition"] == "service_healthy"
    assert STATE["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]


def test_the_ledger_it_describes_is_the_database_that_it_starts(tmp_path: Path) -> None:
    described = re.search(r"postgresql://\S+", TEXT)
    assert described is not None
    uri = described[0].replace("THAT-PASSWORD", "abc")
    secret = tmp_path / "uri"
    secret.write_text(uri)
    settings = load_settings(base_dir=tmp_path, env={"STATE_DB_URI_FILE": str(secret)})
    made = STATE["environment"]
    assert settings.state_db_uri.get_secret_value() == (
        f"postgresql://{made['POSTGRES_USER']}:abc@state/{made['POSTGRES_DB']}"
    )
    assert made["POSTGRES_PASSWORD_FILE"].removeprefix("/run/secrets/") in STATE["secrets"]


def test_no_secret_beside_it_can_be_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for each in COMPOSE["secrets"].values():
        assert f"/{Path(each['file']).parent}/" in ignored
    assert "tenant.json" in ignored
