"""The command `shiller`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import click

from server import __version__
from server.commands.accounts import trainer
from server.commands.backup import backup, restore
from server.commands.database import migrate, seed
from server.commands.demo import demo
from server.commands.doctor import doctor
from server.commands.document import document
from server.commands.halls import hall
from server.commands.moving import export_all, import_all
from server.commands.serve import serve
from server.commands.sessions import expire, session
from server.commands.sync import sync
from server.whole_file import is_no_room


class _Commands(click.Group):
    """What finds no room to be written ends in a sentence, whichever command it is, and the help, too."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        # Help and version are printed while the arguments are read.
        with _told_if_no_room():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        with _told_if_no_room():
            answer = super().invoke(ctx)
            sys.stdout.flush()
            return answer


@contextlib.contextmanager
def _told_if_no_room() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if not is_no_room(error):
            raise
        _let_go_of_output()
        raise click.ClickException(
            f"{error.filename or 'What this command prints'} could not be written to its end: {error.strerror}. "
            "What was done before that is done."
        ) from None


def _let_go_of_output() -> None:
    """Else what is left for standard output is tried once more as Python ends, with a complaint of its own."""
    with Path(os.devnull).open("wb") as nothing, contextlib.suppress(OSError):
        os.dup2(nothing.fileno(), sys.stdout.fileno())


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shiller")
def main() -> None:
    """Realtime server for clinical training.

    Configured by environment variables and a .env file; .env.example lists them all.
    """


for command in (
    serve,
    migrate,
    seed,
    trainer,
    session,
    hall,
    sync,
    expire,
    backup,
    restore,
    import_all,
    export_all,
    doctor,
    document,
    demo,
):
    main.add_command(command)
