"""A disk of a test's own that can be full; where the test may not make one, a limit on what PostgreSQL may write."""

from __future__ import annotations

import contextlib
import errno
import resource
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Protocol

import psutil

from tests.support.database_process import postmaster_in

# An empty PostgreSQL takes some 55 MB; it writes its log in files of 16.
SIZE = "128m"
_BALLAST_BLOCK = bytes(4096)


class SmallDisk(Protocol):
    folder: Path

    def fill(self) -> None: ...
    def free(self) -> None: ...


class MountedDisk:
    """A tmpfs of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        with self._ballast.open("ab", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(_BALLAST_BLOCK)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def free(self) -> None:
        self._ballast.unlink()


class LimitedWriters:
    """Every PostgreSQL of a server in `folder` may write no file beyond its first bytes; others it may not make."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        self._limit(0)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for process in self._writers():
            with contextlib.suppress(ProcessLookupError):
                _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def _writers(self) -> list[psutil.Process]:
        for lock_file in self.folder.rglob("postmaster.pid"):
            postmaster = psutil.Process(postmaster_in(lock_file.parent))
            return [postmaster, *postmaster.children(recursive=True)]
        return []


@contextlib.contextmanager
def small_disk() -> Generator[SmallDisk]:
    folder = Path(tempfile.mkdtemp(prefix="shiller-disk-"))
    folder.chmod(0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "shiller", folder], check=False, capture_output=True
    )
    try:
        yield MountedDisk(folder) if mounted.returncode == 0 else LimitedWriters(folder)
    finally:
        if mounted.returncode == 0:
            # Whoever still has a file open there is ended by then, or keeps it to himself.
            subprocess.run(["umount", "--lazy", folder], check=True)
