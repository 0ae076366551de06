"""Who hears how long things took and how they went; metrics are one such listener.

Reports, delivery and commands tell an observer and know nothing of what it
makes of it.
"""

from __future__ import annotations


class Observer:
    """Hears what happened, and by itself takes no note of it.

    Its methods may be called from any thread, return at once and never raise.
    """

    def query_done(self, report: str, engine: str, outcome: str, seconds: float) -> None:
        """Hear that a report was computed from a tenant's database.

        Parameters
        ----------
        report
            Key of the report.
        engine
            ``sqlite``, ``postgresql``, ``mysql`` or ``mariadb``; a MariaDB that
            was never reached counts as ``mysql``.
        outcome
            ``ok``, ``timeout`` or ``failed``.
        """

    def command_done(self, command: str, outcome: str, seconds: float) -> None:
        """Hear that a player's command, press, form or typing was served.

        Parameters
        ----------
        command
            The command's name, or the kind of interaction: ``component``,
            ``modal_submit`` or ``autocomplete`` (suggestions for an option).
        outcome
            ``ok``, ``refused`` (the asker can mend it) or ``failed``.
        """

    def delivery_done(self, outcome: str, seconds: float, *, again: bool) -> None:
        """Hear what became of one request to post a message.

        Parameters
        ----------
        outcome
            ``sent``, ``partly_sent``, ``in_doubt``, ``not_sent``,
            ``rate_limited``, ``rejected`` or ``lost``.
        again
            Whether the message had been tried before.
        """


SILENT = Observer()
"""The observer of those who have none."""
