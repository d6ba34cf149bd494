"""The lanes on a browser's own canvas: a push that comes late leaves the picture that there would be without delay."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.browser.pages import watched_page
from tests.support.scenario import PROJECT, START_PATIENCE_SECONDS

BLACK = {"ground": "#000000", "colour": "#2ee56b"}
LIGHT = {"ground": "#ffffff", "colour": "#00752f"}
# Where the push is in a lane of nine seconds; the last are at its right edge.
PLACES_MS = (1_700, 8_975, 9_003)
LATE_BY_MS = (8, 150, 1_200)
# Of 255. What was left standing of an old trace differs by nearly all of its colour; the soft edge of a
# stroke that was drawn in one piece instead of several, by half of it at the most.
STRONG = 160


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def lanes_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """web/tests/waves/browser, built and served."""
    folder = tmp_path_factory.mktemp("lanes")
    command = [sys.executable, str(PROJECT / "web/npm.py"), "run", "--silent", "lanes", "--", "--outDir", folder]
    built = subprocess.run(command, capture_output=True, text=True, timeout=START_PATIENCE_SECONDS, check=False)
    assert built.returncode == 0, built.stderr
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder))) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("kind", ["ecg", "pleth", "resp", "co2"])
@pytest.mark.parametrize("theme", [BLACK, LIGHT], ids=["black", "light"])
async def test_a_late_push_leaves_no_trace_of_what_was_drawn_before(
    browser: Browser, lanes_url: str, theme: dict[str, str], kind: str
) -> None:
    async with watched_page(browser) as page:
        await page.goto(lanes_url)
        await page.wait_for_function("() => window.compare !== undefined")
        for (ratio, width), at, late in product(((1, 1.7), (1, 3), (2, 2.2), (3, 3)), PLACES_MS, LATE_BY_MS):
            asked = {**theme, "kind": kind, "ratio": ratio, "lineWidth": width, "at": at, "late": late}
            found = await page.evaluate("([asked, least]) => compare(asked, least)", [asked, STRONG])
            assert found["inked"] > 300 * ratio, "there is a trace"
            assert found["columns"] == [], (asked, found["greatest"])
