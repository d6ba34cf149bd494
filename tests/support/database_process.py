"""A PostgreSQL of a test's own, as processes that may be killed, paused and started again on the same folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from server.storage.embedded.account import Account
from server.storage.embedded.cluster import Cluster as EmbeddedCluster
from server.storage.migrations import migrate_up
from tests.support.folders import passable_folder
from tests.support.scenario import PATIENCE_SECONDS, wait_until

# A commit is written before it is answered, as by default, and so outlives every process. That nothing waits for
# the disk itself matters to a machine that loses its power only.
_SETTINGS = {"fsync": "off", "autovacuum": "off", "max_connections": "150", "shared_buffers": "16MB"}


@dataclass(frozen=True)
class Cluster:
    """A folder with a migrated database in it that nobody uses, to be copied; and who may run it."""

    folder: Path
    binaries: Path
    account: Account


@contextmanager
def prepared_cluster() -> Generator[Cluster]:
    with passable_folder("faults") as place:
        made = EmbeddedCluster(place / "cluster")
        made.make()
        cluster = Cluster(made.folder, made.programs, made.account)
        with (cluster.folder / "postgresql.conf").open("a") as settings:
            settings.writelines(f"{name} = {value}\n" for name, value in _SETTINGS.items())
        database = DatabaseProcess(cluster.folder, cluster)
        database.start()
        migrate_up(database.url)
        database.stop()
        yield cluster


@contextmanager
def running_database(cluster: Cluster, name: str) -> Generator[DatabaseProcess]:
    """A copy of the cluster's database, ended at the end, however it went."""
    folder = cluster.folder.parent / name
    subprocess.run(["cp", "-a", cluster.folder, folder], check=True)
    database = DatabaseProcess(folder, cluster)
    try:
        database.start()
        yield database
    finally:
        database.resume()
        database.kill()
        shutil.rmtree(folder)


class DatabaseProcess:
    """The postmaster is our child; what it starts is found by asking the system."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.folder = folder
        self._cluster = cluster
        self._postmaster: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://postgres@/postgres?host={folder}"

    def start(self) -> None:
        """Returns when it answers."""
        self.launch()
        wait_until(self._answers, "PostgreSQL to answer")

    def launch(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._postmaster = subprocess.Popen(
                [self._cluster.binaries / "postgres", "-D", self.folder, "-k", self.folder, "-h", ""],
                user=self._cluster.account.user_id,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """As an operator does it: everybody is cut, everything is written."""
        self._end_with(signal.SIGINT)

    def ask_to_stop(self) -> None:
        """Once nobody is connected any more; until then nobody new is let in."""
        self._running.send_signal(signal.SIGTERM)

    def stop_immediately(self) -> None:
        """Everybody is cut at once, nothing is written; the next start recovers."""
        self._end_with(signal.SIGQUIT)

    def kill(self) -> None:
        """kill -9 of all its processes."""
        if self._postmaster is not None and self._postmaster.poll() is None:
            kill_with_children(self._postmaster.pid)
            self._postmaster.wait(PATIENCE_SECONDS)

    def pause(self) -> None:
        _signal(_family(self._running.pid), signal.SIGSTOP)

    def resume(self) -> None:
        if self._postmaster is not None and self._postmaster.poll() is None:
            _signal(_family(self._postmaster.pid), signal.SIGCONT)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._postmaster is not None, "not started"
        return self._postmaster

    def _end_with(self, number: int) -> None:
        with suppress(ProcessLookupError):
            self._running.send_signal(number)
        self._running.wait(PATIENCE_SECONDS)

    def _answers(self) -> bool:
        assert self._running.poll() is None, self.log
        try:
            with closing(psycopg.connect(self.url, connect_timeout=5)) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def kill_with_children(pid: int) -> None:
    """kill -9 of a postmaster and of all that it has started; returns when they are dead."""
    # Held first, so that it has no child that is not on the list.
    os.kill(pid, signal.SIGSTOP)
    family = _family(pid)
    _signal(family, signal.SIGKILL)
    # Their parent may take its time to notice their death.
    wait_until(lambda: all(is_dead(each) for each in family), "PostgreSQL's processes to be dead")


def postmaster_in(folder: Path) -> int:
    """The pid of the PostgreSQL that runs in this folder."""
    return int((folder / "postmaster.pid").read_text(encoding="ascii").split()[0])


def _family(pid: int) -> list[psutil.Process]:
    postmaster = psutil.Process(pid)
    return [postmaster, *postmaster.children(recursive=True)]


def _signal(processes: Iterable[psutil.Process], number: int) -> None:
    for each in processes:
        with suppress(ProcessLookupError):
            os.kill(each.pid, number)


def is_dead(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
