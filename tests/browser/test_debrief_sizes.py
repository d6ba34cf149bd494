"""The debrief and its page by link on the screens that people have: nothing is wider, cut, covered or too small to hit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

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
# What is looked for in what somebody sees below `root`; each gives words that say where.
WRONG = """(root) => {
  const found = [];
  const [inner, scroll] = [innerWidth, document.documentElement.scrollWidth];
  if (scroll > inner) found.push(`the page is ${scroll} wide`);
  // Some words are there for screen readers alone.
  const isSeen = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    for (let one = element; one !== null; one = one.parentElement) if (getComputedStyle(one).clipPath === "inset(50%)") return false;
    return true;
  };
  // Texts that end outside of whatever clips them without a way to scroll there. Two lines of a moment may.
  const clipOf = (holder) => {
    let clip = holder;
    const hides = ({ overflowX, overflowY }) => [overflowX, overflowY].some((way) => way === "hidden" || way === "clip");
    while (clip !== null && !hides(getComputedStyle(clip))) {
      if (["auto", "scroll"].includes(getComputedStyle(clip).overflowX)) return null;
      clip = clip.parentElement;
    }
    return clip;
  };
  const seen = [];
  const walker = document.createTreeWalker(document.querySelector(root), NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
    const holder = text.parentElement;
    if (text.data.trim() === "" || !isSeen(holder) || holder.closest(".db-moment-words, title, option, style")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    seen.push({ text, box });
    const frame = clipOf(holder)?.getBoundingClientRect();
    if (frame === undefined) continue;
    const isCut = box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2;
    if (isCut) found.push(`cut: ${text.data}`);
  }
  // Names left of a chart that stand on each other.
  const names = seen.filter(({ text }) => text.parentElement.closest(".db-chart-sign, .db-chart-scale, .db-chart-name, .db-paper-chart > text, .db-paper-fine"));
  names.forEach(({ text, box }, place) => {
    for (const other of names.slice(place + 1)) {
      const apart = 1 + Math.max(box.left, other.box.left) > Math.min(box.right, other.box.right);
      const above = 4 + Math.max(box.top, other.box.top) > Math.min(box.bottom, other.box.bottom);
      if (!apart && !above) found.push(`${text.data} stands on ${other.text.data}`);
    }
  });
  // What is hit by a finger (WCAG 2.5.8); a link in a sentence is as high as its line.
  for (const target of document.querySelectorAll(`${root} :is(button, a, select, summary, input, textarea, [role=slider])`)) {
    const hit = target.matches("input[type=radio], input[type=checkbox]") ? (target.closest("label") ?? target) : target;
    if (!isSeen(hit) || hit.closest("[inert]") || (hit.matches("a") && getComputedStyle(hit).display === "inline")) continue;
    const { width, height } = hit.getBoundingClientRect();
    if (width > 0 && (width < 24 || height < 24)) found.push(`${width} x ${height}: ${hit.ariaLabel ?? hit.textContent}`);
  }
  return found;
}"""


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


_PHASES = {"3": "analysis", "1": "reactions", "2": "description", "4": "summary"}


async def _wrong(page: Page, key: str, phase: str) -> list[str]:
    await expect(page.locator(".db-debrief")).to_be_visible()
    await page.keyboard.press(key)
    await expect(page.locator(f".db-debrief[data-phase={phase}]")).to_be_visible()
    if phase == "analysis":
        # What the server makes of the record is there, and a moment at which the team lacked something.
        await expect(page.locator(".db-chart-news [data-band=arrest]")).to_have_count(4)
        await expect(page.locator(".db-reckoned table")).to_have_count(2)
        await page.keyboard.press("Home")
        await expect(page.locator(".db-now p")).not_to_be_empty()
    return await page.evaluate(WRONG, "#app")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("language", LOCALES)
async def test_the_page_of_its_link_fits(
    browser: Browser, sessions: dict[str, RichSession], language: str, screen: str
) -> None:
    async with watched_page(browser, **SCREENS[screen], locale=LOCALES[language]) as page:
        await page.goto(sessions[language].shared)
        await expect(page.locator(".db-sheet table")).not_to_have_count(0)
        assert await page.evaluate(WRONG, "body") == []
