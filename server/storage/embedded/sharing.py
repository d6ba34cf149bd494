"""Who uses the database in a folder, known by locks on files beside it: the system lets go of them with their process.

Nothing stands in these files, so that no crash can leave anything wrong in them.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from server.ports.results import StorageUnavailable
from server.storage.embedded.account import make_folders

_LOOK_EVERY_SECONDS = 0.05


class Sharing:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turns = folder.with_name(f".{folder.name}.turn")
        self._users = folder.with_name(f".{folder.name}.users")
        self._joined: int | None = None

    @contextmanager
    def turn(self, patience_seconds: float) -> Generator[None]:
        """One at a time starts or stops it, of all processes. Raises StorageUnavailable if that takes long."""
        file = self._open(self._turns)
        try:
            deadline = time.monotonic() + patience_seconds
            while not _is_locked(file, fcntl.LOCK_EX):
                if time.monotonic() > deadline:
                    raise StorageUnavailable(
                        f"Another process is starting, stopping or restoring the PostgreSQL in {self._folder}."
                    )
                time.sleep(_LOOK_EVERY_SECONDS)
            yield
        finally:
            os.close(file)

    def join(self) -> None:
        if self._joined is None:
            self._joined = self._open(self._users)
            fcntl.flock(self._joined, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Whether we were the last; to be asked in our turn, in which nobody joins."""
        if self._joined is None:
            return False
        try:
            return _is_locked(self._joined, fcntl.LOCK_EX)
        finally:
            os.close(self._joined)
            self._joined = None

    def is_used(self) -> bool:
        """By any process; to be asked in our turn, in which nobody joins."""
        file = self._open(self._users)
        try:
            return not _is_locked(file, fcntl.LOCK_EX)
        finally:
            os.close(file)

    def _open(self, path: Path) -> int:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageUnavailable(f"{path} cannot be opened ({error.strerror}). Who owns {path.parent}?") from error


@contextmanager
def serving_in(folder: Path, *, hears_others: bool) -> Generator[None]:
    """For a server, as long as it runs; commands need no leave. `hears_others`: what the others do is told to it.

    Raises StorageUnavailable where another server is in this folder and the two would not hear of each other.
    """
    place = folder.resolve().with_name(f".{folder.name}.server")
    try:
        make_folders(place.parent)
        file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageUnavailable(f"{place} cannot be opened ({error.strerror}). Who owns {place.parent}?") from error
    try:
        if not _is_locked(file, fcntl.LOCK_SH if hears_others else fcntl.LOCK_EX):
            raise StorageUnavailable(
                f"Another server runs on the database in {place.parent} (DATA_DIR), and the trainees of the one would "
                "not see what is done on the other. Stop that one; or give both the same REDIS_URL (docs/deploy.md, "
                "Several processes)."
            )
        yield
    finally:
        os.close(file)


def _is_locked(file: int, kind: int) -> bool:
    """By us, now."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
