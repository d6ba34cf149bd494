"""A database into a file, while it is used: under another name until it is whole and read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.storage.backups.contents import Contents, read_contents
from server.storage.backups.seal import digest_of, seal
from server.storage.backups.tools import BackupRefused, ToolFailed, run_tool, target_of
from server.storage.walls import for_every_school
from server.whole_file import NotWritten, whole_file

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
    try:
        with whole_file(file, replaces=True) as draft:
            _dump(url, tools, draft.path, report)
            seal(draft.file)
            report("reading it again")
            contents = read_contents(draft.path, tools)
            return Backup(file, draft.path.stat().st_size, digest_of(draft.path), contents)
    except ToolFailed as failure:
        raise BackupRefused(f"{file} was not written: {failure}") from None
    except NotWritten as failure:
        raise BackupRefused(str(failure)) from None


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
