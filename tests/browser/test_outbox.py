"""Whatever the network does: the trainer works on, and every change arrives once and in order."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.trainer_pages import (
    expect_status,
    lines,
    log_in,
    note,
    open_room,
    open_session,
    opens_without_network,
    outbox,
    outbox_ids,
    over_http,
    own_number,
    previewed,
    push,
    ready,
    record_of,
    recorded,
    trainer_context,
    watch_for_errors,
)
from tests.support.chromium import launch_with_profile
from tests.support.delay import Line, line_to
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import ServerProcess, serving
from tests.support.scenario_clients import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_ten_changes_without_a_network_survive_a_reload(browser: Browser, shared_server: ServerProcess) -> None:
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        session = await open_session(http, title="Anaphylaxis")
        page = await open_room(context, shared_server.url, session)
        before = await one_change_saved(page, http, session)
        await context.set_offline(True)
        waiting = await ten_changes_kept(page)
        assert len(await record_of(http, session["id"])) == 1
        await context.set_offline(False)
        await expect_status(page, "Saved")
        assert ids_of(await record_of(http, session["id"])) == [before, *waiting]
        await check_ten_changes(page)


async def test_ten_changes_survive_a_killed_server(browser: Browser, tmp_path: Path, database_url: str) -> None:
    with serving(tmp_path / "server", DATABASE_URL=database_url, SEED_DEMO="true") as server:
        async with over_http(server.url) as http, trainer_context(browser) as context:
            session = await open_session(http, title="Anaphylaxis")
            page = await open_room(context, server.url, session)
            before = await one_change_saved(page, http, session)
            server.kill()
            waiting = await ten_changes_kept(page)
            server.restart_on_same_port()
            await expect_status(page, "Saved")
            assert ids_of(await record_of(http, session["id"])) == [before, *waiting]
            await check_ten_changes(page)


async def close(page: Page) -> None:
    """At once: nobody asks the page."""
    await page.close()


async def crash(page: Page) -> None:
    crashed = asyncio.Event()
    page.once("crash", lambda _: crashed.set())
    devtools = await page.context.new_cdp_session(page)
    # It never answers.
    asking = asyncio.ensure_future(devtools.send("Page.crash"))
    await asyncio.wait_for(crashed.wait(), PATIENCE_SECONDS)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


@pytest.mark.parametrize("end", [close, crash])
async def test_a_tab_that_goes_in_the_middle_of_sending_loses_nothing(
    browser: Browser, shared_server: ServerProcess, end: Callable[[Page], Awaitable[None]]
) -> None:
    async with (
        over_http(shared_server.url) as http,
        line_to(shared_server.url) as line,
        trainer_context(browser) as context,
    ):
        session = await open_session(http)
        page = await open_room(context, line.url, session)
        sent = await half_sent(page, line, http, session)
        await end(page)
        page = await open_room(context, line.url, session)
        await check_half_sent(page)
        line.let_flow()
        await expect_status(page, "Saved")
        assert ids_of(await record_of(http, session["id"])) == sent
        await check_half_sent(page)


async def test_a_browser_that_is_killed_in_the_middle_of_sending_loses_nothing(
    shared_server: ServerProcess, tmp_path: Path
) -> None:
    async with (
        over_http(shared_server.url) as http,
        line_to(shared_server.url) as line,
        async_playwright() as playwright,
    ):

        async def launch() -> BrowserContext:
            return await launch_with_profile(playwright, tmp_path / "profile", locale="en-GB")

        session = await open_session(http)
        context = await launch()
        page = await open_room(context, line.url, session)
        sent = await half_sent(page, line, http, session)
        await kill(context)
        context = await launch()
        errors = watch_for_errors(context)
        page = await open_room(context, line.url, session)
        await check_half_sent(page)
        line.let_flow()
        # A browser writes cookies to its disk when it has time: this login may be lost with it.
        again = page.get_by_role("alert").get_by_role("button", name="Log in")
        saved = page.locator("a.db-status-saved")
        await again.or_(saved).wait_for()
        if await again.is_visible():
            await again.click()
            await log_in(page)
        await expect_status(page, "Saved")
        assert ids_of(await record_of(http, session["id"])) == sent
        await check_half_sent(page)
        assert errors == []
        await context.close()


async def kill(context: BrowserContext) -> None:
    """kill -9 of a browser's own process; the others of it end by themselves."""
    assert context.browser is not None
    devtools = await context.browser.new_browser_cdp_session()
    found = await devtools.send("SystemInfo.getProcessInfo")
    [pid] = [one["id"] for one in found["processInfo"] if one["type"] == "browser"]
    gone = asyncio.Event()
    context.once("close", lambda _: gone.set())
    os.kill(pid, signal.SIGKILL)
    await asyncio.wait_for(gone.wait(), PATIENCE_SECONDS)


async def one_change_saved(page: Page, http: httpx.AsyncClient, session: Json) -> str:
    await opens_without_network(page)
    await push(page, "Heart rate", 99)
    await expect_status(page, "Saved")
    [event] = await record_of(http, session["id"])
    return event["id"]


async def ten_changes_kept(page: Page) -> list[str]:
    """Made, shown, and there again after a reload, all without a network. The ids of their entries in order."""
    for turn in range(1, 6):
        await push(page, "Heart rate", 100 + turn)
        await note(page, f"Note {turn} of five")
    await expect_status(page, "Offline (10)")
    waiting = await outbox_ids(page)
    await page.reload()
    await ready(page)
    await check_ten_changes(page)
    await expect_status(page, "Offline (10)")
    assert await outbox_ids(page) == waiting
    return waiting


async def check_ten_changes(page: Page) -> None:
    await expect(own_number(page, "Heart rate")).to_have_text("105")
    await expect(previewed(page, "ecg")).to_have_text("105")
    for turn in range(1, 6):
        await expect(lines(page, f"Note {turn} of five")).to_have_count(1)
        await expect(lines(page, f"HR\N{NO-BREAK SPACE}{100 + turn}")).to_have_count(1)


async def half_sent(page: Page, line: Line, http: httpx.AsyncClient, session: Json) -> list[str]:
    """Six changes: the server has stored two, of which this browser knows of one. The ids in order."""
    before = await one_change_saved(page, http, session)
    line.hold_answers()
    for turn in (1, 2):
        await push(page, "Heart rate", 100 + turn)
        await note(page, f"Note {turn} of two")
    await push(page, "Heart rate", 103)
    stored = await recorded(http, session["id"], 2)
    entries = await outbox(page)
    # What is under way is known by the page alone, and goes with it.
    assert [entry["state"] for entry in entries] == ["waiting"] * 5
    assert stored[1]["id"] == entries[0]["id"]
    return [before, *(entry["id"] for entry in entries)]


async def check_half_sent(page: Page) -> None:
    await expect(own_number(page, "Heart rate")).to_have_text("103")
    for turn in (1, 2):
        await expect(lines(page, f"Note {turn} of two")).to_have_count(1)
        await expect(lines(page, f"HR\N{NO-BREAK SPACE}{100 + turn}")).to_have_count(1)


def ids_of(events: list[Json]) -> list[str]:
    return [event["id"] for event in events]
