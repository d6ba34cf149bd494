"""Pages that are built for the tests alone: a part of web/src on a browser's own canvas, clock or database."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.scenario import PROJECT, START_PATIENCE_SECONDS


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@contextmanager
def built_page(script: str, folder: Path) -> Iterator[str]:
    """The URL of what `npm run <script>` of web/package.json builds; built into `folder`, served until the end."""
    command = [sys.executable, str(PROJECT / "web/npm.py"), "run", "--silent", script, "--", "--outDir", str(folder)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=START_PATIENCE_SECONDS, check=False)
    assert built.returncode == 0, built.stderr
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder))) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            serving.join()
