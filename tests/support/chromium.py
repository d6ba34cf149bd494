"""A browser for the browser tests: Debian's Chromium, or what Playwright finds; never skipped."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Playwright

from tests.support.patience import PATIENCE_SECONDS, START_PATIENCE_SECONDS

# Headless, as root, and without a word to anybody outside.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_FIRST = -15
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The path of a Chromium of this machine, installed now where we may; None for Playwright's own."""
    found = _on_path()
    if found is None and os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-qq", "-y", "chromium"]):
            subprocess.run(command, check=False, env=environment, capture_output=True)
        found = _on_path()
    if found is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    return found


async def launch(playwright: Playwright, *flags: str) -> Browser:
    return await playwright.chromium.launch(
        executable_path=find_chromium(), args=[*FLAGS, *flags], timeout=START_PATIENCE_SECONDS * 1000
    )


async def launch_with_profile(playwright: Playwright, profile: Path, **options: Any) -> BrowserContext:
    """A browser that keeps what is in `profile`; `options` are those of its context."""
    context = await playwright.chromium.launch_persistent_context(
        profile, executable_path=find_chromium(), args=FLAGS, timeout=START_PATIENCE_SECONDS * 1000, **options
    )
    # Playwright's own is half a minute.
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    return context


@contextlib.asynccontextmanager
async def put_first(browser: Browser) -> AsyncGenerator[None]:
    """For as long as this lasts, before everything else on this machine, if it lets us: as if it ran alone."""
    devtools = await browser.new_browser_cdp_session()
    found = await devtools.send("SystemInfo.getProcessInfo")
    pids = [one["id"] for one in found["processInfo"]]
    _set_priority(pids, _FIRST)
    try:
        yield
    finally:
        _set_priority(pids, 0)
        await devtools.detach()


def _set_priority(pids: Iterable[int], nice: int) -> None:
    for pid in pids:
        # Most users may not do this, and not every system knows what is meant.
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(nice), encoding="ascii")
        for thread in Path(f"/proc/{pid}/task").glob("*"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, int(thread.name), nice)


def _on_path() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)
