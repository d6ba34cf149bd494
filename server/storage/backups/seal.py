"""A last line of our own in the file: the SHA-256 of all before it. pg_restore does not look so far.

PostgreSQL's format knows when data is spoilt, but not when the definitions of the tables are.
"""

from __future__ import annotations

import hashlib
from io import BufferedRandom, BufferedReader
from pathlib import Path

from server.storage.backups.tools import BackupRefused

_BEGIN = b"\nshiller backup, sha256 of what is before this line: "
_LENGTH = len(_BEGIN) + 64 + 1
_PIECE = 1 << 20


def seal(file: BufferedRandom) -> None:
    digest = _digest(file, file.seek(0, 2))
    file.seek(0, 2)
    file.write(_BEGIN + digest.encode("ascii") + b"\n")
    file.flush()


def check_seal(path: Path) -> None:
    """One that has none, as pg_dump by itself writes it, is left to pg_restore. Raises BackupRefused."""
    with path.open("rb") as file:
        end = file.seek(0, 2) - _LENGTH
        if end < 0:
            return
        file.seek(end)
        line = file.read()
        if line.startswith(_BEGIN) and line[len(_BEGIN) : -1].decode("ascii", "replace") != _digest(file, end):
            raise BackupRefused(f"{path} is no whole backup: it is not what was written (its SHA-256 has changed).")


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(file: BufferedRandom | BufferedReader, end: int) -> str:
    """Of what stands before `end`."""
    digest = hashlib.sha256()
    file.seek(0)
    while end > 0 and (piece := file.read(min(_PIECE, end))):
        digest.update(piece)
        end -= len(piece)
    return digest.hexdigest()
