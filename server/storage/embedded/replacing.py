"""The data folder of the embedded PostgreSQL, replaced whole: a new one is made beside it and takes its place.

At every moment the old one or the new one is whole, and the next start knows which of them counts: the new one is
called «restored» once it is whole, and takes the place when that is free.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.ports.results import StorageUnavailable
from server.storage.embedded.account import account_for, make_folders
from server.storage.embedded.cluster import START_SECONDS, Cluster, stop_what_runs_in
from server.storage.embedded.sharing import Sharing

# Somebody who is stopping it has that long; a restore takes its turn until it is done.
TURN_SECONDS = 10


@dataclass(slots=True)
class Replacement:
    cluster: Cluster
    """The new one; it runs."""
    kept: Path | None
    """Where the old data will be, if there is any."""


@contextmanager
def replacing(folder: Path, stamp: str) -> Generator[Replacement]:
    """When the block ends well, what was put into the new one is what the folder holds; else nothing has happened.

    `stamp` goes into the name by which the old data is kept. Raises StorageUnavailable while anybody uses it.
    """
    folder = folder.resolve()
    try:
        make_folders(folder.parent)
        sharing = Sharing(folder)
        with sharing.turn(TURN_SECONDS):
            if sharing.is_used():
                raise StorageUnavailable(
                    f"The database in {folder} is in use, by a server or by another command. Stop it first."
                )
            with _made_beside(folder, stamp) as replacement:
                yield replacement
            _swap(folder, replacement)
    except ImportError as error:
        raise not_installed() from error
    except OSError as error:
        raise StorageUnavailable(f"{folder} cannot be replaced: {error}") from error


def finish_replacing(folder: Path) -> None:
    """After a crash between two steps: the new one is whole, and its place is free."""
    restored = _restored(folder)
    if folder.exists() or not restored.exists():
        return
    with Sharing(folder).turn(START_SECONDS):
        if not folder.exists() and restored.exists():
            _rename(restored, folder)


def has_data(folder: Path) -> bool:
    return (folder / "PG_VERSION").is_file() or (_restored(folder) / "PG_VERSION").is_file()


def not_installed() -> StorageUnavailable:
    return StorageUnavailable(
        "The embedded PostgreSQL is not installed. Install it (pip install 'shiller[embedded]'), "
        "or set DATABASE_URL to a PostgreSQL of yours, or USE_IN_MEMORY=true."
    )


@contextmanager
def _made_beside(folder: Path, stamp: str) -> Generator[Replacement]:
    draft = folder.with_name(f".{folder.name}.restoring")
    _remove(draft)  # of a restore that was killed
    try:
        cluster = Cluster(draft, account_for(folder))
        cluster.start()
        yield Replacement(cluster, folder.with_name(f"{folder.name}.before-{stamp}") if folder.exists() else None)
        cluster.stop()
    except BaseException:
        _remove(draft)
        raise


def _swap(folder: Path, replacement: Replacement) -> None:
    restored = _restored(folder)
    _remove(restored)
    _rename(replacement.cluster.folder, restored)
    # A server that was killed has left it running.
    stop_what_runs_in(folder)
    if replacement.kept is not None:
        _rename(folder, replacement.kept)
    _rename(restored, folder)


def _restored(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.restored")


def _remove(folder: Path) -> None:
    stop_what_runs_in(folder)
    if folder.exists():
        shutil.rmtree(folder)


def _rename(folder: Path, place: Path) -> None:
    """On the disk when it returns."""
    folder.rename(place)
    above = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)
