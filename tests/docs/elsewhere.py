"""Commands of the pages that no test types, and what holds each of them true instead."""

from __future__ import annotations

BY_CI = "test_hosting.py finds it in .ci/run"
PARTS = "test_hosting.py looks for the files that it names"
INSTALLED = "test_install.py types it, or starts the demo in another way"
EXTRAS = "test_install.py looks for the extras that it names, and does not install them"
CONTAINER = "test_hosting.py holds it against Dockerfile and compose.yaml, and types what is inside"
UNIT = "test_hosting.py holds it against deploy/bgs-bot.service"
ADDED = "tests/cli/test_added_report.py types it, or one like it, with the example installed"
SYSTEM = "the operating system's own"

ELSEWHERE: dict[str, str] = {
    "python3 -m venv .venv && .venv/bin/pip install --quiet . && .venv/bin/bgs-bot demo": INSTALLED,
    "bgs-bot demo --no-wait": INSTALLED,
    "python3 -m venv .venv": INSTALLED,
    ".venv/bin/pip install '.[postgres,mysql]'": EXTRAS,
    "python3 -m venv .venv && .venv/bin/pip install --quiet --editable '.[test]' &&"
    " .venv/bin/python -m pytest -n 3": BY_CI,
    "useradd --system --home-dir /srv/bgs-bot --create-home --shell /usr/sbin/nologin bgs-bot": (
        SYSTEM
    ),
    "python3 -m venv /srv/bgs-bot/.venv": UNIT,
    "/srv/bgs-bot/.venv/bin/pip install '.[postgres,mysql,channels]'": UNIT,
    "install -o bgs-bot -m 600 tenant.json /srv/bgs-bot/tenant.json": UNIT,
    "install -d -m 700 /etc/bgs-bot": UNIT,
    "install -m 600 /dev/stdin /etc/bgs-bot/discord_token": UNIT,
    "install -m 644 deploy/bgs-bot.service /etc/systemd/system/bgs-bot.service": UNIT,
    "runuser -u bgs-bot -- env --chdir=/srv/bgs-bot .venv/bin/bgs-bot check": UNIT,
    "runuser -u bgs-bot -- env --chdir=/srv/bgs-bot .venv/bin/bgs-bot check --webhooks": UNIT,
    "systemctl daemon-reload": SYSTEM,
    "systemctl enable --now bgs-bot": UNIT,
    "systemctl status bgs-bot": UNIT,
    "journalctl --unit bgs-bot --since today": UNIT,
    "chown 10001 config/tenant.json secrets/discord_token secrets/state_db_uri": CONTAINER,
    "docker compose build": CONTAINER,
    "docker compose build --pull": CONTAINER,
    "docker compose run --rm bot check": CONTAINER,
    "docker compose run --rm bot check --webhooks": CONTAINER,
    "docker compose up --detach": CONTAINER,
    "docker compose exec bot bgs-bot deliveries": CONTAINER,
    "docker compose exec state pg_dump --username bgsbot --format custom bgsbot"
    " > state-backup.dump": CONTAINER,
    ".venv/bin/pip install '.[channels]'": EXTRAS,
    "systemctl stop bgs-bot": UNIT,
    "git pull": SYSTEM,
    "/srv/bgs-bot/.venv/bin/pip install --upgrade '.[postgres,mysql,channels]'": UNIT,
    "systemctl start bgs-bot": UNIT,
    "pg_dump --format custom --file state-backup.dump bgs_bot": SYSTEM,
    ".venv/bin/pip install ./docs/examples/missions_failed": ADDED,
    "bgs-bot report missionsfailed --period lw": ADDED,
    "bgs-bot preview missionsfailed": ADDED,
    "bgs-bot post missionsfailed --dry-run": ADDED,
    ".venv/bin/python -m pytest tests/reports": PARTS,
    ".venv/bin/python -m pytest tests/e2e/test_nights.py -k midnight": PARTS,
    ".venv/bin/python -m pytest tests/docs -n 3": PARTS,
    ".venv/bin/ruff check .": BY_CI,
    ".venv/bin/ruff format --check .": BY_CI,
    ".venv/bin/mypy": BY_CI,
}
"""Each command as it stands in a page."""

PORTAL = (
    "New Application",
    "Reset Token",
    "Privileged Gateway Intents",
    "Installation",
    "Guild Install",
    "Install Link",
    "View Channels",
    "Read Message History",
    "Send Messages",
    "Embed Links",
    "Edit Channel",
    "Integrations",
    "Webhooks",
    "New Webhook",
    "Copy Webhook URL",
    "Copy Server ID",
    "Developer Mode",
    "Manage Server",
    "Bot",
)
"""Words of Discord's developer portal and client, which only somebody at Discord can look up."""
