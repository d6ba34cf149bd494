"""The command `shiller`."""

from __future__ import annotations

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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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
