"""`shiller import-all` and `shiller export-all`: a whole school, from one server to another."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

import click
import httpx

from server import clock
from server.app import opened_database
from server.commands.common import configured, ended_tidily, run_async
from server.domain.arrival import Arrival, Wrong
from server.domain.moving import Part
from server.domain.people import School
from server.ports.importing import AlreadyHere, Clashes, Clashing, Imported, ImportOutcome
from server.storage.opening import is_there
from server.storage.postgres.importing import importing_school
from server.transport.http.endpoint import API
from server.transport.moving.reading import LineReader, UnreadableLine
from server.whole_file import NotWritten, whole_file

# Far above what any line of an export has.
LONGEST_LINE_BYTES = 16 * 1024 * 1024
PROGRESS_SECONDS = 2.0
_TOO_LONG = UnreadableLine(f"is longer than {LONGEST_LINE_BYTES} bytes")


@click.command("import-all")
@click.argument("file", type=click.File("rb"))
@click.option("--keep-here", is_flag=True, help="Where the file and what is here differ, keep what is here.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
@run_async
async def import_all(file: BinaryIO, keep_here: bool, as_json: bool) -> None:
    """Take a school in from FILE ("-" reads standard input), as GET /api/v1/school/export or export-all wrote it.

    It goes into the database of DATABASE_URL, or into the embedded one under DATA_DIR, in one transaction: all of it or
    nothing. The file is checked on the way, and refused with the number of the first line that is wrong. Safe to
    repeat: what is here already stays as it is. Where the same school has something else here, nothing is changed, and
    both are named. A server in memory (USE_IN_MEMORY) can be exported, but takes no import.

    FILE holds the password hashes of all accounts and the records of all sessions: keep it to yourself (mode 0600), and
    delete it when the school has arrived.

    Exit code 0: it is all here; 1: refused, nothing was changed.
    """
    config = configured()
    if config.use_in_memory:
        raise click.ClickException(
            "USE_IN_MEMORY keeps everything inside the server's own process, which takes no import. "
            "Unset it: the school goes into the embedded database, or into that of DATABASE_URL."
        )
    _warn_of_readers(file)
    reading = Reading(file)
    if config.database_url is None and not is_there(config.data_dir):
        click.echo(f"a new database is made in {config.data_dir.resolve()} (DATA_DIR)", err=True)
    async with opened_database(config) as url:
        outcome = await import_into(url, reading, keep_here)
    if as_json:
        click.echo(json.dumps(_told(outcome, reading), ensure_ascii=False))
    else:
        _say(outcome, reading)
    if isinstance(outcome, Wrong | Clashing):
        raise SystemExit(1)


@click.command("export-all")
@click.argument("url")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--email", required=True, help="Of an admin of the school.")
@click.option("--password", envvar="SHILLER_PASSWORD", prompt=True, hide_input=True, help="Asked for if not given.")
@run_async
async def export_all(url: str, file: Path, email: str, password: str) -> None:
    """Write everything of a school, from the running server at URL, into FILE: also of a server in memory.

    FILE holds the password hashes of all accounts: it is made for your eyes only (mode 0600), and must not be there
    yet. It is written under another name, and called FILE when it is whole.

    Exit code 0: FILE is whole; 1: nothing was written.
    """
    try:
        with ended_tidily(), whole_file(file, replaces=False) as draft:
            async with httpx.AsyncClient(base_url=url.rstrip("/") + API, timeout=60) as http:
                lines = await _download(http, email, password, draft.file)
    except NotWritten as failure:
        raise click.ClickException(f"{failure} The school is where it was, and nothing of it is lost.") from None
    except httpx.HTTPError as error:
        raise click.ClickException(f"{url} does not answer, or stopped doing so ({error}).") from None
    click.echo(f"{lines} lines in {file}; it holds password hashes, delete it when the school has arrived")


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


@dataclass
class Reading:
    """A file as it is read, line by line."""

    file: BinaryIO
    number: int = 0
    bytes_read: int = 0
    school: School | None = None
    digest: _Digest = field(default_factory=hashlib.sha256)

    def lines(self) -> Iterator[bytes]:
        progress = _Progress(self.file)
        while line := self.file.readline(LONGEST_LINE_BYTES + 1):
            self.number += 1
            self.bytes_read += len(line)
            # The first line says when it was exported.
            if self.number > 1:
                self.digest.update(line)
            yield line
            progress.tell(self.number, self.bytes_read)


class _Progress:
    """Says how far it is every few seconds, to people: not into what a program reads."""

    def __init__(self, file: BinaryIO) -> None:
        self._size = _size_of(file)
        self._next = time.monotonic() + PROGRESS_SECONDS

    def tell(self, lines: int, bytes_read: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PROGRESS_SECONDS
        share = f" ({100 * bytes_read // self._size} %)" if self._size else ""
        click.echo(f"{lines} lines{share}", err=True)


async def import_into(url: str, reading: Reading, keeps_here: bool) -> ImportOutcome | Wrong:
    async with importing_school(url, clock.now()) as school:
        for checked in checked_parts(reading):
            if isinstance(checked, Wrong):
                return checked
            if wrong := await school.take(*checked):
                return wrong
        return await school.finish(reading.digest.hexdigest(), keeps_here=keeps_here)


def checked_parts(reading: Reading) -> Iterator[tuple[Part, int, int] | Wrong]:
    """The parts of a file, each with the number and the size of its line; or what is wrong, and nothing after it."""
    reader, arrival = LineReader(), Arrival()
    for line in reading.lines():
        number = reading.number
        part = reader.read(line) if len(line) <= LONGEST_LINE_BYTES else _TOO_LONG
        if isinstance(part, UnreadableLine):
            yield Wrong(number, part.sentence)
            return
        if isinstance(part, School):
            reading.school = part
        if wrong := arrival.follow(part, number):
            yield wrong
            return
        yield part, number, len(line)
    if not arrival.is_whole:
        yield Wrong(reading.number + 1, "is missing: the file ends before its `end`, so it was cut")


def _say(outcome: ImportOutcome | Wrong, reading: Reading) -> None:
    called = "" if reading.school is None else f"«{reading.school.name}» ({reading.school.id})"
    match outcome:
        case Wrong(number, sentence):
            click.echo(f"Error: line {number} {sentence}", err=True)
            click.echo("Nothing was changed.", err=True)
        case Clashing(clashes):
            _say_clashes(clashes, "Error: ")
            way_out = "; --keep-here takes what is new and leaves what is here" if clashes.can_stay else ""
            click.echo(f"Nothing was changed{way_out}.", err=True)
        case AlreadyHere(imported_at, stayed):
            when = "" if imported_at is None else f", since {imported_at:%Y-%m-%d %H:%M} UTC"
            _say_clashes(stayed, "stays as it is here: ")
            click.echo(f"the school {called} is here already{when}: nothing was changed")
        case Imported(added, is_new_school, codes, stayed):
            what = ", ".join(f"{count} {type}" for type, count in added.items()) or "nothing besides"
            _say_clashes(stayed, "stays as it is here: ")
            for each in codes:
                click.echo(f"the session «{each.title}» has the code {each.is_now}: {each.was} is another one's here")
            click.echo(f"{'imported' if is_new_school else 'added to'} the school {called}: {what}")
            click.echo("Everybody logs in again, and devices that work offline fetch everything anew, by themselves.")


def _say_clashes(clashes: Clashes, before: str) -> None:
    for clash in clashes.first:
        click.echo(f"{before}line {clash.number}: {clash.sentence}", err=True)
    if clashes.count > len(clashes.first):
        click.echo(f"{before}and {clashes.count - len(clashes.first)} more", err=True)


def _told(outcome: ImportOutcome | Wrong, reading: Reading) -> dict[str, object]:
    school = reading.school
    told: dict[str, object] = {
        "school": None if school is None else {"id": str(school.id), "name": school.name},
        "lines": reading.number,
    }
    match outcome:
        case Wrong(number, sentence):
            return {"status": "refused", **told, "line": number, "reason": sentence}
        case Clashing(clashes):
            return {"status": "conflict", **told, **_told_clashes(clashes)}
        case AlreadyHere(_, stayed):
            return {"status": "unchanged", **told, **_told_clashes(stayed)}
        case Imported(added, is_new_school, codes, stayed):
            new_codes = [{"title": each.title, "was": each.was, "is": each.is_now} for each in codes]
            about = {"added": dict(added), "new_school": is_new_school, "codes": new_codes}
            return {"status": "imported", **told, **about, **_told_clashes(stayed)}


def _told_clashes(clashes: Clashes) -> dict[str, object]:
    first = [{"line": clash.number, "reason": clash.sentence} for clash in clashes.first]
    return {"conflicts": first, "conflict_count": clashes.count}


async def _download(http: httpx.AsyncClient, email: str, password: str, out: BinaryIO) -> int:
    login = await http.post("/auth/login", json={"email": email, "password": password})
    token = _answer(login)["token"]
    http.headers["Authorization"] = f"Bearer {token}"
    lines = 0
    last = b""
    try:
        async with http.stream("GET", "/school/export") as response:
            if not response.is_success:
                await response.aread()
                _answer(response)
            async for piece in _pieces(response):
                out.write(piece)
                lines += piece.count(b"\n")
                last = (last + piece)[-200:]
    finally:
        await http.post("/auth/logout")
    if b'"type":"end"' not in last:
        raise click.ClickException("the server broke off before the end; try again")
    return lines


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    async for piece in response.aiter_bytes():
        yield piece


def _answer(response: httpx.Response) -> dict[str, str]:
    if response.is_success:
        return response.json()
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError):
        detail = response.text[:200]
    raise click.ClickException(f"{response.request.url.path} was refused: {detail}")


def _warn_of_readers(file: BinaryIO) -> None:
    mode = _mode_of(file)
    if mode is not None and stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
        click.echo(
            f"Warning: others can read {file.name}, which holds password hashes: chmod 600 {file.name}", err=True
        )


def _mode_of(file: BinaryIO) -> int | None:
    try:
        return os.fstat(file.fileno()).st_mode
    except OSError:
        return None


def _size_of(file: BinaryIO) -> int | None:
    try:
        about = os.fstat(file.fileno())
    except OSError:
        return None
    return about.st_size if stat.S_ISREG(about.st_mode) else None
