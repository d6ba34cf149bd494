"""A PostgreSQL of one test's own, to be stopped, paused and started under a server that uses it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from server.storage.embedded import EmbeddedPostgres
from server.storage.migrations import migrate_up
from server.storage.rights import settle_roles
from tests.support.database_process import is_dead, postmaster_in
from tests.support.folders import passable_folder
from tests.support.scenario import wait_until


class OwnPostgres:
    def __init__(self, folder: Path) -> None:
        self._embedded = EmbeddedPostgres.start(folder)
        self._folder = folder
        self.url = self._embedded.url
        migrate_up(self.url)
        settle_roles(self.url)

    def crash_and_restart(self) -> None:
        """Every backend ends at once and nothing is written out; the next start recovers from the log."""
        postmaster = psutil.Process(postmaster_in(self._folder))
        postmaster.send_signal(signal.SIGQUIT)
        wait_until(lambda: is_dead(postmaster), "PostgreSQL to end")
        self._embedded._start_again()

    def pause(self) -> None:
        """Nothing of it moves, and nothing says so."""
        for process in self._processes():
            process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        for process in self._processes():
            process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.resume()
        self._embedded.stop()

    def _processes(self) -> list[psutil.Process]:
        # The postmaster first, so that it starts no other meanwhile.
        postmaster = psutil.Process(postmaster_in(self._folder))
        return [postmaster, *postmaster.children(recursive=True)]


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    with passable_folder("own") as folder:
        postgres = OwnPostgres(folder / "postgres")
        try:
            yield postgres
        finally:
            postgres.stop()
