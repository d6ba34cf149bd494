"""The debrief and its page by link on the screens that people have: nothing is wider, cut, covered or too small."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect
from pypdf import PdfReader

from tests.browser.pages import watched_page
from tests.browser.rich_session import RichSession, rich_session
from tests.browser.screens import PHONE, PROJECTOR
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD

LOCALES = {"en": "en-GB", "fr": "fr-FR"}
SCREENS: dict[str, dict[str, Any]] = {
    "projector": PROJECTOR,
    "laptop": {"viewport": ViewportSize(width=1280, height=720)},
    "tablet": {"viewport": ViewportSize(width=820, height=1180), "has_touch": True},
    "phone": PHONE,
}
# What is wrong in what somebody sees below `root`, each in words that say where.
WRONG = """({ root, width: screen }) => {
  const found = [];
  // Wider than the screen, a page is shown small on a telephone: its window is wider then, too.
  const wide = document.documentElement.scrollWidth;
  if (wide > screen) found.push(`the page is ${wide} wide`);
  const styleOf = (element) => getComputedStyle(element);
  const around = function* (element) { for (; element !== null; element = element.parentElement) yield element; };
  // Some words are there for screen readers alone.
  const isSeen = (element) =>
    element.checkVisibility({ visibilityProperty: true }) &&
    ![...around(element)].some((one) => styleOf(one).clipPath === "inset(50%)");

  // What clips a text, and has no way to scroll to the rest of it.
  const clipOf = (holder) => {
    for (const one of around(holder)) {
      const { overflowX, overflowY } = styleOf(one);
      if ([overflowX, overflowY].some((way) => way === "hidden" || way === "clip")) return one;
      if (overflowX === "auto" || overflowX === "scroll") return null;
    }
    return null;
  };
  const seen = [];
  const walker = document.createTreeWalker(document.querySelector(root), NodeFilter.SHOW_TEXT);
  // Two lines of a moment are enough in the strip, and it has its whole name elsewhere.
  const unlooked = ".db-moment-words, title, option";
  for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
    const holder = text.parentElement;
    if (text.data.trim() === "" || holder.closest(unlooked) || !isSeen(holder)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    seen.push({ text, box });
    const frame = clipOf(holder)?.getBoundingClientRect();
    if (frame === undefined) continue;
    const isBeside = box.left < frame.left - 1 || box.right > frame.right + 1;
    if (isBeside || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) found.push(`cut: ${text.data}`);
  }

  // Names left of a chart that stand on each other.
  const ofChart = ".db-chart-sign, .db-chart-scale, .db-chart-name, .db-paper-chart > text, .db-paper-fine";
  const names = seen.filter(({ text }) => text.parentElement.closest(ofChart));
  const shared = (a, b, low, high) => Math.min(a[high], b[high]) - Math.max(a[low], b[low]);
  names.forEach(({ text, box }, place) => {
    for (const other of names.slice(place + 1)) {
      const isOn = shared(box, other.box, "left", "right") > 1 && shared(box, other.box, "top", "bottom") > 4;
      if (isOn) found.push(`${text.data} stands on ${other.text.data}`);
    }
  });

  // What a finger hits (WCAG 2.5.8); a link in a sentence is as high as its line.
  const targets = ":is(button, a, select, summary, input, textarea, [role=slider])";
  for (const target of document.querySelectorAll(`${root} ${targets}`)) {
    const isBox = target.matches("[type=radio], [type=checkbox]");
    const hit = (isBox && target.closest("label")) || target;
    if (!isSeen(hit) || hit.closest("[inert]") || (hit.matches("a") && styleOf(hit).display === "inline")) continue;
    const { width, height } = hit.getBoundingClientRect();
    if (width > 0 && (width < 24 || height < 24)) found.push(`${width} x ${height}: ${hit.textContent}`);
  }
  return found;
}"""
# It is said wherever the score is shown.
NEWS2_SOURCE = "Royal College of Physicians"
PRESSURES = {
    "en": ["SYS monitor", "SYS patient", "DIA monitor", "DIA patient"],
    "fr": ["PAS moniteur", "PAS patient", "PAD moniteur", "PAD patient"],
}
IS_DRAWN = """(drawn) =>
  document.querySelector("#part-notes li")?.checkVisibility({ contentVisibilityAuto: true }) === drawn"""
_PHASES = {"3": "analysis", "1": "reactions", "2": "description", "4": "summary"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sessions() -> AsyncIterator[dict[str, RichSession]]:
    async with AsyncExitStack() as stack:
        yield {language: await stack.enter_async_context(rich_session(language)) for language in LOCALES}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("language", LOCALES)
async def test_the_debrief_fits(browser: Browser, sessions: dict[str, RichSession], language: str, screen: str) -> None:
    rich = sessions[language]
    async with watched_page(browser, **SCREENS[screen], locale=LOCALES[language]) as page:
        await page.goto(rich.address)
        await page.locator("[type=email]").fill(DEMO_EMAIL)
        await page.locator("[type=password]").fill(DEMO_PASSWORD)
        await page.keyboard.press("Enter")
        wrong = {phase: await _wrong(page, key, phase) for key, phase in _PHASES.items()}
        assert wrong == {phase: [] for phase in _PHASES.values()}


async def _wrong(page: Page, key: str, phase: str) -> list[str]:
    await expect(page.locator(".db-debrief")).to_be_visible()
    await page.keyboard.press(key)
    await expect(page.locator(f".db-debrief[data-phase={phase}]")).to_be_visible()
    if phase in ("analysis", "description"):
        await expect(page.get_by_text(NEWS2_SOURCE)).to_be_visible()
    if phase == "analysis":
        # What the server makes of the record is there, and a moment at which the team lacked something.
        await expect(page.locator(".db-chart-news [data-band=arrest]")).to_have_count(4)
        await expect(page.locator(".db-reckoned table")).to_have_count(2)
        await page.keyboard.press("Home")
        await expect(page.locator(".db-now p")).not_to_be_empty()
    return await _wrong_below(page, "#app")


async def _wrong_below(page: Page, root: str) -> list[str]:
    assert page.viewport_size is not None
    return await page.evaluate(WRONG, {"root": root, "width": page.viewport_size["width"]})


async def test_what_lies_far_below_is_drawn_for_who_comes_to_it(
    browser: Browser, sessions: dict[str, RichSession]
) -> None:
    viewport = ViewportSize(width=1280, height=400)
    async with watched_page(browser, viewport=viewport, locale=LOCALES["en"]) as page:
        await page.goto(sessions["en"].address)
        await page.locator("[type=email]").fill(DEMO_EMAIL)
        await page.locator("[type=password]").fill(DEMO_PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator(".db-debrief")).to_be_visible()
        await page.keyboard.press("3")
        notes = page.locator("#part-notes li").first
        await expect(notes).to_be_attached()
        await page.wait_for_function(IS_DRAWN, arg=False)
        await notes.scroll_into_view_if_needed()
        await page.wait_for_function(IS_DRAWN, arg=True)
        await expect(notes).to_be_in_viewport()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("language", LOCALES)
async def test_the_page_of_its_link_fits(
    browser: Browser, sessions: dict[str, RichSession], language: str, screen: str
) -> None:
    async with watched_page(browser, **SCREENS[screen], locale=LOCALES[language]) as page:
        await page.goto(sessions[language].shared)
        await expect(page.locator(".db-sheet table")).not_to_have_count(0)
        assert await _wrong_below(page, "body") == []
        await expect(page.get_by_text(NEWS2_SOURCE)).to_be_visible()
        # What is grey on paper is told apart by its words, each beside a piece of its line.
        names = page.locator(".db-paper-ends [data-sign=systolic], .db-paper-ends [data-sign=diastolic]")
        await expect(names).to_have_text(PRESSURES[language])


@pytest.mark.parametrize("language", LOCALES)
async def test_the_course_is_on_the_first_page(
    browser: Browser, sessions: dict[str, RichSession], language: str
) -> None:
    async with watched_page(browser, locale=LOCALES[language]) as page:
        await page.goto(sessions[language].shared)
        await expect(page.locator(".db-sheet table")).not_to_have_count(0)
        first = PdfReader(io.BytesIO(await page.pdf(prefer_css_page_size=True))).pages[0].extract_text()
        assert [name for name in PRESSURES[language] if first.count(name) != 1] == []
