"""The tests of the local database and the outbox, which vitest runs on a fake, on a browser's own IndexedDB.

One body, web/tests/local/*.test.ts; here it is a page in a browser with a profile on disk.
"""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from tests.support.chromium import FLAGS, find_chromium
from tests.support.scenario import PROJECT, START_PATIENCE_SECONDS

# Files, and how many tests each of them has at the least: one that runs none has not passed.
BODIES = {"outbox": 14, "refusals": 18, "device": 16, "tabs": 14, "schedules": 2}


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def contract_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The tests as a page, built and served."""
    folder = tmp_path_factory.mktemp("contract")
    command = [sys.executable, str(PROJECT / "web/npm.py"), "run", "--silent", "contract", "--", "--outDir", folder]
    built = subprocess.run(command, capture_output=True, text=True, timeout=START_PATIENCE_SECONDS, check=False)
    assert built.returncode == 0, built.stderr
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder))) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


async def test_the_outbox_on_a_real_database(contract_url: str, tmp_path: Path) -> None:
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=find_chromium(), args=FLAGS
        )
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(contract_url)
        outcomes = await page.evaluate("window.contract")
        await context.close()
    assert [outcome for outcome in outcomes if outcome["state"] != "pass"] == []
    ran = Counter(outcome["file"] for outcome in outcomes)
    assert {body: min(ran[body], least) for body, least in BODIES.items()} == BODIES
    assert errors == []
