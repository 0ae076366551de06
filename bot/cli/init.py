"""``bgs-bot init``: from nothing to a tenant file and a ``.env`` that work."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.clock import real_now
from bot.cli.text import interactive, note, say
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bot.cli.session import Session
    from bot.cli.setup.files import Change
    from bot.cli.setup.ground import Ground
    from bot.cli.setup.interview import Interview, Question
    from bot.cli.setup.rules import Rules


@click.command(
    "init",
    epilog=options.examples(
        "bgs-bot init                      answer a few questions",
        "bgs-bot init --name Wolves --db-uri sqlite:///db/wolves.db --webhook ''",
        "                                  nobody is asked what an option says",
    ),
)
@click.option("--name", metavar="TEXT", help="The squadron's name.")
@click.option("--db-uri", metavar="URI", help="The backend's database, as in the tenant file.")
@click.option("--webhook", metavar="URL", help="Gets the nightly posts; '' for none.")
@click.option("--faction", metavar="TEXT", help="The squadron's own minor faction.")
@click.option("--guild", metavar="ID", multiple=True, help="A server that sees it; repeatable.")
@click.option("--link-key", metavar="KEY", help="What /tenant link asks for; by default made.")
@click.option("--token", metavar="TOKEN", help="The bot's token, for .env.")
@click.option("--yes", is_flag=True, help="Ask nothing, replace a token, go on unreachable.")
@options.tenant_file_option
@click.pass_obj
def command(session: Session, /, yes: bool, guild: Sequence[str], **given: str | None) -> None:
    """Set a squadron up: asks, tries the answers out, writes tenant.json and .env.

    Options answer questions beforehand; where nobody can be asked, --name,
    --db-uri and --webhook are needed. A tenant file that is there gets the
    squadron added and is kept as it is otherwise; copies of the old files are
    kept. Nothing is posted. Passwords and tokens in options can be seen by
    other users of the machine: better type them when asked.
    """
    from bot.cli.setup.ground import survey
    from bot.cli.setup.interview import Interview
    from bot.cli.setup.rules import Rules
    from bot.cli.setup.trials import Trials

    session.log_on_console()
    ground = survey(session.settings())
    answered = {key.replace("_", "-"): text for key, text in given.items() if text is not None}
    if guild:
        answered["guild"] = " ".join(guild)
    folder = ground.tenants.parent
    rules = Rules(folder, ground.settings.webhook_hosts, ground.file)
    trials = Trials(ground.settings, folder)
    ask = interactive("stdin") and not yes
    interview = Interview(rules, trials, answered, ask=ask, go_on=yes, found=ground.database())
    try:
        _hold(interview, ground, answered, yes=yes)
        if ground.token and not interview.answers.get("token"):
            note(f"Trying the bot's token of {ground.token_place} ...")
            note(f"  {trials.token(ground.token).text}")
    except (click.Abort, KeyboardInterrupt):
        note("\nStopped; nothing was written.")
        raise click.exceptions.Exit(1) from None
    changes, entry = _changes(ground, rules, interview)
    if changes:
        _write(changes)
    else:
        say("Nothing to write: it is all there already.")
    _tell(session, ground, entry, interview, trials.application)


def _hold(interview: Interview, ground: Ground, given: Mapping[str, str], *, yes: bool) -> None:
    """Get all answers, and the person's consent where there is one.

    Raises
    ------
    click.Abort
        If the person does not want it written.
    """
    ask = interview.asks
    interview.check_given()
    if ask:
        note("A few questions; Ctrl-C stops, and nothing is written before the end.")
    questions = _tenant_questions(ground, given, ask=ask)
    new_token = _token_question(ground, given, ask=ask, yes=yes)
    interview.run([*questions, *new_token])
    if ask and (questions or new_token):
        files = [ground.tenants] if questions else []
        files += [ground.dotenv] if new_token else []
        note(f"\nThis goes to {' and '.join(map(str, files))}:\n")
        if not interview.confirm([*questions, *new_token]):
            raise click.Abort


def _tenant_questions(ground: Ground, given: Mapping[str, str], *, ask: bool) -> list[Question]:
    """Return what to ask of a squadron; nothing where none is to be added."""
    from bot.cli.setup.interview import QUESTIONS

    questions = [each for each in QUESTIONS if each.key != "token"]
    wanted = any(each.key in given for each in questions) or not ground.has_tenants
    if ground.file is not None and ground.has_tenants:
        count = len(ground.file.entries)
        note(f"{ground.tenants} has {count} {'squadron' if count == 1 else 'squadrons'} already.")
        if ground.file.left_out:
            note("Some of it has faults; `bgs-bot check` lists them.")
        if ask and not wanted:
            wanted = click.confirm("Add another squadron?", default=False, err=True)
        elif not wanted:
            wanted = "token" not in given
    if not wanted:
        return []
    missing = [f"--{each.key}" for each in questions if each.needed and each.key not in given]
    if missing and not ask:
        raise click.UsageError(
            f"Nobody can be asked here, so please add {', '.join(missing)} (--webhook '' for none)."
        )
    return questions


def _token_question(
    ground: Ground, given: Mapping[str, str], *, ask: bool, yes: bool
) -> list[Question]:
    """Return the question for the token; nothing where it stays as it is."""
    from bot.cli.setup.ground import DOTENV, TOKEN_FILE
    from bot.cli.setup.interview import QUESTIONS

    question = [each for each in QUESTIONS if each.key == "token"]
    token = given.get("token", "").strip()
    in_file = ground.token_place == TOKEN_FILE
    if not ground.token or token == ground.token:
        return question if (token or ask) and not in_file else []
    if not token:
        if ask and not in_file:
            note(f"The bot's token is set already, in {ground.token_place}.")
            if click.confirm("Put another into .env?", default=False, err=True):
                return question
        return []
    if in_file:
        raise click.BadParameter(
            f".env names {TOKEN_FILE}; put the token into that file", param_hint="--token"
        )
    if ask:
        words = f"{ground.token_place} has another token already. Put yours into .env?"
        click.confirm(words, default=False, abort=True, err=True)
    elif not yes and ground.token_place == DOTENV:
        raise click.UsageError(".env has another token already; add --yes to replace it.")
    return question


def _changes(
    ground: Ground, rules: Rules, interview: Interview
) -> tuple[list[Change], dict[str, Any] | None]:
    from bot.cli.setup import texts
    from bot.cli.setup.files import Change
    from bot.cli.setup.ground import DOTENV, TOKEN

    changes: list[Change] = []
    entry = None
    answers = interview.answers
    if "name" in answers:
        entry = texts.new_entry(answers, rules.taken_ids())
        after = texts.with_entry(ground.tenants_before, entry)
        verify = partial(_verify, ground=ground, entry=entry)
        changes.append(Change(ground.tenants, ground.tenants_before, after, verify))
    token = answers.get("token", "")
    if token and (token != ground.token or ground.token_place != DOTENV):
        after = texts.with_value(ground.dotenv_before, TOKEN, token)
        changes.append(Change(ground.dotenv, ground.dotenv_before, after))
    elif ground.dotenv_before is None:
        changes.append(Change(ground.dotenv, None, texts.NEW_DOTENV.encode()))
    return changes, entry


def _verify(path: Path, *, ground: Ground, entry: Mapping[str, Any]) -> None:
    """Make sure that a new tenant file gives the old tenants and the new one.

    Raises
    ------
    BotError
        If it does not.
    """
    from bot.tenants.loading import load_tenant_file

    file = load_tenant_file(path, webhook_hosts=ground.settings.webhook_hosts)
    before = ground.file.tenants if ground.file is not None else ()
    if [each.id for each in file.tenants] != [*(each.id for each in before), entry["id"]]:
        faults = "; ".join(str(each) for each in file.problems if each.level == "error")
        raise BotError(f"the squadron does not fit into {ground.tenants}: {faults}")


def _write(changes: Sequence[Change]) -> None:
    from bot.cli.setup.files import write_all

    write_all(changes, real_now())
    for change in changes:
        copy = f" (the old one is kept as {change.backup.name})" if change.backup else ""
        say(f"Written: {change.path}{copy}")
        if change.was_open:
            note(f"It holds secrets: only its owner and its group can read {change.path.name} now.")


def _tell(
    session: Session,
    ground: Ground,
    entry: Mapping[str, Any] | None,
    interview: Interview,
    application: str,
) -> None:
    from bot.cli.setup.steps import next_steps

    if entry is not None and ground.shares_backend_file():
        note("If the backend serves this squadron, too, add its api_key and api_version there.")
    token = interview.answers.get("token") or ground.token
    known = ground.file.tenants if ground.file is not None else ()
    linked = bool(entry.get("guild_ids")) if entry else all(each.guild_ids for each in known)
    for line in next_steps(
        entry,
        tenant_file=session.tenant_file,
        alone=not ground.has_tenants,
        has_token=bool(token),
        application=application,
        linked=linked,
    ):
        say(line)
