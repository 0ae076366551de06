"""Words for the terminal: untrusted names made harmless, errors on stderr."""

from __future__ import annotations

import sys
import unicodedata

import click

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: object, *, keep: str = "") -> str:
    """Return text that cannot steer a terminal.

    Control characters, line separators, lone surrogates and marks that turn
    the direction of writing are left out; names from databases and tenant
    files may hold any of them.

    Parameters
    ----------
    text
        What is to be shown.
    keep
        Control characters that stay, such as ``"\\n"`` in text of ours.
    """
    return "".join(char for char in str(text) if char in keep or not _steers(char))


def _steers(char: str) -> bool:
    return char in _BIDI or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}


def say(text: str) -> None:
    """Write a line of result to stdout, cleaned."""
    click.echo(clean(text, keep="\n"))


def data(text: str) -> None:
    """Write exact data to stdout as UTF-8, whatever the locale."""
    end = "" if text.endswith("\n") else "\n"
    click.echo((text + end).encode("utf-8", "backslashreplace"), nl=False)


def note(text: str) -> None:
    """Write a line that is no result to stderr, cleaned."""
    click.echo(clean(text, keep="\n"), err=True)


def interactive(stream_name: str) -> bool:
    """Whether stdin, stdout or stderr, named so, is a terminal."""
    stream = getattr(sys, stream_name)
    return stream is not None and bool(stream.isatty())
