"""The first admin and a colleague come in by a link, once; and somebody who is removed is gone at that moment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import Browser, Page, expect

from tests.browser.pages import watched_page
from tests.browser.screens import PHONE
from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import log_in, over_http, trainer_context
from tests.support.scenario import ServerProcess, serving, wait_until

PASSWORD = "three words together"
WIDTHS = "() => document.documentElement.scrollWidth <= innerWidth"
# Of a link that opens nothing: what the browser itself says of the answer.
TOLERATED = r"status of (401|404|409)"
# A new server says it in its terminal.
_FIRST = re.compile(r"first admin (\S+/first/[\w-]{43})")


async def _invite(page: Page, name: str, email: str) -> str:
    """The link, as it is read from the admin's screen."""
    await page.get_by_role("button", name="Invite a colleague").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name", exact=True).fill(name)
    await dialog.get_by_label("Email").fill(email)
    await dialog.get_by_role("button", name="Make the link").click()
    await expect(dialog.get_by_role("img", name=f"QR code of the invitation of {name}")).to_be_visible()
    link = await dialog.locator("code").inner_text()
    await dialog.get_by_role("button", name="Done").click()
    return link


async def test_a_colleague_is_invited_and_comes_in_on_a_telephone_once(
    browser: Browser, shared_server: ServerProcess
) -> None:
    axe, name = Checker(), f"Nadia {uuid4().hex[:6]}"
    email = f"{uuid4().hex}@example.org"
    options: dict[str, Any] = {**PHONE, "locale": "en-GB", "reduced_motion": "reduce", "tolerate": TOLERATED}
    async with trainer_context(browser) as context, watched_page(browser, **options) as phone:
        page = await context.new_page()
        await page.goto(f"{shared_server.url}/dashboard")
        await log_in(page)
        await page.get_by_role("navigation").get_by_role("link", name="School").click()
        link = await _invite(page, name, email)
        await expect(page.locator(".db-invitations").get_by_role("row").filter(has_text=email)).to_be_visible()
        await axe.check_both(page, "school")

        await phone.goto(link)
        await expect(phone.get_by_role("heading", name=f"Welcome, {name}")).to_be_visible()
        await axe.check_both(phone, "invitation")
        assert await phone.evaluate(WIDTHS)
        await phone.get_by_label("Password", exact=True).fill(PASSWORD)
        await phone.get_by_role("button", name="Join Demo school").click()
        await expect(phone.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()

        await page.goto(link)
        await expect(page.get_by_role("heading", name="This invitation was used already")).to_be_visible()
        await axe.check_both(page, "a used invitation")
        await page.get_by_role("link", name="To the login").click()
        await page.get_by_role("navigation").get_by_role("link", name="School").click()
        people = page.locator(".db-people").first
        await expect(people.get_by_role("row").filter(has_text=email)).to_contain_text("Trainer")
        await expect(page.locator(".db-invitations")).not_to_contain_text(email)
    assert not axe.found, "\n".join(axe.found)


async def test_a_colleague_who_is_removed_is_out_at_once(browser: Browser, shared_server: ServerProcess) -> None:
    axe, name = Checker(), f"Paul {uuid4().hex[:6]}"
    email = f"{uuid4().hex}@example.org"
    async with (
        over_http(shared_server.url) as http,
        trainer_context(browser) as admins,
        trainer_context(browser) as theirs,
    ):
        body = {"email": email, "name": name, "password": PASSWORD, "role": "trainer"}
        (await http.post("/trainers", json=body)).raise_for_status()
        colleague, admin = await theirs.new_page(), await admins.new_page()
        await colleague.goto(f"{shared_server.url}/dashboard/me")
        await log_in(colleague, email=email, password=PASSWORD)
        await expect(colleague.get_by_text("this one")).to_be_visible()
        await axe.check_both(colleague, "my account")
        await colleague.goto(f"{shared_server.url}/dashboard/school")
        await expect(colleague.get_by_role("row").filter(has_text=name)).to_contain_text("you")
        await expect(colleague.locator("main").get_by_role("button")).to_have_count(0)

        await admin.goto(f"{shared_server.url}/dashboard/school")
        await log_in(admin)
        await admin.get_by_role("button", name=f"Remove: {name}").click()
        await admin.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(admin.get_by_role("button", name=f"Remove: {name}")).to_have_count(0)
        # Whoever has the page open is told, without doing anything.
        await expect(colleague.get_by_role("button", name="Log in")).to_be_visible()

        await admin.goto(f"{shared_server.url}/dashboard/audit")
        await expect(admin.get_by_role("row").filter(has_text=f"removed {name}")).to_be_visible()
        await admin.get_by_label("About").select_option(label="Invitations")
        await expect(admin.get_by_role("row").filter(has_text=f"removed {name}")).to_have_count(0)
        await axe.check_both(admin, "audit")
    assert not axe.found, "\n".join(axe.found)


async def test_a_new_server_gets_its_first_admin_by_the_link_of_its_terminal(browser: Browser, tmp_path: Path) -> None:
    axe, email = Checker(), f"{uuid4().hex}@example.org"
    with serving(tmp_path / "server", USE_IN_MEMORY="true", SEED_DEMO="false") as server:
        link = wait_until(lambda: _FIRST.search(server.stdout_path.read_text("utf-8")), "the link in the terminal")[1]
        options: dict[str, Any] = {"locale": "en-GB", "reduced_motion": "reduce", "tolerate": TOLERATED}
        async with watched_page(browser, **PHONE, **options) as phone, watched_page(browser, **options) as other:
            await other.goto(f"{link[:-1]}{'A' if link[-1] != 'A' else 'B'}")
            await expect(other.get_by_role("heading", name="This is not the link of this server")).to_be_visible()
            await axe.check(other, "a wrong first link")

            await phone.goto(link)
            await expect(phone.get_by_role("heading", name="Set up Shiller")).to_be_visible()
            await phone.get_by_role("button", name="Make the account").click()
            await expect(phone.get_by_label("Name of the school")).to_be_focused()
            await axe.check_both(phone, "the first account")
            assert await phone.evaluate(WIDTHS)
            await phone.get_by_label("Name of the school").fill("School of the valley")
            await phone.get_by_label("Name", exact=True).fill("Nadia")
            await phone.get_by_label("Email").fill(email)
            await phone.get_by_label("Password", exact=True).fill(PASSWORD)
            await phone.get_by_role("button", name="Make the account").click()
            await expect(phone.locator(".db-people").get_by_role("row").filter(has_text=email)).to_contain_text("you")

            await other.goto(link)
            await expect(other.get_by_role("heading", name="This server is set up already")).to_be_visible()
            await axe.check(other, "a used first link")
            await other.get_by_role("link", name="To the login").click()
            await log_in(other, email=email, password=PASSWORD)
            await expect(other.get_by_role("navigation").get_by_role("link", name="School")).to_be_visible()
    assert not axe.found, "\n".join(axe.found)
