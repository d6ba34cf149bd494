"""Folders for an embedded PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def passable_folder(purpose: str) -> Generator[Path]:
    """Not below the run's own folder: run as root, PostgreSQL's own user may not enter that. Its name is short, because
    a socket's path may have about 100 characters only.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"shiller-{purpose}-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
