"""What a trainer has staged, how it is to be sent, and what can be undone outlive a reload, and go with the session."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.pages import eventually
from tests.browser.trainer_pages import (
    expect_status,
    open_room,
    open_session,
    outbox,
    over_http,
    own_number,
    push,
    ready,
    record_of,
    trainer_context,
)
from tests.support.scenario import ServerProcess

_IN_HAND = """async () => {
  const { name } = (await indexedDB.databases()).find(({ name }) => /^shiller\\..+/.test(name));
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const kept = await new Promise((resolve, reject) => {
    const request = database.transaction("preparations").objectStore("preparations").getAll();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  database.close();
  return kept.map(({ staged, ramp_seconds }) => [staged.signs, ramp_seconds]);
}"""


async def test_a_reload_loses_nothing_that_was_in_hand(browser: Browser, shared_server: ServerProcess) -> None:
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        session = await open_session(http, title="Sepsis")
        page = await open_room(context, shared_server.url, session)
        await push(page, "Heart rate", 111)
        await expect_status(page, "Saved")
        entry = page.get_by_role("spinbutton", name="SpO₂, value to send", exact=True)
        await entry.fill("88")
        await entry.press("Tab")
        await page.get_by_role("radio", name="1 min", exact=True).check()
        await eventually(lambda: _is_kept(page, [{"spo2": 88}, 60]), "the device to keep it")
        await page.reload()
        await ready(page)
        await expect(_staged(page)).to_have_text(["SpO₂ 88"])
        await expect(page.get_by_role("radio", name="1 min", exact=True)).to_be_checked()
        # The same in another tab, and gone from both with the push.
        beside = await open_room(context, shared_server.url, session)
        await expect(_staged(beside)).to_have_text(["SpO₂ 88"])
        await page.get_by_role("button", name="Send 1 change").click()
        await expect(_staged(beside)).to_have_count(0)
        await page.get_by_role("button", name="Undo: back to SpO").click()
        await page.get_by_role("button", name="Undo: back to HR").click()
        await expect(own_number(page, "Heart rate")).to_have_text("75")
        await expect_status(page, "Saved")
        assert [event["ramp_seconds"] for event in await record_of(http, session["id"])] == [0, 60, 0, 0]


async def test_what_was_in_hand_goes_with_the_session(browser: Browser, shared_server: ServerProcess) -> None:
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        session = await open_session(http, title="Asthma")
        page = await open_room(context, shared_server.url, session)
        entry = page.get_by_role("spinbutton", name="SpO₂, value to send", exact=True)
        await entry.fill("88")
        await entry.press("Tab")
        await eventually(lambda: _is_kept(page, [{"spo2": 88}, 0]), "the device to keep it")
        (await http.post(f"/sessions/{session['id']}/close")).raise_for_status()
        await expect(page.locator(".db-notice").get_by_text("This session has ended")).to_be_visible()
        await eventually(lambda: _is_kept(page, None), "the device to let it go")
        assert await outbox(page) == []


async def _is_kept(page: Page, in_hand: list[Any] | None) -> bool:
    kept = await page.evaluate(_IN_HAND)
    return in_hand in kept if in_hand is not None else kept == []


def _staged(page: Page) -> Locator:
    return page.locator(".db-staged .db-chip")
