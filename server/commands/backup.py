"""`shiller backup` and `shiller restore`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from server import clock
from server.commands.common import configured, ended_tidily, in_sentences
from server.config import Config
from server.storage.backups.contents import Contents, missing_migrations, read_contents
from server.storage.backups.restoring import Restored, check_is_empty, restore_embedded, restore_external
from server.storage.backups.tools import BackupRefused, server_version, tools_for
from server.storage.backups.writing import write_backup
from server.storage.embedded import EmbeddedPostgres, newest_programs
from server.storage.embedded.replacing import has_data

AS_JSON = click.option("--json", "as_json", is_flag=True, help="What was done as one JSON object on standard output.")


@dataclass(frozen=True, slots=True)
class _Source:
    url: str
    tools: Path


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@AS_JSON
def backup(file: Path, as_json: bool) -> None:
    """Write the whole database into FILE, beside a server that may be running.

    FILE is what `pg_dump --format=custom` writes. It is written under another name, read again, and only then called
    FILE; what was there before is replaced at that moment. It holds names and hashes of passwords: nobody but you may
    read it (0600). Exits with 0 if FILE is whole, with 1 if nothing was written.
    """
    config = configured()
    began = time.monotonic()
    with _in_sentences(), _progress() as report, _source(config) as source:
        written = write_backup(source.url, source.tools, file, report)
    contents = written.contents
    if as_json:
        told = {"file": str(file), "bytes": written.bytes, "sha256": written.sha256, **_as_json(contents, began)}
        click.echo(json.dumps(told))
        return
    click.echo(f"{file}: {_size(written.bytes)}, {_told(contents)}")
    click.echo(f"sha256 {written.sha256}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before the present data is replaced.")
@AS_JSON
def restore(file: Path, yes: bool, as_json: bool) -> None:
    """Replace the database by what FILE holds, while no server runs.

    FILE comes from `shiller backup` or from `pg_dump --format=custom`; it is read whole before anything else happens.
    The embedded PostgreSQL is made anew beside the old one and takes its place when it is whole; the old data is kept,
    and its folder told. A database that DATABASE_URL names has to be empty. An older backup is brought up to date; a
    newer one is refused. Exits with 0 if the database is what FILE says, with 1 if nothing has changed.
    """
    config = configured()
    began = time.monotonic()
    with _in_sentences(), _progress() as report:
        if not file.is_file():
            raise BackupRefused(f"There is no file {file}.")
        tools = _tools_to_restore(config)
        report("reading the backup")
        contents = read_contents(file, tools)
        missing_migrations(contents)
        _ask(config, contents, report, is_agreed=yes)
        restored = _restore(config, file, contents, tools, report)
    if as_json:
        kept = None if restored.kept is None else str(restored.kept)
        told = {"file": str(file), "migrated": list(restored.migrated), "kept": kept, **_as_json(contents, began)}
        click.echo(json.dumps(told))
        return
    click.echo(f"restored {_told(contents)}")
    for migration in restored.migrated:
        click.echo(f"applied {migration}: the backup was older")
    if restored.kept is not None:
        click.echo(f"the data of before is in {restored.kept}; delete that folder when you are sure")


def _restore(config: Config, file: Path, contents: Contents, tools: Path, report: Callable[[str], None]) -> Restored:
    if config.database_url is not None:
        return restore_external(file, contents, config.database_url, tools, report)
    return restore_embedded(file, contents, _folder(config), clock.now().strftime("%Y%m%dT%H%M%SZ"), report)


def _ask(config: Config, contents: Contents, report: Callable[[str], None], *, is_agreed: bool) -> None:
    if is_agreed or config.database_url is not None or not has_data(_folder(config)):
        return
    report("")
    question = f"Replace the data in {_folder(config)} by {_told(contents)}?"
    if not click.confirm(question, err=True):
        raise BackupRefused("Nothing was replaced.")


@contextmanager
def _source(config: Config) -> Generator[_Source]:
    """A database that is there: none is made for the sake of a backup."""
    _refuse_memory(config)
    if config.database_url is not None:
        yield _Source(config.database_url, tools_for(server_version(config.database_url)))
        return
    if not has_data(_folder(config)):
        raise BackupRefused(f"There is no database in {_folder(config)} (DATA_DIR).")
    embedded = EmbeddedPostgres.start(_folder(config))
    try:
        yield _Source(embedded.url, embedded.programs)
    finally:
        embedded.stop()


def _tools_to_restore(config: Config) -> Path:
    _refuse_memory(config)
    if config.database_url is None:
        return newest_programs()
    check_is_empty(config.database_url)
    return tools_for(server_version(config.database_url))


def _refuse_memory(config: Config) -> None:
    if config.use_in_memory:
        raise BackupRefused("USE_IN_MEMORY keeps nothing that could be backed up or restored. Unset it.")


def _folder(config: Config) -> Path:
    return config.data_dir.resolve() / "postgres"


@contextmanager
def _in_sentences() -> Generator[None]:
    """What goes wrong is one line."""
    try:
        with ended_tidily(), in_sentences():
            yield
    except BackupRefused as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def _progress() -> Generator[Callable[[str], None]]:
    """What is being done, on standard error: one line that changes, or, where nobody looks, a line for each step."""
    is_looked_at = sys.stderr.isatty()
    last = ""

    def report(step: str) -> None:
        nonlocal last
        name = step.partition(":")[0]
        if is_looked_at:
            click.echo(f"\r\x1b[K{step}", nl=False, err=True)
        elif name and name != last:
            click.echo(name, err=True)
        last = name

    try:
        yield report
    finally:
        if is_looked_at:
            click.echo("\r\x1b[K", nl=False, err=True)


def _told(contents: Contents) -> str:
    counted = {name: contents.rows.get(name, 0) for name in ("schools", "trainers", "sessions", "session_events")}
    schools, trainers, sessions, events = (f"{number:,}" for number in counted.values())
    return (
        f"the backup of {contents.taken_at}: {schools} schools, {trainers} trainers, {sessions} sessions, "
        f"{events} events (PostgreSQL {contents.server}, {contents.newest_migration})"
    )


def _as_json(contents: Contents, began: float) -> dict[str, object]:
    return {
        "taken_at": contents.taken_at,
        "postgres": contents.server,
        "migration": contents.newest_migration,
        "rows": dict(contents.rows),
        "seconds": round(time.monotonic() - began, 3),
    }


def _size(number: int) -> str:
    return f"{number / 1e6:,.1f} MB" if number >= 100_000 else f"{number / 1e3:,.1f} kB"
