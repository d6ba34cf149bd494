"""A monitor's file becomes a case without a network, by the keyboard alone, and reaches the server afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.browser.test_accessibility import Checker
from tests.browser.trainer_pages import expect_status, log_in, opens_without_network, over_http, trainer_context
from tests.support.scenario import ServerProcess
from tests.support.scenario_clients import Json, eventually, new_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

VECTORS = Path(__file__).parent.parent / "vectors" / "recorded.json"
WIDTHS = "() => [innerWidth, document.documentElement.scrollWidth]"


async def test_a_recording_becomes_a_case_offline(browser: Browser, shared_server: ServerProcess) -> None:
    vector = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"][0]
    table = "\r\n".join(vector["table"]).encode("cp1252")
    trend: FilePayload = {"name": "trend.csv", "mimeType": "text/csv", "buffer": table}
    title = f"Recorded {new_id()[:8]}"
    axe = Checker()
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:
        page = await context.new_page()
        await page.goto(f"{shared_server.url}/dashboard/templates")
        await log_in(page)
        await opens_without_network(page)
        await context.set_offline(True)
        await page.get_by_role("link", name="From a recording").press("Enter")
        async with page.expect_file_chooser() as chooser:
            await page.get_by_role("button", name="Choose files").press("Enter")
        await (await chooser.value).set_files(trend)
        await expect(page.locator(".db-recorded-lane")).to_have_count(7)
        await expect(page.get_by_role("heading", name="Which column is what?")).to_be_focused()
        await axe.check_both(page, "a case from a recording")
        await page.set_viewport_size({"width": 360, "height": 740})
        shown, wide = await page.evaluate(WIDTHS)
        assert wide <= shown
        await page.get_by_label("Title of the case").fill(title)
        await page.get_by_label("Nothing in it says who the patient is").press("Space")
        await page.get_by_role("button", name="Keep the case").press("Enter")
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
        await context.set_offline(False)
        await expect_status(page, "Saved")

        async def arrived() -> Json | None:
            items = (await http.get("/templates?limit=200")).raise_for_status().json()["items"]
            return next((item for item in items if item["title"] == title), None)

        template = await eventually(arrived, "the case to be on the server")
    assert template["steps"] == vector["template"]["steps"]
    assert not axe.found, "\n".join(axe.found)
