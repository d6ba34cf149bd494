"""The lanes on a browser's own canvas: a late push leaves the picture that there would be without delay."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from playwright.async_api import Browser

from tests.browser.built import built_page
from tests.browser.pages import watched_page

BLACK = {"ground": "#000000", "colour": "#2ee56b"}
LIGHT = {"ground": "#ffffff", "colour": "#00752f"}
# Where the push is in a lane of nine seconds; the last are at its right edge.
PLACES_MS = (1_700, 8_975, 9_003)
LATE_BY_MS = (8, 150, 1_200)
# Of 255. What was left standing of an old trace differs by nearly all of its colour; the soft edge of a
# stroke that was drawn in one piece instead of several, by half of it at the most.
STRONG = 160


@pytest.fixture(scope="module")
def lanes_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """web/tests/waves/browser."""
    with built_page("lanes", tmp_path_factory.mktemp("lanes")) as url:
        yield url


@pytest.mark.parametrize("kind", ["ecg", "pleth", "resp", "co2"])
@pytest.mark.parametrize("theme", [BLACK, LIGHT], ids=["black", "light"])
async def test_a_late_push_leaves_no_trace_of_what_was_drawn_before(
    browser: Browser, lanes_url: str, theme: dict[str, str], kind: str
) -> None:
    async with watched_page(browser, all_frames=True) as page:
        await page.goto(lanes_url)
        await page.wait_for_function("() => window.compare !== undefined")
        for (ratio, width), at, late in product(((1, 1.7), (1, 3), (2, 2.2), (3, 3)), PLACES_MS, LATE_BY_MS):
            asked = {**theme, "kind": kind, "ratio": ratio, "lineWidth": width, "at": at, "late": late}
            found = await page.evaluate("([asked, least]) => compare(asked, least)", [asked, STRONG])
            assert found["inked"] > 300 * ratio, "there is a trace"
            assert found["columns"] == [], (asked, found["greatest"])
