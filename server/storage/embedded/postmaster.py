"""PostgreSQL's first process, found by the file in which it says its number.

After a power cut that file may name another's process by now, or be cut short or full of zeros. So the number is
believed only if the process is a PostgreSQL with this very data folder; its start time would add nothing, for two of
them cannot run in one folder, and it moves when the machine's clock is set.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCK_FILE = "postmaster.pid"


@dataclass(frozen=True, slots=True)
class LockFile:
    """What stands in `postmaster.pid` and the lock files of sockets; the later lines come while it starts."""

    process_id: int
    socket_folder: str
    port: str
    is_ready: bool


class Process:
    """A process that was seen to be the postmaster of a folder."""

    def __init__(self, found: Any) -> None:
        self._process = found

    @property
    def id(self) -> int:
        return int(self._process.pid)

    @property
    def is_alive(self) -> bool:
        """Also no longer if it is dead and nobody has asked for its end yet, as in a container without an init."""
        psutil = _psutil()
        try:
            return bool(self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False

    def send(self, signal_number: int) -> None:
        """Nothing, if it has ended; another process that has its number by now gets nothing either."""
        try:
            self._process.send_signal(signal_number)
        except _psutil().NoSuchProcess:
            return


def read_lock_file(path: Path) -> LockFile | None:
    """None if there is none, or nothing in it that PostgreSQL could have meant."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return None
    number = lines[0].strip()
    if not number.isdigit() or int(number) == 0:
        return None
    lines += [b""] * (8 - len(lines))
    return LockFile(int(number), os.fsdecode(lines[4]), os.fsdecode(lines[3].strip()), lines[7].strip() == b"ready")


def find_postmaster(folder: Path) -> Process | None:
    """The one that runs in this folder and says so."""
    written = read_lock_file(folder / LOCK_FILE)
    return None if written is None else postmaster_of(folder, written.process_id)


def process_of(process_id: int) -> Process | None:
    """Whatever it is."""
    psutil = _psutil()
    try:
        return Process(psutil.Process(process_id))
    except psutil.Error:
        return None


def postmaster_of(folder: Path, process_id: int) -> Process | None:
    """The process with this number, if it is the postmaster of this folder."""
    psutil = _psutil()
    try:
        found = psutil.Process(process_id)
        process = Process(found)
        is_it = process.is_alive and found.name() == "postgres" and _serves(found, folder)
    except psutil.Error:
        return None
    return process if is_it else None


def postmasters_of_lost(folder: Path) -> list[Process]:
    """Those that run in a folder of this name that was deleted under them."""
    psutil = _psutil()
    named: Iterable[Any] = psutil.process_iter(["name"])
    return [Process(found) for found in named if found.info["name"] == "postgres" and _is_of_lost(found, folder)]


def _serves(process: Any, folder: Path) -> bool:
    """Its children change their command line, and it works in its data folder."""
    told = _told(process)
    where = _asked(process.cwd)
    if where is None:
        # Another user's, and we may not look: what it was told is all there is.
        return told == str(folder)
    return told is not None and _is_same(where, folder)


def _told(process: Any) -> str | None:
    """The data folder on its command line."""
    command: list[str] = _asked(process.cmdline) or []
    place = command.index("-D") + 1 if "-D" in command else len(command)
    return command[place] if place < len(command) else None


def _is_of_lost(process: Any, folder: Path) -> bool:
    """Another container's has the same names and none of our files."""
    if _told(process) != str(folder):
        return False
    try:
        theirs, ours = (os.stat(f"/proc/{each}/ns/mnt").st_ino for each in (process.pid, "self"))
    except FileNotFoundError:
        return not os.path.exists("/proc/self/ns")  # no Linux, no containers
    except PermissionError:
        return False
    return theirs == ours


def _asked(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except (_psutil().AccessDenied, _psutil().NoSuchProcess):
        return None


def _is_same(where: str, folder: Path) -> bool:
    try:
        return os.path.samefile(where, folder)
    except OSError:
        return False


def _psutil() -> Any:
    return importlib.import_module("psutil")  # it comes with the wheel
