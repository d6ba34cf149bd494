"""A database into a file, while it is used: under another name until it is whole, on the disk and read again."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path

from server.storage.backups.contents import Contents, read_contents
from server.storage.backups.seal import digest_of, seal
from server.storage.backups.tools import BackupRefused, ToolFailed, run_tool, target_of
from server.storage.walls import for_every_school

# A migration under way holds what a dump has to read.
_LOCK_PATIENCE_MILLISECONDS = 60_000

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    file: Path
    bytes: int
    sha256: str
    contents: Contents


def write_backup(url: str, tools: Path, file: Path, report: Report) -> Backup:
    """`file` holds all of it, or what it held before. Raises BackupRefused."""
    if file.is_dir():
        raise BackupRefused(f"{file} is a folder; name a file in it.")
    draft = file.with_name(f".{file.name}.new")
    try:
        with _own_draft(draft) as written:
            _dump(url, tools, draft, report)
            seal(written)
            os.fsync(written.fileno())
            report("reading it again")
            contents = read_contents(draft, tools)
            backup = Backup(file, draft.stat().st_size, digest_of(draft), contents)
            draft.replace(file)
            _keep_name(file.parent)
            return backup
    except ToolFailed as failure:
        raise BackupRefused(f"{file} was not written: {failure}") from None
    except OSError as error:
        raise BackupRefused(f"{file} was not written: {error.strerror or error}") from None


def _dump(url: str, tools: Path, draft: Path, report: Report) -> None:
    target = target_of(for_every_school(url))
    patience = f"--lock-wait-timeout={_LOCK_PATIENCE_MILLISECONDS}"

    def look() -> None:
        report(f"dumping: {draft.stat().st_size / 1e6:,.1f} MB")

    report("dumping")
    # By name: into a file that it only inherits it writes its table of contents twice.
    words = (
        "--format=custom",
        "--no-password",
        patience,
        "--enable-row-security",
        f"--file={draft}",
        f"--dbname={target.words}",
    )
    run_tool(tools, "pg_dump", *words, target=target, look=look)


@contextmanager
def _own_draft(draft: Path) -> Generator[BufferedRandom]:
    """Empty, for nobody else to read, and gone if it was not renamed. One that was killed has left its own behind."""
    file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "r+b") as opened:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused(f"Another backup is being written to {draft.with_name(draft.name[1:-4])}.") from None
        # Between its opening and its locking somebody may have finished with it and given it its name.
        if not _is_still(draft, file) or not stat.S_ISREG(os.fstat(file).st_mode):
            raise BackupRefused(f"Another backup was written to {draft.with_name(draft.name[1:-4])} just now.")
        os.fchmod(file, 0o600)
        os.ftruncate(file, 0)
        try:
            yield opened
        finally:
            if _is_still(draft, file):
                draft.unlink()


def _is_still(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _keep_name(folder: Path) -> None:
    """A name is on the disk when its folder is."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
