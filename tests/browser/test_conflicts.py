"""Two trainers change the same case, one of them without a network for a night: a person chooses, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.browser.screens import PHONE, TABLET
from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import (
    choose_for_case,
    expect_status,
    log_in,
    opens_without_network,
    over_http,
    trainer_context,
)
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

Choose = Callable[[Page], Awaitable[None]]

WIDTHS = "() => [innerWidth, document.documentElement.scrollWidth]"


async def by_mouse(page: Page) -> None:
    await page.get_by_role("group", name="Title").get_by_text("On the server").click()
    await page.get_by_role("group", name="Description").get_by_text("Yours").click()
    await page.get_by_role("button", name="Save what you chose").click()


async def by_keyboard(page: Page) -> None:
    await choose_by_tab(page, "Title", "Description")


async def choose_by_tab(page: Page, theirs: str, mine: str) -> None:
    """From the top of the page, with Tab, the space bar, an arrow and Enter: of one theirs, of the other one's own."""
    await page.locator("main").focus()
    title = page.get_by_role("group", name=theirs).get_by_role("radio")
    await _tab_until(page, title.first)
    await page.keyboard.press("Space")
    await expect(title.first).to_be_checked()
    described = page.get_by_role("group", name=mine).get_by_role("radio")
    await _tab_until(page, described.first)
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    await expect(described.nth(1)).to_be_checked()
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("choose", [by_mouse, by_keyboard])
async def test_a_night_without_a_network(browser: Browser, shared_server: ServerProcess, choose: Choose) -> None:
    axe = Checker()
    async with (
        over_http(shared_server.url) as http,
        trainer_context(browser) as mine,
        trainer_context(browser) as other,
    ):
        template = await _template(http)
        after, theirs = f"{template['title']}, after the night", f"{template['title']}, by a colleague"
        page = await _cases(mine, shared_server.url, case=template["title"])
        await opens_without_network(page)
        await mine.set_offline(True)
        await _describe(page, template["title"], after, "Written on a train.")
        await expect_status(page, "Offline (1)")
        # A page that is being closed is no longer held offline by the browser, and could still send.
        await page.goto("about:blank")
        await page.close()
        page = await mine.new_page()
        await page.goto(f"{shared_server.url}/dashboard/templates")
        await expect(page.get_by_role("heading", name=after)).to_be_visible()

        colleague = await _cases(other, shared_server.url, await _hire(http))
        await _describe(colleague, template["title"], theirs, "In the morning.")
        await expect_status(colleague, "Saved")
        assert (await _read(http, template))["title"] == theirs

        await mine.set_offline(False)
        await expect_status(page, "Problem")
        await page.get_by_role("link", name="1 conflict").click()
        await expect(page.get_by_role("heading", name=theirs)).to_be_visible()
        await expect(page.get_by_text(re.compile("^Changed .*, by Olga$"))).to_be_visible()
        await axe.check_both(page, "conflict")
        await fits(page)
        await choose(page)
        await expect(page.get_by_role("heading", name="No conflicts")).to_be_visible()
        await expect_status(page, "Saved")
        chosen = {"title": theirs, "description": "Written on a train."}
        stored = await _read(http, template)
        assert {name: stored[name] for name in chosen} == chosen
        row = colleague.get_by_role("listitem").filter(has_text=theirs)
        await expect(row).to_contain_text("Written on a train.")
    assert not axe.found, "\n".join(axe.found)


async def test_a_choice_waits_for_the_network_like_any_edit(browser: Browser, shared_server: ServerProcess) -> None:
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        template = await _template(http)
        page = await _cases(context, shared_server.url, case=template["title"])
        await context.set_offline(True)
        await _describe(page, template["title"], f"{template['title']}, mine", "Mine.")
        await http.patch(f"/templates/{template['id']}", json={"title": "Theirs"}, headers={"If-Match": '"1"'})
        await context.set_offline(False)
        await page.get_by_role("link", name="1 conflict").click()
        await context.set_offline(True)
        await page.get_by_role("button", name="Keep yours").click()
        await expect_status(page, "Offline (1)")
        await context.set_offline(False)
        await expect_status(page, "Saved")
        assert (await _read(http, template))["title"] == f"{template['title']}, mine"


async def test_a_case_is_duplicated_deleted_and_back_again(browser: Browser, shared_server: ServerProcess) -> None:
    axe = Checker()
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        template = await _template(http)
        page = await _cases(context, shared_server.url)
        await page.get_by_role("searchbox", name="Search the cases").fill(template["title"])
        await choose_for_case(page, "Duplicate", template["title"])
        copy = page.get_by_role("heading", name=f"{template['title']} (copy)")
        await expect(copy).to_be_visible()
        await choose_for_case(page, "Delete", f"{template['title']} (copy)")
        await expect(copy).to_have_count(0)
        await expect(page.get_by_role("button", name="Undo")).to_be_focused()
        await axe.check_both(page, "cases, one deleted")
        await fits(page)
        await page.keyboard.press("Enter")
        await expect(copy).to_be_visible()
        await choose_for_case(page, "Rename or describe", f"{template['title']} (copy)")
        await axe.check_both(page, "a case described", "dialog")
        await page.keyboard.press("Escape")
        await expect_status(page, "Saved")

        async def stored() -> bool:
            listed = (await http.get("/templates?limit=200")).raise_for_status().json()["items"]
            return [one["title"] for one in listed].count(f"{template['title']} (copy)") == 1

        await eventually(stored, "the copy on the server")
    assert not axe.found, "\n".join(axe.found)


async def test_an_admin_shuts_a_device_out_and_lets_it_in_again(browser: Browser, shared_server: ServerProcess) -> None:
    axe = Checker()
    async with (
        over_http(shared_server.url) as http,
        trainer_context(browser) as context,
        trainer_context(browser) as other,
    ):
        name = f"Olga {uuid4().hex[:6]}"
        login = await _hire(http, name)
        template = await _template(http)
        colleague = await _cases(other, shared_server.url, login)
        page = await _cases(context, shared_server.url)
        await page.goto(f"{shared_server.url}/dashboard/devices")
        row = page.get_by_role("row").filter(has_text=name).filter(has=page.get_by_role("button"))
        await row.get_by_role("button", name="Shut out: ").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("It can no longer send or fetch anything")
        await axe.check_both(page, "a device is shut out", "dialog")
        await dialog.get_by_role("button", name="Shut out").click()
        await expect(row).to_contain_text("shut out by ")
        await expect(row.get_by_role("button")).to_have_text(["Let in again"])
        await axe.check_both(page, "a device that is shut out")
        await fits(page)
        await page.get_by_role("button", name="Account and display").click()
        await page.get_by_role("radio", name="Français").check()
        await page.keyboard.press("Escape")
        await expect(row).to_contain_text("exclu par ")
        await expect(row.get_by_role("button")).to_have_text(["Réadmettre"])

        renamed = f"{template['title']}, renamed"
        await _describe(colleague, template["title"], renamed, "Not sent.")
        await expect_status(colleague, "Problem")
        said = colleague.get_by_text("An admin has shut this device out")
        await expect(said).to_be_visible()
        assert (await _read(http, template))["title"] == template["title"]
        await row.get_by_role("button", name="Réadmettre").click()
        await expect(row.get_by_role("button")).to_have_text(["Exclure", "Oublier"])
        await other.set_offline(True)
        await other.set_offline(False)
        await expect_status(colleague, "Saved")
        await expect(said).to_have_count(0)
        assert (await _read(http, template))["title"] == renamed
    assert not axe.found, "\n".join(axe.found)


async def test_an_admin_sees_the_devices_of_the_school(browser: Browser, shared_server: ServerProcess) -> None:
    axe = Checker()
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        page = await _cases(context, shared_server.url)
        template = await _template(http)
        await page.get_by_role("searchbox", name="Search the cases").fill(template["title"])
        await expect(page.get_by_role("heading", name=template["title"])).to_be_visible()
        await page.get_by_role("button", name="Account and display").click()
        await page.get_by_role("link", name="Devices").click()
        forget = page.get_by_role("button", name="Forget: ")
        await expect(forget.first).to_be_visible()
        await expect(page.get_by_role("row").filter(has_text="fetched").first).to_be_visible()
        await axe.check_both(page, "devices")
        await fits(page)
        await expect(page.get_by_text("passwords of all accounts as hashes")).to_be_visible()
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="Export the school").click()
        school = (await (await downloading.value).path()).read_bytes().splitlines()
        assert b'"type":"end"' in school[-1]
        count = await forget.count()
        await forget.last.click()
        await page.get_by_role("dialog").get_by_role("button", name="Forget").click()
        await expect(forget).to_have_count(count - 1)
    assert not axe.found, "\n".join(axe.found)


async def _tab_until(page: Page, target: Locator) -> None:
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await target.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"not reached by Tab: {target}")


async def _template(http: httpx.AsyncClient) -> Json:
    body = {"title": f"Sepsis {uuid4().hex[:6]}", "description": "A man of 60.", "vitals": {"heart_rate": 118}}
    return (await http.post("/templates", json=body)).raise_for_status().json()


async def _read(http: httpx.AsyncClient, template: Json) -> Json:
    return (await http.get(f"/templates/{template['id']}")).raise_for_status().json()


async def _hire(http: httpx.AsyncClient, name: str = "Olga") -> dict[str, str]:
    login = {"email": f"{uuid4()}@example.org", "password": "a-long-password"}
    (await http.post("/trainers", json={**login, "name": name, "role": "trainer"})).raise_for_status()
    return login


async def _cases(
    context: BrowserContext, url: str, login: dict[str, str] | None = None, *, case: str | None = None
) -> Page:
    """The list of the cases, with `case` on it if that is to be there before the network goes."""
    page = await context.new_page()
    await page.goto(f"{url}/dashboard/templates")
    await log_in(page, **(login or {}))
    await expect(page.get_by_role("heading", name="Cases", exact=True)).to_be_visible()
    await expect_status(page, "Saved")
    if case is not None:
        await expect(page.get_by_role("heading", name=case, exact=True)).to_be_visible()
    return page


async def _describe(page: Page, case: str, title: str, description: str) -> None:
    await choose_for_case(page, "Rename or describe", case)
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Title").fill(title)
    await dialog.get_by_label("Description").fill(description)
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()


async def fits(page: Page) -> None:
    """No page is wider than its screen: a desk's, a tablet's, a telephone's."""
    before = page.viewport_size
    for viewport in (ViewportSize(width=1280, height=720), TABLET["viewport"], PHONE["viewport"]):
        await page.set_viewport_size(viewport)
        inner, wide = await page.evaluate(WIDTHS)
        assert wide <= inner, viewport
    if before is not None:
        await page.set_viewport_size(before)
