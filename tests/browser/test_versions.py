"""The screens without a server, and two builds of them after one another at the same address."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.pages import PATIENCE_MS
from tests.browser.trainer_pages import (
    expect_status,
    open_room,
    open_session,
    opens_without_network,
    over_http,
    own_number,
    push,
    ready,
    room_link,
    trainer_context,
)
from tests.support.scenario import PROJECT, START_PATIENCE_SECONDS, ServerProcess, end
from tests.support.scenario_clients import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")

_SOURCES = ("src", "public", "index.html", "vite.config.ts", "serviceWorker.ts", "package.json", "npm.py")
_CACHED = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  return Promise.all(caches_.map(async (cache) => (await cache.keys()).map(({ url }) => new URL(url).pathname)));
}"""


@pytest.fixture(scope="module")
def next_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real build of the screens that differ in one line: their page says that it is the next one."""
    web = tmp_path_factory.mktemp("next") / "web"
    for name in _SOURCES:
        source = PROJECT / "web" / name
        if source.is_dir():
            shutil.copytree(source, web / name)
        else:
            web.mkdir(exist_ok=True)
            shutil.copy(source, web / name)
    (web / "node_modules").symlink_to(PROJECT / "web/node_modules")
    with (web / "src/main.tsx").open("a", encoding="utf-8") as main:
        main.write('document.documentElement.dataset["build"] = "next";\n')
    built = subprocess.run(
        [sys.executable, str(web / "npm.py"), "run", "--silent", "build"],
        capture_output=True, text=True, timeout=START_PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return web.parent / "server/static"


class UpgradableServer(ServerProcess):
    """A server whose screens can be exchanged: its package, but for them, is the project's own."""

    def lay_out(self) -> None:
        package = self.folder / "server"
        package.mkdir(parents=True)
        for source in (PROJECT / "server").iterdir():
            if source.name not in ("static", "__pycache__"):
                (package / source.name).symlink_to(source)
        for name in ("migrations", "seeds"):
            (self.folder / name).symlink_to(PROJECT / name)
        self.serve_screens(PROJECT / "server/static")

    def serve_screens(self, folder: Path) -> None:
        static = self.folder / "server/static"
        static.unlink(missing_ok=True)
        static.symlink_to(folder)

    def upgrade(self, screens: Path) -> None:
        self.stop()
        self.serve_screens(screens)
        self.restart_on_same_port()


@pytest.fixture
def upgradable(tmp_path: Path, database_url: str) -> Iterator[UpgradableServer]:
    server = UpgradableServer(tmp_path, {"DATABASE_URL": database_url, "SEED_DEMO": "true"})
    server.lay_out()
    try:
        server.start()
        yield server
    finally:
        end(server)


async def test_a_new_version_is_offered_and_never_forced(
    browser: Browser, upgradable: UpgradableServer, next_build: Path
) -> None:
    async with over_http(upgradable.url) as http, trainer_context(browser) as context:
        session = await open_session(http, title="Sepsis")
        room = await open_room(context, upgradable.url, session)
        beside = await open_room(context, upgradable.url, session)
        monitor = await joined(context, upgradable.url, session)
        for page in (room, beside, monitor):
            await opens_without_network(page)
            await page.evaluate("window.isUntouched = true")
        upgradable.upgrade(next_build)

        # A browser whose network comes back looks whether there is something new.
        await context.set_offline(True)
        await context.set_offline(False)
        await expect(offer(room)).to_be_visible()
        await expect(offer(beside)).to_be_visible()
        await push(room, "Heart rate", 101)
        await room.get_by_role("link", name="Sessions", exact=True).click()
        await room_link(room, session).click()
        await push(room, "Heart rate", 102)
        await expect_status(room, "Saved")
        await expect(offer(room)).to_be_visible()
        assert await is_untouched(room)
        # Neither does a reload take it.
        await room.reload()
        await ready(room)
        await expect(own_number(room, "Heart rate")).to_have_text("102")
        await expect(offer(room)).to_be_visible()
        assert await build_of(room) is None

        await offer(room).click()
        await room.locator("html[data-build=next]").wait_for()
        await ready(room)
        await expect(own_number(room, "Heart rate")).to_have_text("102")
        await push(room, "Heart rate", 103)
        await expect_status(room, "Saved")
        await expect(offer(room)).to_have_count(0)
        assert len(await room.evaluate(_CACHED)) == 1, "the old version's files are gone"

        # The other tabs go on as they are; the monitor is not even asked.
        await expect(own_number(beside, "Heart rate")).to_have_text("103")
        await expect(monitor.locator(".mon-tile-ecg .mon-digits")).to_have_text("103")
        await expect(offer(monitor)).to_have_count(0)
        for page in (beside, monitor):
            assert await is_untouched(page)
            assert await build_of(page) is None
        await offer(beside).click()
        await beside.locator("html[data-build=next]").wait_for()
        await ready(beside)


async def test_the_dashboard_opens_with_the_server_stopped(browser: Browser, server: ServerProcess) -> None:
    async with over_http(server.url) as http, trainer_context(browser) as context:
        session = await open_session(http, title="Sepsis")
        page = await open_room(context, server.url, session)
        await opens_without_network(page)
        await push(page, "Heart rate", 101)
        await expect_status(page, "Saved")
        server.stop()
        await page.close()

        page = await context.new_page()
        answer = await page.goto(f"{server.url}/dashboard")
        assert answer is not None
        assert answer.from_service_worker
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        await expect_status(page, "Offline")
        await room_link(page, session).click()
        await ready(page)
        await expect(own_number(page, "Heart rate")).to_have_text("101")
        [cached] = await page.evaluate(_CACHED)
        assert "/index.html" in cached
        assert [path for path in cached if path.startswith(("/api", "/socket.io"))] == []


async def joined(context: BrowserContext, url: str, session: Json) -> Page:
    """A trainee's monitor in the same browser."""
    page = await context.new_page()
    await page.goto(f"{url}/j/{session['code']}")
    name = page.get_by_role("textbox").last
    await name.fill("Zoé")
    await name.press("Enter")
    await page.wait_for_url("**/monitor*")
    await page.locator(".mon-tile-ecg .mon-digits").wait_for()
    return page


def offer(page: Page) -> Locator:
    return page.get_by_role("button", name="Reload now")


async def is_untouched(page: Page) -> bool:
    return await page.evaluate("window.isUntouched === true")


async def build_of(page: Page) -> str | None:
    return await page.evaluate("document.documentElement.dataset.build ?? null")


async def test_a_file_that_does_not_come_is_asked_for_again(browser: Browser) -> None:
    """In the Wi-Fi of a hall: without it the pages would need the network until they are opened anew."""
    asked: list[str] = []

    class Refusing(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if self.path == "/icon-512.png" and asked.count(self.path) == 1:
                self.send_error(503)
            else:
                super().do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    folder = functools.partial(Refusing, directory=str(PROJECT / "server/static"))
    with ThreadingHTTPServer(("127.0.0.1", 0), folder) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            async with await browser.new_context() as context:
                context.set_default_timeout(PATIENCE_MS)
                page = await context.new_page()
                await page.goto(f"http://127.0.0.1:{server.server_port}/")
                await opens_without_network(page)
        finally:
            server.shutdown()
            serving.join()
    assert asked.count("/icon-512.png") == 2


async def test_a_page_past_which_a_service_worker_became_active_opens_without_the_network_too(
    browser: Browser, server: ServerProcess
) -> None:
    """A page that is loaded past its worker, as one is that was loading meanwhile, is not seen by it unless it asks."""
    async with over_http(server.url) as http, trainer_context(browser) as context:
        session = await open_session(http, title="Sepsis")
        page = await open_room(context, server.url, session)
        await opens_without_network(page)
        devtools = await context.new_cdp_session(page)
        async with page.expect_navigation():
            await devtools.send("Page.reload", {"ignoreCache": True})
        await ready(page)
        await opens_without_network(page)
