"""The tests of the device's database and its outbox, which vitest runs on a fake, on a browser's own IndexedDB.

One body, web/tests/device/*.test.ts; here it is a page in a browser with a profile on disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.browser.built import built_page
from tests.support.chromium import launch_with_profile

# Files, and how many tests each of them has at the least: one that runs none has not passed.
BODIES = {
    "sessionEdits": 19,
    "records": 9,
    "outbox": 14,
    "refusals": 17,
    "device": 16,
    "tabs": 14,
    "schedules": 2,
    "upgrade": 8,
}


@pytest.fixture(scope="module")
def contract_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The tests as a page."""
    with built_page("contract", tmp_path_factory.mktemp("contract")) as url:
        yield url


async def test_the_outbox_on_a_real_database(contract_url: str, tmp_path: Path) -> None:
    async with async_playwright() as playwright:
        context = await launch_with_profile(playwright, tmp_path / "profile")
        page = await context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(contract_url)
        outcomes = await page.evaluate("window.contract")
        await context.close()
    assert [outcome for outcome in outcomes if outcome["state"] != "pass"] == []
    ran = Counter(outcome["file"] for outcome in outcomes)
    assert {body: min(ran[body], least) for body, least in BODIES.items()} == BODIES
    assert errors == []
