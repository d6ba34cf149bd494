"""What would keep a first start from making the embedded PostgreSQL, found out without making anything."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from server.ports.results import StorageUnavailable
from server.storage.embedded.account import account_to_be
from server.storage.embedded.cluster import check_programs, programs_for
from server.storage.embedded.replacing import not_installed

MIB = 2**20
# With its tables it takes 40 MiB (PostgreSQL 18), and what is written first begins another file of its log, of 16.
ROOM_BYTES = 56 * MIB


def check_first_start(folder: Path) -> None:
    """`folder` has no database yet. Raises StorageUnavailable with what to do."""
    folder = folder.resolve()
    try:
        programs = programs_for(None)
    except ImportError as error:
        raise not_installed() from error
    check_programs(programs)
    account_to_be(folder).check_entry([folder, programs / "postgres"])
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir():
        raise StorageUnavailable(f"The embedded PostgreSQL cannot use {folder}: {there} is no folder.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise StorageUnavailable(f"The embedded PostgreSQL cannot use {folder}: nothing may be written in {there}.")
    if there == folder and any(folder.iterdir()):
        raise StorageUnavailable(f"The embedded PostgreSQL cannot be made in {folder}: the folder is not empty.")
    if (free := shutil.disk_usage(there).free) < ROOM_BYTES:
        raise StorageUnavailable(
            f"The embedded PostgreSQL cannot be made in {folder}: it needs {ROOM_BYTES // MIB} MiB to begin with, and "
            f"the disk has room for {free // MIB}. Make room, or set DATA_DIR to a folder on another disk."
        )
