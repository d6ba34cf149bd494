"""A record that is safe to keep: a session is locked, let go, and loses its names, before whoever looks at it."""

from __future__ import annotations

from uuid import uuid4

from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import log_in, open_session, over_http, record_of, trainer_context
from tests.support.running import connected
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, new_id

TABLET: ViewportSize = {"width": 900, "height": 1100}


async def _ended(url: str) -> Json:
    async with over_http(url) as http:
        session = await open_session(http, title=f"Sepsis {uuid4().hex[:6]}")
        async with connected(url, "/trainee", {"code": session["code"], "name": "Marie Dupont"}) as marie:
            token = (await marie.wait_for("session:joined"))["seat"]["token"]
            await marie.call("action:take", {"id": new_id(), "action": "nibp_start"})
        for text in ("Marie leads well", "Her sister does not"):
            body = {"id": new_id(), "kind": "note", "text": text}
            (await http.post(f"/sessions/{session['id']}/events", json=body)).raise_for_status()
        sheet = {"items": {}, "comment": "Her brother is calm"}
        (await http.put(f"/sessions/{session['id']}/scores", json=sheet)).raise_for_status()
        ended = (await http.post(f"/sessions/{session['id']}/close")).raise_for_status().json()
        said = {"words": "My sister slept", "is_anonymous": True}
        by_seat = {"Authorization": f"Bearer {token}"}
        (await http.put("/reflection", json=said, headers=by_seat)).raise_for_status()
        title = {"title": "The sister’s turn"}
        (await http.patch(f"/sessions/{session['id']}/moments/0/opened", json=title)).raise_for_status()
        return ended


async def _open(page: Page, url: str, session: Json) -> None:
    await page.goto(f"{url}/dashboard/sessions/{session['id']}")
    await expect(page.locator("#part-keeping")).to_be_visible()


async def test_a_session_is_locked_and_loses_its_names(browser: Browser, shared_server: ServerProcess) -> None:
    axe, url = Checker(), shared_server.url
    session = await _ended(url)
    async with trainer_context(browser) as context:
        page = await context.new_page()
        await page.set_viewport_size(TABLET)
        await page.goto(f"{url}/dashboard")
        await log_in(page)
        await _open(page, url, session)
        panel, dialog = page.locator("#part-keeping"), page.get_by_role("dialog")
        await panel.get_by_role("button", name="Lock…").click()
        await dialog.get_by_label("Reason").fill("A complaint")
        await dialog.get_by_role("button", name="Lock").click()
        await expect(panel).to_contain_text("A complaint")
        await panel.get_by_role("button", name="Take the lock away").click()
        await panel.get_by_role("button", name="Take names out…").click()
        await expect(dialog.locator("mark")).to_have_text(["Marie"])
        await axe.check_both(page, "names out")
        await expect(dialog.get_by_role("listitem")).to_have_count(6)
        for text, kind in (
            ("Her sister does not", "Note"),
            ("Her brother is calm", "Comment on a score sheet"),
            ("My sister slept", "Own words of a trainee · without a name"),
            ("The sister’s turn", "Name of a moment"),
        ):
            row = dialog.get_by_role("listitem").filter(has_text=text)
            await expect(row).to_contain_text(kind)
            await row.get_by_role("button", name="Take this text out").click()
        await dialog.get_by_label("I understand that this cannot be undone").check()
        await dialog.get_by_role("button", name="Take names out").click()
        await expect(panel).to_contain_text("Names were taken out")
        # What this device kept of the record has gone, and has come again without names.
        notes = page.locator("#part-notes")
        await expect(notes).to_contain_text("Trainee 1 leads well")
        await expect(notes).to_contain_text("[text taken out]")
        await expect(page.locator("#content")).not_to_contain_text("Marie")
        await axe.check_both(page, "without names")

        await page.get_by_role("navigation").get_by_role("link", name="School").click()
        months = page.get_by_label("Names of trainees are taken out after")
        await expect(months).to_have_value("12")
        await axe.check_both(page, "what is kept")
    async with over_http(url) as http:
        events = await record_of(http, session["id"])
        assert "Marie" not in str(events)
        debrief = (await http.get(f"/sessions/{session['id']}/debrief")).raise_for_status().json()
        for left in ("sister", "brother", "Marie"):
            assert left not in str(debrief)
        assert [event["by"]["name"] for event in events if event["by"]["role"] == "trainee"] == ["Trainee 1"]
