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
            raise _not_opened(path, error) from error


@contextmanager
def serving_in(folder: Path, *, hears_others: bool) -> Generator[None]:
    """For a server, as long as it runs; commands need no leave. `hears_others`: what the others do is told to it.

    Raises StorageUnavailable where another server is in this folder and the two would not hear of each other.
    """
    place = _server_lock(folder)
    try:
        make_folders(place.parent)
        file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _not_opened(place, error) from error
    try:
        _take_as_server(file, place, hears_others=hears_others)
        yield
    finally:
        os.close(file)


def check_serving(folder: Path, *, hears_others: bool) -> None:
    """Raises StorageUnavailable where `serving_in` would at this moment. Makes nothing."""
    place = _server_lock(folder)
    try:
        file = os.open(place, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _not_opened(place, error) from error
    try:
        _take_as_server(file, place, hears_others=hears_others)
    finally:
        os.close(file)


def _server_lock(folder: Path) -> Path:
    return folder.resolve().with_name(f".{folder.name}.server")


def _take_as_server(file: int, place: Path, *, hears_others: bool) -> None:
    kind = fcntl.LOCK_SH if hears_others else fcntl.LOCK_EX
    if _is_locked(file, kind):
        return
    # Whoever only looks has it for a moment.
    time.sleep(_LOOK_EVERY_SECONDS)
    if not _is_locked(file, kind):
        raise StorageUnavailable(
            f"Another server runs on the database in {place.parent} (DATA_DIR), and the trainees of the one would "
            "not see what is done on the other. Stop that one; or give both the same REDIS_URL (docs/deploy.md, "
            "Several processes)."
        )


def _not_opened(path: Path, error: OSError) -> StorageUnavailable:
    return StorageUnavailable(f"{path} cannot be opened ({error.strerror}). Who owns {path.parent}?")


def _is_locked(file: int, kind: int) -> bool:
    """By us, now."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
