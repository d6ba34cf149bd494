"""`shiller migrate` and `shiller seed`."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import click

from server import clock
from server.commands.common import configured, in_sentences, run_async, services_for
from server.commands.greeting import demo_words
from server.config import Config
from server.domain.audit import COMMAND_LINE
from server.service.seeds import demo_state, load_seeds
from server.storage.embedded import EmbeddedPostgres
from server.storage.migrations import migrate_down, migrate_up, migration_status
from server.storage.opening import check_is_there


@click.group()
def migrate() -> None:
    """Bring the database's schema forward or back."""


@migrate.command()
def up() -> None:
    """Apply what is missing. Safe to run from several machines at once."""
    with _database(configured()) as url:
        applied = migrate_up(url)
    for migration in applied:
        click.echo(f"applied {migration}")
    if not applied:
        click.echo("nothing to apply: the schema is up to date")


@migrate.command()
@click.option("--all", "to_nothing", is_flag=True, help="Take back every migration: all data is gone.")
@click.confirmation_option(prompt="This deletes the data that the migration holds. Go on?")
def down(to_nothing: bool) -> None:
    """Take back the newest migration."""
    with _database(configured()) as url:
        taken_back = migrate_down(url, to_nothing=to_nothing)
    for migration in taken_back:
        click.echo(f"took back {migration}")
    if not taken_back:
        click.echo("nothing to take back")


@migrate.command()
def status() -> None:
    """List the migrations."""
    with _database(configured()) as url:
        for migration in migration_status(url):
            known = "applied" if migration.is_applied else "missing"
            click.echo(f"{known if migration.is_known else 'newer  '}  {migration.id}")


@click.command()
@run_async
async def seed() -> None:
    """Load the demo school, its trainer and the templates, in every language. What is there stays as it is."""
    async with services_for(configured()) as services:
        login = await load_seeds(services, clock.now(), COMMAND_LINE)
        state = await demo_state(services, login)
    click.echo(f"demo login: {demo_words(login, state)}")


@contextmanager
def _database(config: Config) -> Generator[str]:
    if config.use_in_memory:
        raise click.ClickException("USE_IN_MEMORY needs no migrations. Unset it to work on a database.")
    with in_sentences():
        if config.database_url is not None:
            yield config.database_url
            return
        check_is_there(config.data_dir)
        embedded = EmbeddedPostgres.start(config.data_dir / "postgres")
        try:
            yield embedded.url
        finally:
            embedded.stop()
