"""The questions, asked one after the other, each answer checked and tried at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from bot.cli.tables import show_table
from bot.cli.text import note
from bot.logs import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.cli.setup.rules import Rules
    from bot.cli.setup.trials import Trials

NO_ANSWER = "-"


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask.

    Attributes
    ----------
    key
        The option that answers it, without dashes.
    label
        What the answer is called in the list of answers.
    words
        The question.
    hint
        What to know before answering.
    empty
        What the list of answers says of an empty one.
    """

    key: str
    label: str
    words: str
    hint: str = ""
    empty: str = "none"
    hidden: bool = False
    needed: bool = False


QUESTIONS = (
    Question("name", "name", "Your squadron's name", needed=True),
    Question(
        "db-uri",
        "database",
        "Its database",
        "The backend's database: sqlite:///FILE, postgresql://USER:PASSWORD@HOST/NAME\n"
        "or mysql://USER:PASSWORD@HOST/NAME. The bot only reads it.",
        needed=True,
    ),
    Question(
        "webhook",
        "webhook",
        "Webhook",
        "The webhook that gets the nightly posts. In Discord: the channel's settings,\n"
        "Integrations, Webhooks, Copy Webhook URL. Leave it empty to post nothing.",
        "none; nothing is posted by night",
        needed=True,
    ),
    Question(
        "faction",
        "minor faction",
        "Minor faction",
        "Your own minor faction as the game writes it, or empty.",
    ),
    Question(
        "guild",
        "Discord server",
        "Server id",
        "The id of the Discord server that may see these reports, or empty: then\n"
        "/tenant link does it later, with the key that comes next.",
        "none; /tenant link does it later",
    ),
    Question(
        "link-key",
        "link key",
        "Link key",
        "The key that /tenant link asks for. It is not shown as you type; leave it\n"
        "empty to have one made.",
        "one is made",
        hidden=True,
    ),
    Question(
        "token",
        "bot token",
        "Bot token",
        "The bot's token from https://discord.com/developers/applications (Bot, Reset\n"
        "Token), for commands in Discord. It is not shown as you type; leave it empty\n"
        "to have the nightly posts only.",
        "none; nightly posts only",
        hidden=True,
    ),
)


class Interview:
    """Gets an answer to every question, from options or from a person.

    Parameters
    ----------
    given
        What options say, by question; these are not asked.
    ask
        Whether somebody is there to be asked.
    go_on
        Whether what cannot be reached is no reason to stop.
    found
        A database that lies beside the tenant file, to be offered.

    Attributes
    ----------
    answers
        What was answered, by question.
    asks
        As ``ask``.
    """

    def __init__(
        self,
        rules: Rules,
        trials: Trials,
        given: Mapping[str, str],
        *,
        ask: bool,
        go_on: bool,
        found: str = "",
    ) -> None:
        self.answers: dict[str, str] = {}
        self._trials = trials
        self._given = given
        self.asks = ask
        self._go_on = go_on
        self._found = found
        self._rules: dict[str, Callable[[str], str]] = {
            "name": rules.name,
            "db-uri": rules.db_uri,
            "webhook": rules.webhook,
            "faction": rules.faction,
            "guild": rules.guilds,
            "link-key": rules.link_key,
            "token": rules.token,
        }

    def check_given(self) -> None:
        """Refuse options that are wrong before anything is asked.

        Raises
        ------
        click.BadParameter
            For the first of them.
        """
        for key, text in self._given.items():
            try:
                self._rules[key](text)
            except ValueError as error:
                raise click.BadParameter(mask(str(error)), param_hint=f"--{key}") from None

    def run(self, questions: Iterable[Question]) -> None:
        """Get the answers to some questions.

        Raises
        ------
        click.exceptions.Exit
            If something does not work and nobody can say whether to go on.
        """
        for question in questions:
            text = self._given.get(question.key)
            if text is None:
                value = self._asked(question) if self.asks else ""
            else:
                value = self._rules[question.key](text)
            self._settle(question, value)

    def confirm(self, questions: Sequence[Question]) -> bool:
        """Show the answers, let the person change some, and return whether to write them."""
        while True:
            show_table(
                ("", "What", "Answer"),
                [
                    (str(number), question.label, self._shown(question))
                    for number, question in enumerate(questions, 1)
                ],
            )
            reply = _prompt("Write this? y, n, or a number to change", "y").lower()
            if reply in ("y", "yes"):
                return True
            if reply in ("n", "no"):
                return False
            if reply.isdecimal() and 1 <= int(reply) <= len(questions):
                question = questions[int(reply) - 1]
                self._settle(question, self._asked(question))
            else:
                note(f"Type y, n, or a number from 1 to {len(questions)}.")

    def _settle(self, question: Question, value: str) -> None:
        trial = self._trials.of(question.key)
        while value and trial is not None:
            note(f"Trying the {question.label} ...")
            good, text = trial(value)
            note(mask(f"  {text}"))
            if good or not self._wants_another(question):
                break
            value = self._asked(question)
        self.answers[question.key] = value

    def _wants_another(self, question: Question) -> bool:
        if self.asks:
            return click.confirm(f"Give another {question.label}?", default=True, err=True)
        if not self._go_on:
            note(f"Error: the {question.label} does not work, so nothing was written.")
            note("Correct it, or add --yes to write it all the same.")
            raise click.exceptions.Exit(1)
        return False

    def _asked(self, question: Question) -> str:
        note("")
        if question.hint:
            note(question.hint)
        default = self._default(question)
        while True:
            text = _prompt(question.words, default, hidden=question.hidden)
            if text.strip() == NO_ANSWER:
                text = ""
            try:
                return self._rules[question.key](text)
            except ValueError as error:
                note(mask(f"Sorry, {error}."))

    def _default(self, question: Question) -> str:
        if question.key == "db-uri":
            return self._found
        if question.key == "guild" and self._trials.guild:
            try:
                guild = self._rules["guild"](self._trials.guild)
            except ValueError:  # it sees another squadron
                return ""
            note(f"The webhook's server is the default; {NO_ANSWER} is for none.")
            return guild
        return ""

    def _shown(self, question: Question) -> str:
        value = self.answers[question.key]
        if not value:
            return question.empty
        if question.hidden:
            return "(hidden)"
        if question.key == "webhook":
            from bot.tenants import parse_webhook_url

            return str(parse_webhook_url(value))
        return mask(value)


def _prompt(words: str, default: str = "", *, hidden: bool = False) -> str:
    answer: str = click.prompt(
        words, default=default, show_default=bool(default), hide_input=hidden, err=True, type=str
    )
    return answer
