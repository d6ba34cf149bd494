"""A file that stands under its name only when it is whole: until then it is written under another one beside it."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path

# Of the disk, of what this user may have of it, and of what one file may be there.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class NotWritten(Exception):
    """Under the name is what was there before, or nothing; the message says why."""


@dataclass(frozen=True, slots=True)
class Draft:
    path: Path
    file: BufferedRandom


def is_no_room(error: OSError) -> bool:
    return error.errno in _NO_ROOM


@contextmanager
def whole_file(file: Path, *, replaces: bool) -> Generator[Draft]:
    """When the block ends well, its draft is on the disk and called `file`; else it is gone.

    Nobody else may read it (mode 0600). Without `replaces`, a file that is there already is refused. Raises
    NotWritten, also for an OSError of the block.
    """
    if file.is_dir():
        raise NotWritten(f"{file} is a folder; name a file in it.")
    path = file.with_name(f".{file.name}.new")
    try:
        with _own_draft(path, file) as opened:
            _check_place(file, replaces=replaces)
            yield Draft(path, opened)
            opened.flush()
            os.fsync(opened.fileno())
            _check_place(file, replaces=replaces)
            path.replace(file)
            _keep_name(file.parent)
    except OSError as error:
        raise NotWritten(f"{file} was not written: {error.strerror or error}.") from None


def _check_place(file: Path, *, replaces: bool) -> None:
    if not replaces and os.path.lexists(file):
        raise NotWritten(f"{file} is there already; name a file that is not.")


@contextmanager
def _own_draft(path: Path, file: Path) -> Generator[BufferedRandom]:
    """Empty, for nobody else to read, and gone if it was not renamed. One that was killed has left its own behind."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as opened:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotWritten(f"Another command is writing {file}.") from None
        # Between its opening and its locking somebody may have finished with it and given it its name.
        if not _is_still(path, descriptor) or not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotWritten(f"Another command wrote {file} just now.")
        os.fchmod(descriptor, 0o600)
        os.ftruncate(descriptor, 0)
        try:
            yield opened
        finally:
            if _is_still(path, descriptor):
                path.unlink()


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _keep_name(folder: Path) -> None:
    """A name is on the disk when its folder is; there are file systems that see to that by themselves, and refuse."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(opened)
