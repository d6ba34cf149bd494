"""A newcomer writes a case: five steps, two ways on, a marker, a target; tries it and runs it with two trainees.

By pointer, and by keyboard alone.
"""

from __future__ import annotations

import contextlib
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.pages import watched_page
from tests.browser.screens import PHONE, Monitor
from tests.browser.test_accessibility import Checker
from tests.browser.test_conflicts import fits
from tests.browser.trainer_pages import expect_status, log_in, over_http, trainer_context
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST_ACTIONS = 60
LAPTOP = ViewportSize(width=1280, height=720)
STEPS: list[tuple[str, dict[str, str]]] = [
    ("Stable", {"Heart rate": "96"}),
    ("Breathing slows", {"SpO₂": "86"}),
    ("Arrest", {}),
    ("CPR", {"EtCO₂": "15"}),
    ("Awake again", {"Heart rate": "110", "SpO₂": "92"}),
]
# Longer than browsers take two letters for parts of one word.
ANOTHER_WORD_MS, MOST_TRIES = 2_000, 20
# Seconds in the first step: they are waited for.
STABLE_FOR = 2


_WAY_TO = """(element) => {
  const now = document.activeElement;
  if (now === element) return null;
  const isAbove = (element.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  if (now?.closest(".db-ed-parts")?.contains(element)) return isAbove ? "ArrowUp" : "ArrowDown";
  if (now?.closest("[role=toolbar]")?.contains(element)) return isAbove ? "ArrowLeft" : "ArrowRight";
  return isAbove ? "Shift+Tab" : "Tab";
}"""


# The last values of the curves that whatever scrolls around them cuts.
_CUT = """() => [...document.querySelectorAll(".db-course-last")].filter((value) => {
  const right = value.getBoundingClientRect().right;
  for (let box = value.parentElement; box !== null; box = box.parentElement)
    if (getComputedStyle(box).overflowX !== "visible" && box.getBoundingClientRect().right < right) return true;
  return false;
}).map((value) => value.textContent)"""


@dataclass
class Hands:
    """What somebody does, counted: a click, a text that is written, a choice."""

    page: Page
    count: int = 0

    def field(self, name: str) -> Locator:
        return self.page.get_by_role("textbox", name=name, exact=True)

    def choice(self, name: str) -> Locator:
        return self.page.get_by_role("combobox", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def press(self, name: str) -> None:
        await self.push(self.button(name))

    async def push(self, wanted: Locator) -> None:
        self.count += 1
        await wanted.click()

    async def open_step(self, number: int) -> None:
        self.count += 1
        await _step(self.page, number).click()

    async def write(self, name: str, text: str) -> None:
        self.count += 1
        await self.field(name).fill(text)

    async def choose(self, name: str, label: str) -> None:
        self.count += 1
        await self.choice(name).select_option(label=label)


class Keys(Hands):
    """The same with nothing but keys; Tab is no action, what is done where it leads is."""

    async def push(self, wanted: Locator) -> None:
        await self._go_to(wanted)
        self.count += 1
        await self.page.keyboard.press("Enter")

    async def open_step(self, number: int) -> None:
        await self._go_to(_step(self.page, number))
        self.count += 1
        await self.page.keyboard.press("Enter")

    async def write(self, name: str, text: str) -> None:
        await self._go_to(self.field(name))
        self.count += 1
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(text)

    async def choose(self, name: str, label: str) -> None:
        await self._go_to(self.choice(name))
        self.count += 1
        # After a pause of a second the browser takes the next letter for another word, and a busy machine makes pauses.
        for _ in range(MOST_TRIES):
            await self.page.keyboard.type(label)
            with contextlib.suppress(AssertionError):
                await expect(self.choice(name).locator("option:checked")).to_have_text(label, timeout=ANOTHER_WORD_MS)
                return
        raise AssertionError(f"{label!r} is not to be typed in {name!r}")

    async def _go_to(self, wanted: Locator) -> None:
        """With Tab; a row of buttons is one stop, and the arrows go on in it."""
        await wanted.wait_for()
        for _ in range(200):
            key = await wanted.evaluate(_WAY_TO)
            if key is None:
                return
            await self.page.keyboard.press(key)
        raise AssertionError(f"no key leads to {wanted}")


async def write_case(hands: Hands, title: str) -> None:
    await hands.write("Title", title)
    await hands.press("Add a step")
    for number, (name, vitals) in enumerate(STEPS):
        await hands.write("Title of the step", name)
        for sign, value in vitals.items():
            await hands.write(sign, value)
        if name == "Arrest":
            await hands.choose("Rhythm", "Asystole")
        if number + 1 < len(STEPS):
            await hands.press("Add a step")
    await hands.open_step(1)
    await hands.press("Add a way on")
    # Where the page goes by itself, a frame later: what is typed before that is typed elsewhere.
    await expect(hands.choice("It goes on")).to_be_focused()
    await hands.write("Time in this step", f"{STABLE_FOR} s")
    await hands.open_step(2)
    await hands.press("Add a way on")
    await expect(hands.choice("It goes on")).to_be_focused()
    await hands.choose("It goes on", "on the marker")
    await hands.choose("Marker", "Naloxone given")
    await hands.choose("Where it leads", "5. Awake again")
    await hands.press("Time targets")
    await hands.choose("A target", "Help called, 3 min from the start of the case (call of the specialist team)")
    await hands.press("Add: A target")


async def is_right(http: httpx.AsyncClient, title: str) -> Json:
    async def look() -> Json | None:
        listed = (await http.get("/templates?limit=200")).raise_for_status().json()["items"]
        return next((one for one in listed if one["title"] == title), None)

    case = await eventually(look, title)
    assert [step["title"] for step in case["steps"]] == [name for name, _ in STEPS]
    assert case["steps"][2]["rhythm"] == "asystole"
    # What belongs to the rhythm came with it.
    assert case["steps"][2]["flags"] == {"pulseless": True}
    assert case["steps"][0]["transitions"] == [
        {"to": "step_2", "label": None, "automatic": True, "on": {"after": STABLE_FOR}},
    ]
    assert case["steps"][1]["transitions"] == [
        {"to": "step_5", "label": None, "automatic": True, "on": {"marker": "naloxone", "count": 1}},
    ]
    assert case["targets"] == [{"marker": "help", "from": "start", "seconds": 180}]
    return case


async def tries_it_dry(hands: Hands) -> None:
    await hands.choose("What happens", "Naloxone given")
    await hands.write("At", "0:10")
    await hands.press("Add")
    outcome = hands.page.locator(".db-dry")
    await expect(outcome).to_contain_text("“Breathing slows” begins, because “Stable” had lasted")
    await expect(outcome).to_contain_text("“Awake again” begins, because the marker “Naloxone given” was set")


async def runs_it(hands: Hands, title: str, browser: Browser, url: str, http: httpx.AsyncClient) -> None:
    """In a session of two trainees: what was written moves by itself."""
    page = hands.page
    await hands.push(page.get_by_role("navigation").get_by_role("link", name="Sessions"))
    await hands.push(page.locator(".db-template").filter(has_text=title).get_by_role("button"))
    await expect(page.locator("main.db-room")).to_be_visible()
    session_id = page.url.rsplit("/", 1)[-1]

    async def opened() -> Json | None:
        answer = await http.get(f"/sessions/{session_id}")
        return answer.json() if answer.is_success else None

    code = (await eventually(opened, "the session on the server"))["code"]
    async with AsyncExitStack() as stack:
        trainees = [Monitor(await stack.enter_async_context(watched_page(browser))) for _ in range(2)]
        for trainee, name in zip(trainees, ("Ann", "Ben"), strict=True):
            await trainee.join(url, code, name)
        await hands.push(page.locator("[data-shortcut=next]"))
        for trainee in trainees:
            await trainee.shows("spo2", 86)
        await hands.push(page.locator(".db-marker").filter(has_text="Naloxone given").first)
        for trainee in trainees:
            await trainee.shows("ecg", 110)
    events = (await http.get(f"/sessions/{session_id}/events")).raise_for_status().json()["items"]
    moved = [each for each in events if each["step"] is not None]
    assert [(each["step"], each["by"]["role"]) for each in moved] == [
        (key, "system") for key in ("step_1", "step_2", "step_5")
    ]


async def test_a_newcomer_writes_a_case_and_runs_it(browser: Browser, shared_server: ServerProcess) -> None:
    axe = Checker()
    title = f"Written {uuid4().hex[:6]}"
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        page = await context.new_page()
        await page.set_viewport_size(LAPTOP)
        await page.goto(f"{shared_server.url}/dashboard/templates")
        await log_in(page)
        hands = Hands(page, count=1)
        await page.get_by_role("link", name="Write a case").click()
        await write_case(hands, title)
        await hands.press("Undo")
        await expect(page.get_by_text("No targets yet", exact=False)).to_be_visible()
        await hands.press("Redo")
        # Nothing of it is saved, and nothing is lost.
        await expect(page.get_by_text("Not saved; kept on this device")).to_be_visible()
        await eventually(lambda: _is_kept(page), "the draft on the device")
        await page.close()
        page = hands.page = await context.new_page()
        await page.set_viewport_size(LAPTOP)
        await page.goto(f"{shared_server.url}/dashboard/templates")
        await expect(page.get_by_role("link", name=f"Go on writing: {title}")).to_be_visible()
        await axe.check(page, "cases, one not saved")
        await page.get_by_role("link", name=f"Go on writing: {title}").click()
        await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        await _drag(page, 3, above=2)
        await expect(_step(page, 2)).to_contain_text("2. Arrest")
        await _step(page, 2).press("Alt+ArrowDown")
        await expect(_step(page, 3)).to_be_focused()
        await expect(_step(page, 3)).to_contain_text("3. Arrest")
        await axe.check_both(page, "a step of a case")
        for part in ("About the case", "Time targets 1", "Alarm limits"):
            await page.get_by_role("button", name=part, exact=True).click()
            await axe.check(page, part, ".db-ed-part")
        await context.set_offline(True)
        await hands.press("Save")
        await expect(page.get_by_text("Saved, not on the server yet")).to_be_visible()
        await context.set_offline(False)
        await is_right(http, title)
        await expect_status(page, "Saved")
        # A step that is gone is told to those that lead to it, and taken back.
        await _step(page, 5).press("Delete")
        await expect(page.get_by_text("1 thing to put right").first).to_be_visible()
        await page.keyboard.press("Control+Z")
        await expect(_step(page, 5)).to_contain_text("Awake again")
        await expect(page.locator(".db-course-last").last).to_contain_text(".")
        assert await page.evaluate(_CUT) == []
        await page.set_viewport_size(PHONE["viewport"])
        await axe.check(page, "a case on a telephone")
        await fits(page)
        await page.set_viewport_size(LAPTOP)
        await tries_it_dry(hands)
        await runs_it(hands, title, browser, shared_server.url, http)
        assert hands.count < MOST_ACTIONS, hands.count
    assert not axe.found, "\n".join(axe.found)


async def test_the_same_by_keyboard_alone(browser: Browser, shared_server: ServerProcess) -> None:
    title = f"Typed {uuid4().hex[:6]}"
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        page = await context.new_page()
        await page.set_viewport_size(LAPTOP)
        await page.goto(f"{shared_server.url}/dashboard/templates/new")
        await log_in(page)
        hands = Keys(page)
        await write_case(hands, title)
        await page.keyboard.press("Control+S")
        await expect_status(page, "Saved")
        await is_right(http, title)
        await tries_it_dry(hands)
        await runs_it(hands, title, browser, shared_server.url, http)
        assert hands.count < MOST_ACTIONS, hands.count


def _step(page: Page, number: int) -> Locator:
    return page.locator("[data-step]").nth(number - 1)


async def _drag(page: Page, number: int, above: int) -> None:
    handle = await page.locator(".db-ed-handle").nth(number - 1).bounding_box()
    target = await _step(page, above).bounding_box()
    assert handle is not None
    assert target is not None
    await page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(target["x"] + 5, target["y"] + 4, steps=4)
    await page.mouse.up()


async def _is_kept(page: Page) -> Any:
    return await page.evaluate(_KEPT)


_KEPT = """async () => {
  const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith("shiller."));
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const all = await new Promise((resolve, reject) => {
    const request = database.transaction("drafts").objectStore("drafts").getAll();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  database.close();
  return all.some(({ content }) => content.targets.length === 1);
}"""
