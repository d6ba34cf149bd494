"""Every page by axe, WCAG 2.2 AA and best practice, in both languages and both themes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.browser.pages import OFFLINE, trainer_over_http, watched_page
from tests.browser.screens import DESK, PHONE, TABLET
from tests.browser.trainer_pages import log_in, over_http
from tests.support.running import connected
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, PROJECT, ServerProcess

AXE = (PROJECT / "web/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# In each theme: the rule, and the first elements that break it with what is wrong there.
RUN_AXE = """async ([rules, part]) => {
  const root = document.documentElement;
  const chosen = root.dataset.theme;
  const found = [];
  // A theme is colours and nothing else.
  const runs = { dark: rules, light: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };
  for (const [theme, runOnly] of Object.entries(runs)) {
    root.dataset.theme = theme;
    const { violations } = await axe.run(part, { runOnly, resultTypes: ["violations"] });
    for (const { id, nodes } of violations)
      for (const node of nodes.slice(0, 4))
        found.push(`${root.lang}, ${theme}, ${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`);
  }
  root.dataset.theme = chosen;
  return found;
}"""
CHOOSE = "(language) => document.querySelector(`input[name=language][value=${language}]`).click()"
SPEAKS = "(language) => document.documentElement.lang === language"
# What the browser itself says of a network that is gone, and of what comes to a session that is not there or over.
SAID_BY_THE_BROWSER = rf"{OFFLINE}|status of 4(04|10)"


@dataclass
class Checker:
    found: list[str] = field(default_factory=list)

    async def check(self, page: Page, name: str, part: str = "html") -> None:
        """`part` is what has changed on the page, where the rest was checked before."""
        if not await page.evaluate("() => 'axe' in window"):
            await page.evaluate(AXE)
        self.found += [f"{name}, {one}" for one in await page.evaluate(RUN_AXE, [RULES, part])]

    async def check_both(self, page: Page, name: str, part: str = "html") -> None:
        """In both languages; the page has the choice of them somewhere, open or not."""
        for language in ("fr", "en"):
            await page.evaluate(CHOOSE, language)
            await page.wait_for_function(SPEAKS, arg=language)
            await self.check(page, name, part)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_pages_of_a_trainee(browser: Browser, shared_server: ServerProcess, language: str) -> None:
    axe = Checker()
    options = {**PHONE, "locale": language, "reduced_motion": "reduce", "tolerate": SAID_BY_THE_BROWSER}
    async with trainer_over_http(shared_server) as http, watched_page(browser, **options) as page:
        session = (await http.post("/sessions", json={"title": "Seen by axe"})).raise_for_status().json()
        await page.goto(shared_server.url)
        await expect(page.locator("#join-code")).to_be_focused()
        assert await page.evaluate(SPEAKS, language)
        await axe.check(page, "join")
        await page.locator("#join-code").fill("ZZZ222")
        await page.locator("#join-name").fill("Zoé")
        await page.locator(".join-submit").click()
        await expect(page.locator("#join-error")).to_be_visible()
        await axe.check(page, "join, refused")
        await page.locator("#join-code").fill(session["code"])
        await page.locator(".join-submit").click()
        await expect(page.locator(".mon-digits").first).to_have_text("75")
        (await http.patch(f"/sessions/{session['id']}", json={"shows_conditions": True})).raise_for_status()
        await axe.check(page, "monitor")

        # Two sensors: two alarms, and what is behind the button that tells of more.
        await _push(http, session["id"], flags={"spo2_off": True, "temp_off": True, "haemorrhage": True})
        await page.locator(".mon-more").click()
        await expect(page.locator(".mon-alarm-list")).to_be_visible()
        await axe.check(page, "monitor, alarms")
        await page.set_viewport_size(TABLET["viewport"])
        await axe.check(page, "monitor, alarms, wide")
        await page.locator(".mon-tools button").last.click()
        await axe.check(page, "monitor, settings")
        await page.keyboard.press("Escape")
        await page.context.set_offline(True)
        await expect(page.locator(".mon-lost")).to_be_visible()
        await axe.check(page, "monitor, line lost")
        await page.context.set_offline(False)
        await expect(page.locator(".mon-lost")).to_have_count(0)
        (await http.post(f"/sessions/{session['id']}/close")).raise_for_status()
        await expect(page.locator(".mon-page h1")).to_be_visible()
        await axe.check(page, "monitor, over")
    assert not axe.found, "\n".join(axe.found)


async def test_the_pages_of_a_trainer(browser: Browser, server: ServerProcess) -> None:
    axe = Checker()
    options = {**DESK, "reduced_motion": "reduce", "tolerate": SAID_BY_THE_BROWSER}
    async with (
        trainer_over_http(server) as http,
        watched_page(browser, **options) as page,
        watched_page(browser) as trainee,
    ):
        await page.goto(f"{server.url}/dashboard")
        await expect(page.locator("input[type=email]")).to_be_visible()
        await axe.check_both(page, "login")
        await page.locator("input[type=email]").fill(DEMO_EMAIL)
        await page.locator("input[type=password]").fill(DEMO_PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator(".db-template")).not_to_have_count(0)
        await expect(page.locator(".db-empty")).to_be_visible()
        await axe.check_both(page, "sessions, none")

        await page.locator(".db-template button").first.click()
        await expect(page.locator(".db-code")).to_be_visible()
        session_id = page.url.rsplit("/", 1)[1]
        code = (await http.get(f"/sessions/{session_id}")).raise_for_status().json()["code"]
        await trainee.goto(f"{server.url}/j/{code}")
        await trainee.get_by_label("Your name").fill("Zoé")
        await trainee.keyboard.press("Enter")
        await expect(page.locator("#part-people .db-person")).to_have_count(1)
        await page.locator(".db-step").first.click()
        await page.locator(".db-record-table summary").click()
        await axe.check_both(page, "control room")
        await page.set_viewport_size(ViewportSize(width=420, height=900))
        await axe.check_both(page, "control room, narrow")
        await page.set_viewport_size(DESK["viewport"])
        await page.locator(".db-menu-button").click()
        await axe.check_both(page, "menu", ".db-menu")
        await page.keyboard.press("Escape")
        await page.locator(".db-keys-button").click()
        await axe.check_both(page, "keyboard shortcuts", "dialog")
        await page.keyboard.press("Escape")
        await page.locator(".db-presence").click()
        await axe.check_both(page, "who is here", "dialog")
        await page.keyboard.press("Escape")
        # A desk has more side by side, and smaller.
        await page.set_viewport_size(ViewportSize(width=1280, height=720))
        await page.locator(".db-preset").first.click()
        await page.locator(".db-check").first.click()
        await page.locator(".db-more-markers summary").click()
        await axe.check_both(page, "control room, on a laptop")
        await page.set_viewport_size(DESK["viewport"])
        await page.locator(".db-qr-button").click()
        await axe.check_both(page, "code shown big", "dialog")
        await page.keyboard.press("Escape")
        await page.locator("#part-people .db-person button").click()
        await axe.check_both(page, "asked before removing", "dialog")
        await page.keyboard.press("Escape")
        await page.locator(".db-back").click()
        await expect(page.locator(".db-session")).to_have_count(1)
        await axe.check_both(page, "sessions, one")

        await page.locator(".db-status").click()
        await expect(page.locator(".db-empty")).to_be_visible()
        await axe.check_both(page, "outbox, empty")
        await _leave_refused_change(http, page, session_id)
        await axe.check_both(page, "outbox, a refused change")
        await page.get_by_role("button", name="Discard: ").first.click()
        await axe.check_both(page, "asked before discarding", "dialog")
        await page.keyboard.press("Escape")
        await page.goto(f"{server.url}/dashboard/sessions/{session_id}")
        # That it is over, and that something was refused.
        await expect(page.locator(".db-notice")).to_have_count(2)
        await expect(page.get_by_role("list", name="Beside the record").get_by_role("listitem")).to_have_count(1)
        await expect(page.locator("#part-people .db-person[data-state=over]")).to_have_count(1)
        await axe.check_both(page, "control room, over")
        await _check_debrief(axe, page)
        await _make_attempt(server, http, session_id)
        await page.get_by_role("link", name="Compare with other attempts").press("Enter")
        await expect(page.locator("table.db-compared")).to_have_count(2)
        await axe.check_both(page, "comparison")
        await page.set_viewport_size(PHONE["viewport"])
        await axe.check(page, "comparison, narrow", "main")
        await page.get_by_role("link", name="Back to the session").click()
        await expect(page.locator(".db-debrief")).to_be_visible()
        await axe.check(page, "debrief, narrow", "main")
    assert not axe.found, "\n".join(axe.found)


@pytest.mark.parametrize(("role", "keys"), [("trainer", 1), ("observer", 0)])
async def test_a_session_of_somebody_else(browser: Browser, shared_server: ServerProcess, role: str, keys: int) -> None:
    axe = Checker()
    login = {"email": f"{uuid4()}@example.org", "password": "a-long-password"}
    async with trainer_over_http(shared_server) as http, watched_page(browser, **DESK) as page:
        session = (await http.post("/sessions", json={"title": "Of somebody else"})).raise_for_status().json()
        (await http.post("/trainers", json={**login, "name": "Olga", "role": role})).raise_for_status()
        await page.goto(f"{shared_server.url}/dashboard/sessions/{session['id']}")
        await page.get_by_label("Email").fill(login["email"])
        await page.get_by_label("Password", exact=True).fill(login["password"])
        await page.keyboard.press("Enter")
        await expect(page.locator(".db-notice button")).to_have_count(keys)
        await expect(page.locator(".db-notice")).to_be_visible()
        await axe.check_both(page, f"control room of somebody else, {role}")
        await page.set_viewport_size(PHONE["viewport"])
        await axe.check_both(page, f"control room of somebody else, {role}, narrow")
        if keys:
            await page.get_by_role("button", name="Take the controls").click()
            await axe.check_both(page, "asked before taking the controls", "dialog")
    assert not axe.found, "\n".join(axe.found)


async def test_the_rarer_states_of_a_debrief(browser: Browser, shared_server: ServerProcess) -> None:
    axe = Checker()
    options = {**DESK, "reduced_motion": "reduce"}
    async with trainer_over_http(shared_server) as http, watched_page(browser, **options) as page:
        talked_over, empty = await _talked_over(shared_server, http), await _nothing_happened(http)
        await page.goto(f"{shared_server.url}/dashboard/sessions/{talked_over}")
        await log_in(page)
        sheets, dialog = page.locator("[aria-labelledby=sheets-title]"), page.get_by_role("dialog")
        await expect(sheets.get_by_role("columnheader")).to_have_count(3)
        await axe.check_both(page, "two sheets", "[aria-labelledby=sheets-title]")
        await page.get_by_label("Kind").select_option("action")
        await expect(page.get_by_text("Nothing of this kind")).to_be_visible()
        await axe.check_both(page, "filters without a match", "#part-record")
        keeping = page.locator("#part-keeping")
        await keeping.get_by_role("button", name="Lock…").click()
        await dialog.get_by_role("button", name="Lock", exact=True).click()
        await expect(dialog.get_by_role("alert")).not_to_be_empty()
        await axe.check_both(page, "a lock without a reason", "dialog")
        await page.keyboard.press("Escape")
        await keeping.get_by_role("button", name="Take names out…").click()
        named = dialog.get_by_role("listitem").filter(has_text="Marie leads")
        await named.get_by_role("button", name="Write it anew").click()
        await named.get_by_label("New words").fill("")
        await dialog.get_by_role("listitem").last.get_by_role("button", name="Take this text out").click()
        await axe.check_both(page, "names out, one text written anew and one taken out", "dialog")
        await page.keyboard.press("Escape")
        await page.keyboard.press("1")
        await page.get_by_role("button", name="Show what 2 trainees wrote").click()
        await page.locator(".db-own-word summary").first.click()
        await axe.check_both(page, "own words shown", "main")
        await page.keyboard.press("4")
        await expect(page.locator(".db-takeaways > li")).to_have_count(3)
        await axe.check_both(page, "three lines to take home", "main")
        await page.get_by_role("button", name="Share", exact=True).click()
        await dialog.get_by_role("button", name="Make the link").click()
        await expect(dialog.locator(".db-share-url")).to_be_visible()
        await axe.check_both(page, "a link that was made", "dialog")
        await page.goto(f"{shared_server.url}/dashboard/sessions/{empty}")
        for key, phase in (("3", "analysis"), ("1", "reactions"), ("2", "description"), ("4", "summary")):
            await page.locator(".db-debrief").wait_for()
            await page.keyboard.press(key)
            await expect(page.locator(f".db-debrief[data-phase={phase}]")).to_be_visible()
            await axe.check_both(page, f"nothing happened, {phase}", "main")
    assert not axe.found, "\n".join(axe.found)


async def _talked_over(server: ServerProcess, http: httpx.AsyncClient) -> str:
    """An ended session with what people add to it: two sheets that differ, own words, three lines to take home."""
    case = {"id": str(uuid4()), "title": "Talked over", "checklist": ["Calls for help", "Gives oxygen"]}
    (await http.post("/templates", json=case)).raise_for_status()
    session = (await http.post("/sessions", json={"template_id": case["id"]})).raise_for_status().json()
    path, tokens = f"/sessions/{session['id']}", list[str]()
    for name in ("Marie", "Zoé"):
        async with connected(server.url, "/trainee", {"code": session["code"], "name": name}) as trainee:
            tokens.append((await trainee.wait_for("session:joined"))["seat"]["token"])
    note = {"id": str(uuid4()), "kind": "note", "text": "Marie leads"}
    (await http.post(f"{path}/events", json=note)).raise_for_status()
    (await http.post(f"{path}/close")).raise_for_status()
    for place in range(3):
        line = {"id": str(uuid4()), "kind": "takeaway", "text": f"Line {place}", "at": session["created_at"]}
        (await http.post(f"{path}/annotations", json=line)).raise_for_status()
    items = [item["key"] for item in (await http.get(f"{path}/case")).raise_for_status().json()["checklist"]]
    login = {"email": f"{uuid4()}@example.org", "password": "a-long-password"}
    (await http.post("/trainers", json={**login, "name": "Olga", "role": "observer"})).raise_for_status()
    async with over_http(server.url, **login) as observer:
        for evaluator, score in ((http, 2), (observer, 0)):
            sheet = {"items": {key: {"score": score, "comment": "Late"} for key in items}, "comment": "Calm"}
            (await evaluator.put(f"{path}/scores", json=sheet)).raise_for_status()
        for token, is_anonymous in zip(tokens, (False, True), strict=True):
            said = {"words": "I called late", "scores": dict.fromkeys(items, 1), "is_anonymous": is_anonymous}
            by_seat = {"Authorization": f"Bearer {token}"}
            (await http.put("/reflection", json=said, headers=by_seat)).raise_for_status()
    return session["id"]


async def _nothing_happened(http: httpx.AsyncClient) -> str:
    session = (await http.post("/sessions", json={})).raise_for_status().json()
    (await http.post(f"/sessions/{session['id']}/close")).raise_for_status()
    return session["id"]


async def _check_debrief(axe: Checker, page: Page) -> None:
    """Its other parts, and what is asked in it."""
    for key, phase in (("1", "reactions"), ("2", "description"), ("4", "summary"), ("3", "analysis")):
        await page.keyboard.press(key)
        await expect(page.locator(f".db-debrief[data-phase={phase}]")).to_be_visible()
        if phase != "analysis":
            await axe.check_both(page, f"debrief, {phase}", "main")
    await page.get_by_role("button", name="Rename or hide").click()
    await axe.check_both(page, "a moment of the debrief", "dialog")
    await page.keyboard.press("Escape")


async def _make_attempt(server: ServerProcess, http: httpx.AsyncClient, session_id: str) -> None:
    """Another one at the same case, with enough people for a comparison."""
    template_id = (await http.get(f"/sessions/{session_id}")).raise_for_status().json()["template_id"]
    session = (await http.post("/sessions", json={"template_id": template_id})).raise_for_status().json()
    path = f"/sessions/{session['id']}"
    for name in ("Ann", "Ben", "Cem", "Dea", "Eve"):
        async with connected(server.url, "/trainee", {"code": session["code"], "name": name}) as trainee:
            await trainee.wait_for("session:joined")
    for marker in ("help", "fluid"):
        body = {"id": str(uuid4()), "kind": "note", "marker": marker}
        (await http.post(f"{path}/events", json=body)).raise_for_status()
    checklist = (await http.get(f"{path}/case")).raise_for_status().json()["checklist"]
    scores = {item["key"]: {"score": place % 3} for place, item in enumerate(checklist)}
    (await http.put(f"{path}/scores", json={"items": scores})).raise_for_status()
    (await http.post(f"{path}/close")).raise_for_status()


async def _leave_refused_change(http: httpx.AsyncClient, page: Page, session_id: str) -> None:
    """A push for a session that was ended while this device had no network; a note with it becomes an annotation."""
    await page.locator(".db-nav a").first.click()
    await page.locator(".db-session-link").click()
    await page.context.set_offline(True)
    await page.locator(".db-marker").first.click()
    entry = page.get_by_role("spinbutton", name="Heart rate, value to send")
    await entry.fill("140")
    await entry.press("Enter")
    await expect(page.locator(".db-status-offline")).to_contain_text("2")
    (await http.post(f"/sessions/{session_id}/close")).raise_for_status()
    await page.context.set_offline(False)
    await page.locator(".db-status").click()
    await expect(page.locator("tr[data-state=rejected]")).to_have_count(1)


async def _push(http: httpx.AsyncClient, session_id: str, **patch: Any) -> None:
    body = {"id": str(uuid4()), "kind": "vitals", **patch}
    (await http.post(f"/sessions/{session_id}/events", json=body)).raise_for_status()
