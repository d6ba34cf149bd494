"""A session's own fields are edited, and the record of an ended one is read, while there is no server."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.test_accessibility import Checker
from tests.browser.test_conflicts import choose_by_tab, fits
from tests.browser.trainer_pages import (
    expect_status,
    lines,
    log_in,
    open_room,
    open_session,
    opens_without_network,
    over_http,
    room_link,
    trainer_context,
)
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, eventually, new_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOT_HERE = "is not on this device, or not whole"
# A twentieth of it is for records: two of those that `ended` makes.
LITTLE_ROOM = "StorageManager.prototype.estimate = async () => ({ quota: 12_000_000, usage: 0 })"
MEASURED = """async () => {
  const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith("shiller."));
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const count = await new Promise((resolve, reject) => {
    const request = database.transaction("records").objectStore("records").count();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  database.close();
  return count;
}"""
LONG = "A long word about what was seen at the bedside. " * 8


async def test_a_session_renamed_without_a_network_arrives(browser: Browser, shared_server: ServerProcess) -> None:
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        session = await open_session(http, title=f"Sepsis {uuid4().hex[:6]}")
        page = await open_room(context, shared_server.url, session)
        await expect_status(page, "Saved")
        await opens_without_network(page)
        await context.set_offline(True)
        await rename(page, "Renamed on a train", "Group 2")
        await expect_status(page, "Offline (1)")
        await page.reload()
        await expect(page.get_by_role("heading", name="Renamed on a train", level=1)).to_be_visible()
        await expect_status(page, "Offline (1)")
        await page.get_by_role("link", name="Offline (1)").click()
        await expect(page.get_by_role("row").filter(has_text="Renamed on a train, Group 2")).to_be_visible()
        assert (await read(http, session))["title"] == session["title"]
        await context.set_offline(False)
        await expect_status(page, "Saved")
        now = await read(http, session)
        assert (now["title"], now["trainee_name"]) == ("Renamed on a train", "Group 2")


@pytest.mark.parametrize("by_keyboard", [False, True])
async def test_the_same_title_changed_elsewhere_is_a_conflict(
    browser: Browser, shared_server: ServerProcess, by_keyboard: bool
) -> None:
    axe = Checker()
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        session = await open_session(http, title=f"Sepsis {uuid4().hex[:6]}")
        page = await open_room(context, shared_server.url, session)
        await expect_status(page, "Saved")
        await context.set_offline(True)
        await rename(page, "Mine", "Group 2")
        await http.patch(f"/sessions/{session['id']}", json={"title": "Theirs"})
        await context.set_offline(False)
        await expect_status(page, "Problem")
        await page.get_by_role("link", name="1 conflict").click()
        await expect(page.get_by_role("heading", name="Session: Theirs")).to_be_visible()
        await expect(page.locator(".db-sides")).to_contain_text("by you on another device")
        # Whom it is about was not changed elsewhere; what one edit says stays together all the same.
        await expect(page.get_by_role("group", name="Trainee’s name")).to_be_visible()
        await axe.check_both(page, "conflict of a session")
        await fits(page)
        if by_keyboard:
            await choose_by_tab(page, "Title", "Trainee’s name")
        else:
            await page.get_by_role("group", name="Title").get_by_text("On the server").click()
            await page.get_by_role("group", name="Trainee’s name").get_by_text("Yours").click()
            await page.get_by_role("button", name="Save what you chose").click()
        await expect(page.get_by_role("heading", name="No conflicts")).to_be_visible()
        await expect_status(page, "Saved")
        now = await read(http, session)
        assert (now["title"], now["trainee_name"]) == ("Theirs", "Group 2")
    assert not axe.found, "\n".join(axe.found)


async def test_the_record_of_an_ended_session_opens_though_the_server_is_gone(
    browser: Browser, server: ServerProcess
) -> None:
    axe = Checker()
    async with over_http(server.url) as http, trainer_context(browser) as context:
        session = await ended(http, "Never looked at here", 250)
        page = await sessions(context, server.url)
        await opens_without_network(page)
        await page.get_by_role("radio", name="Ended").check()
        await has_record(page, session)
        server.kill()
        await page.close()
        page = await context.new_page()
        await page.goto(f"{server.url}/dashboard/sessions/{session['id']}")
        await expect(page.get_by_role("heading", name="Never looked at here", level=1)).to_be_visible()
        await expect(lines(page, "Line 249,")).to_have_count(1)
        await expect(page.locator("#part-record tr").filter(has_text="Line 0")).to_have_count(100)
        await expect(page.get_by_text(NOT_HERE)).to_have_count(0)
        await expect(page.get_by_role("status").filter(has_text="has ended")).to_be_visible()
        await axe.check_both(page, "a record without a server")
        await fits(page)
    assert not axe.found, "\n".join(axe.found)


async def test_with_little_room_the_oldest_record_is_out_first_and_says_so(
    browser: Browser, server: ServerProcess
) -> None:
    axe = Checker()
    async with over_http(server.url) as http, trainer_context(browser) as context:
        three = [await ended(http, f"Ended as number {number}", 300) for number in range(1, 4)]
        page = await context.new_page()
        await page.add_init_script(LITTLE_ROOM)
        await page.goto(f"{server.url}/dashboard")
        await log_in(page)
        await opens_without_network(page)
        await page.get_by_role("radio", name="Ended").check()
        await has_record(page, three[2])
        await has_record(page, three[1])

        async def measured() -> bool:
            return await page.evaluate(MEASURED) == len(three)

        # How large it is is known only when it is here.
        await eventually(measured, "the size of each record")
        await expect(row(page, three[0])).to_contain_text("record not on this device")
        await axe.check_both(page, "ended sessions")
        await fits(page)
        await context.set_offline(True)
        await room_link(page, three[0]).click()
        await expect(page.get_by_text(NOT_HERE)).to_be_visible()
        await expect(lines(page, "Line 299,")).to_have_count(0)
        await axe.check_both(page, "a record that is not here")
        await fits(page)
        await context.set_offline(False)
        await expect(lines(page, "Line 299,")).to_have_count(1)
        await expect(page.get_by_text(NOT_HERE)).to_have_count(0)
    assert not axe.found, "\n".join(axe.found)


async def ended(http: httpx.AsyncClient, title: str, notes: int) -> Json:
    """A session with so many notes, which no browser has seen."""
    session = await open_session(http, title=title)
    events = [
        {
            "id": (note_id := new_id()),
            "entityType": "SESSION_EVENT",
            "entityId": note_id,
            "operation": "CREATE",
            "localVersion": 0,
            "payload": {"session_id": session["id"], "kind": "note", "text": f"Line {number:03}, {LONG}"},
        }
        for number in range(notes)
    ]
    body = {"clientId": "a-script", "lastSyncTimestamp": 0, "events": events}
    sent = (await http.post(str(http.base_url).replace("/api/v1/", "/api/sync/up"), json=body)).raise_for_status()
    assert len(sent.json()["acknowledged"]) == notes, sent.text[:500]
    return (await http.post(f"/sessions/{session['id']}/close")).raise_for_status().json()


async def read(http: httpx.AsyncClient, session: Json) -> Json:
    return (await http.get(f"/sessions/{session['id']}")).raise_for_status().json()


async def rename(page: Page, title: str, trainee: str) -> None:
    await page.get_by_role("button", name="Titles and trainee").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Title", exact=True).fill(title)
    await dialog.get_by_label("Trainee’s name").fill(trainee)
    await dialog.get_by_role("button", name="Rename").click()
    await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


async def sessions(context: BrowserContext, url: str) -> Page:
    page = await context.new_page()
    await page.goto(f"{url}/dashboard")
    await log_in(page)
    await expect(page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()
    return page


def row(page: Page, session: Json) -> Locator:
    return page.locator("li.db-session").filter(has=room_link(page, session))


async def has_record(page: Page, session: Json) -> None:
    await expect(row(page, session)).to_be_visible()
    await expect(row(page, session)).not_to_contain_text("record not on this device")
