"""What the browser tests share: pages that fail their test when something is wrong in them, and a trainer over HTTP."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.support.clocks import SteppingClock
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess

PATIENCE_MS = PATIENCE_SECONDS * 1000
# Theirs is five seconds.
expect.set_options(timeout=PATIENCE_MS)

# Waves are drawn sixty times a second by the processor here, as much as all that a test looks at; four times will do.
FEW_FRAMES = """(() => {
  const frame = requestAnimationFrame.bind(window);
  const waiting = new Map();
  let ids = 0;
  let last = -Infinity;
  window.requestAnimationFrame = (draw) => {
    const id = ++ids;
    waiting.set(id, draw);
    const run = (now) => {
      last = now;
      const due = waiting.get(id);
      waiting.delete(id);
      due?.(now);
    };
    setTimeout(() => frame(run), Math.max(0, last + 250 - performance.now()));
    return id;
  };
  window.cancelAnimationFrame = (id) => void waiting.delete(id);
})();"""

# A page whose time passes with that of a server in this process (`pass_time`).
CLOCK = """(() => {
  const right = Date.now, Right = Date;
  let ahead = 0;
  Date.now = () => right() + ahead;
  window.Date = new Proxy(Right, {
    construct: (made, given) => (given.length === 0 ? new made(right() + ahead) : new made(...given)),
    apply: () => new Date().toString(),
  });
  window.passTime = (ms) => void (ahead += ms);
})()"""

# The browser's own words for a service worker that it could not fetch: on a busy machine a page asks for its own late,
# when the network or the server may be gone already.
NO_WORKER = "An unknown error occurred when fetching the script"
# What it says where it is held offline.
OFFLINE = f"ERR_INTERNET_DISCONNECTED|{NO_WORKER}"

T = TypeVar("T")


@asynccontextmanager
async def watched_page(
    browser: Browser, *, tolerate: str = "", all_frames: bool = False, **options: Any
) -> AsyncIterator[Page]:
    """A page in a context of its own; `options` are the context's. `all_frames`: of tests that look at waves.

    It fails its test at the end if its console showed an error (a broken Content-Security-Policy is one) that
    `tolerate`, a regular expression, does not find, or if it asked another host for anything.
    """
    context = await browser.new_context(**{"locale": "en-GB", **options})
    context.set_default_timeout(PATIENCE_MS)
    if not all_frames:
        await context.add_init_script(FEW_FRAMES)
    wrong = watch(context, tolerate)
    try:
        yield await context.new_page()
        assert not wrong, "\n".join(wrong)
    finally:
        await context.close()


def watch(context: BrowserContext, tolerate: str = "") -> list[str]:
    """What goes wrong in the pages of `context` from now on, as it goes wrong."""
    wrong: list[str] = []

    def note(what: str) -> None:
        if not (tolerate and re.search(tolerate, what)):
            wrong.append(what)

    hosts: set[str] = set()

    def see(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss"):
            hosts.add(parts.netloc)
            if len(hosts) > 1:
                note(f"asked another host: {url}")

    def follow(page: Page) -> None:
        page.on("websocket", lambda socket: see(socket.url))

    context.on("page", follow)
    context.on("request", lambda request: see(request.url))
    context.on("console", lambda message: note(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: note(str(error.error)))
    return wrong


async def pass_time(clock: SteppingClock, pages: Sequence[Page], seconds: int) -> None:
    """For the server and for pages that were opened with `CLOCK`."""
    clock.wait(timedelta(seconds=seconds))
    for page in pages:
        await page.evaluate("(ms) => passTime(ms)", seconds * 1000)


async def eventually(look: Callable[[], Awaitable[T]], what: str) -> T:
    """What `look` finds, looked for until it finds something true."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not (found := await look()):
        assert time.monotonic() < deadline, f"waited {PATIENCE_MS / 1000:g} s for {what}"
        await asyncio.sleep(0.05)
    return found


@asynccontextmanager
async def trainer_over_http(server: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    """The demo trainer, logged in; paths are below /api/v1."""
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", trust_env=False, timeout=PATIENCE_SECONDS) as client:
        login = await client.post("/auth/login", json={"email": DEMO_EMAIL, "password": DEMO_PASSWORD})
        client.headers["Authorization"] = f"Bearer {login.raise_for_status().json()['token']}"
        yield client


async def trainees_of(trainer: httpx.AsyncClient, session: dict[str, Any]) -> int:
    """How many seats the session has, as the list of sessions counts them."""
    listed = (await trainer.get("/sessions?status=all&limit=200")).raise_for_status().json()["items"]
    return next(one["trainee_count"] for one in listed if one["id"] == session["id"])
