"""What is made of an ended session: two evaluators' sheets, lines to take home, and the sheet of paper with both."""

from __future__ import annotations

import io
from typing import Any

import httpx
from playwright.async_api import Browser, Page, expect
from pypdf import PdfReader

from tests.browser.pages import trainer_over_http, watched_page
from tests.browser.test_accessibility import CHOOSE, Checker
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess
from tests.support.scenario_clients import Json, eventually, new_id

OBSERVER = {
    "email": "olga.observes@example.org",
    "name": "Olga Observes",
    "role": "observer",
    "password": "a long secret",
}
PADS, SHOCK = "Attaches the pads", "Shocks within two minutes"
LINES = ("Name a leader within the first minute", "Announce every dose")
CONTEXT: dict[str, Any] = {"locale": "en-GB", "timezone_id": "UTC", "viewport": {"width": 1280, "height": 720}}


async def _ended(trainer: httpx.AsyncClient) -> tuple[Json, Json]:
    checklist = [
        {"key": "pads", "text": PADS, "critical": False},
        {"key": "shock", "text": SHOCK, "critical": True, "marker": "defibrillation"},
    ]
    body = {
        "id": new_id(),
        "title": "Arrest on the ward",
        "description": "Goal: an early shock.",
        "checklist": checklist,
    }
    template = (await trainer.post("/templates", json=body)).raise_for_status().json()
    opened = {"id": new_id(), "title": "Two who score", "template_id": template["id"]}
    session = (await trainer.post("/sessions", json=opened)).raise_for_status().json()
    note = {"id": new_id(), "kind": "note", "marker": "defibrillation"}
    (await trainer.post(f"/sessions/{session['id']}/events", json=note)).raise_for_status()
    bookmark = {"id": new_id(), "kind": "bookmark", "text": "", "at": session["created_at"]}
    (await trainer.post(f"/sessions/{session['id']}/annotations", json=bookmark)).raise_for_status()
    (await trainer.post(f"/sessions/{session['id']}/close")).raise_for_status()
    return session, template


async def _open(page: Page, server: ServerProcess, session: Json, email: str, password: str) -> None:
    await page.goto(f"{server.url}/dashboard/sessions/{session['id']}")
    await page.get_by_label("Email").fill(email)
    field = page.get_by_label("Password", exact=True)
    await field.fill(password)
    await field.press("Enter")
    await expect(page.get_by_role("heading", name="Your scores")).to_be_visible()


async def _score(page: Page, item: str, key: str) -> None:
    """By its key: the group has the focus, and a digit or N is the score."""
    group = page.get_by_role("group", name=f"Score of “{item}”")
    await group.get_by_role("radio").first.focus()
    await page.keyboard.press(key)


async def test_two_evaluators_and_the_sheet_of_what_they_say(browser: Browser, shared_server: ServerProcess) -> None:
    axe = Checker()
    async with (
        trainer_over_http(shared_server) as trainer,
        watched_page(browser, **CONTEXT) as page,
        watched_page(browser, **CONTEXT) as theirs,
    ):
        (await trainer.post("/trainers", json=OBSERVER)).raise_for_status()
        session, template = await _ended(trainer)
        # The session has its own copy: what becomes of the template by now is of no concern to it.
        changed = [{"key": "pads", "text": "Something else", "critical": True}]
        (await trainer.patch(f"/templates/{template['id']}", json={"checklist": changed})).raise_for_status()

        await _open(theirs, shared_server, session, OBSERVER["email"], OBSERVER["password"])
        await _score(theirs, PADS, "0")
        await _score(theirs, SHOCK, "2")

        async def observed() -> bool:
            scores = (await trainer.get(f"/sessions/{session['id']}/scores")).raise_for_status().json()
            return [len(sheet["items"]) for sheet in scores["sheets"]] == [2]

        await eventually(observed, "the observer's sheet")

        await _open(page, shared_server, session, DEMO_EMAIL, DEMO_PASSWORD)
        await _score(page, PADS, "1")
        await _score(page, SHOCK, "2")
        sheets = page.get_by_role("region", name="All evaluators")
        row = sheets.get_by_role("row").filter(has_text=PADS)
        await expect(row).to_contain_text("differs")
        await expect(row.get_by_role("cell")).to_have_text(["1", "0"])
        await expect(sheets.get_by_role("row").filter(has_text=SHOCK)).not_to_contain_text("differs")
        await expect(sheets.get_by_role("row").filter(has_text="Result")).to_contain_text("75 %, meets the case’s rule")

        # On a telephone nothing is moved sideways to see who said what, and to whoever listens it is a table still.
        await page.set_viewport_size({"width": 390, "height": 844})
        frame = page.locator(".db-sheets-frame")

        async def fits() -> bool:
            return await frame.evaluate("(frame) => frame.clientWidth < 390 && frame.scrollWidth <= frame.clientWidth")

        await eventually(fits, "both sheets on a telephone")
        await expect(row.get_by_role("cell")).to_have_text(["1", "0"])
        await sheets.get_by_role("button", name="Only the differences").click()
        await expect(sheets.get_by_role("row").filter(has_text=SHOCK)).to_have_count(0)
        await page.set_viewport_size({"width": 1280, "height": 720})

        await page.get_by_role("tab", name="Summary").click()
        await page.get_by_role("button", name="Went well: Bookmark").press("+")
        await expect(page.locator("[data-column=plus]").get_by_role("listitem")).to_have_count(1)
        for place, line in enumerate(LINES, start=1):
            await page.get_by_label(f"Line {place}").fill(line)
            await page.get_by_label(f"Line {place}").press("Enter")
        await expect(page.get_by_label("Line 3")).to_be_visible()
        await expect(page.get_by_text("waits for the server")).to_have_count(0)

        await page.get_by_role("button", name="Share", exact=True).click()
        await page.get_by_role("button", name="Make the link").click()
        link = await page.locator(".db-share-url").inner_text()
        async with watched_page(browser, tolerate="status of 404", **CONTEXT) as anybody:
            await anybody.goto(link)
            await expect(anybody.get_by_role("heading", name="Two who score", level=1)).to_be_visible()
            await expect(anybody.get_by_text(LINES[1])).to_be_visible()
            await expect(anybody.get_by_text(f"{OBSERVER['name']}: 50 %")).to_be_visible()
            await anybody.evaluate(CHOOSE, "fr")
            await expect(anybody.get_by_text("Cette page se lit jusqu’au")).to_be_visible()
            await expect(anybody.get_by_role("button", name="Imprimer")).to_be_visible()
            # What people wrote stays in their own language.
            await expect(anybody.get_by_text(LINES[1])).to_be_visible()
            await axe.check_both(anybody, "the debrief by its link")
            await page.get_by_role("button", name="End now").click()
            await expect(page.get_by_role("button", name="End now")).to_have_count(0)
            await anybody.reload()
            await expect(anybody.get_by_role("heading", name="Nothing to read at this link")).to_be_visible()
            await axe.check_both(anybody, "a link that has ended")
        assert not axe.found, "\n".join(axe.found)
        await page.keyboard.press("Escape")

        reader = PdfReader(io.BytesIO(await page.pdf(prefer_css_page_size=True)))
        first, *further = [" ".join(each.extract_text().split()) for each in reader.pages]
        assert len(further) == 1
        for said in (
            "Two who score",
            "Goal: an early shock.",
            *LINES,
            "Demo Trainer: 75 %",
            f"{OBSERVER['name']}: 50 %",
        ):
            assert said in first, (said, first)
        assert "Training aid, not a medical device · Printed by Demo Trainer" in first
        # Whoever looks for a word in the file, or has it read aloud, finds it once.
        for once in ("HR", "SpO₂", "EtCO₂", "within the alarm limits", *LINES):
            assert first.count(once) == 1, (once, first)
        for said in (PADS, SHOCK, "(critical)", "≠ differs", "Defibrillation", "Royal College of Physicians", "2 / 2"):
            assert said in further[0], (said, further[0])
        assert "Something else" not in first + further[0]
