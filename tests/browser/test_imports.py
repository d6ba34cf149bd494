"""A file dropped on the cases: its report is looked at, one of its cases is kept, and taken out again."""

from __future__ import annotations

import base64
import json
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.test_accessibility import Checker
from tests.browser.test_conflicts import fits
from tests.browser.trainer_pages import expect_status, log_in, over_http, trainer_context
from tests.support.case_files import OWN_TEMPLATE, own_file
from tests.support.scenario import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

DROP = """([name, content]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(content), (each) => each.charCodeAt(0))], name));
  for (const type of ["dragover", "drop"])
    document.querySelector("main").dispatchEvent(
      new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


async def _drop(page: Page, name: str, content: bytes) -> None:
    await page.evaluate(DROP, [name, base64.b64encode(content).decode()])


async def test_a_dropped_file_is_looked_at_and_one_of_its_cases_kept(
    browser: Browser, shared_server: ServerProcess
) -> None:
    axe = Checker()
    kept, other = (f"Opioid {uuid4().hex[:8]}" for _ in range(2))
    cases = own_file({**OWN_TEMPLATE, "title": kept, "vitals": {"heart_rate": 400}}, {**OWN_TEMPLATE, "title": other})
    async with over_http(shared_server.url) as http, trainer_context(browser) as context:

        async def stored() -> set[str]:
            listed = (await http.get("/templates?limit=200")).raise_for_status().json()["items"]
            return {template["title"] for template in listed} & {kept, other}

        page = await context.new_page()
        await page.goto(f"{shared_server.url}/dashboard/templates")
        await log_in(page)
        await expect(page.get_by_role("button", name="Import")).to_be_visible()
        await _drop(page, "two cases.txt", json.dumps(cases).encode())
        dialog = page.get_by_role("dialog", name="Import cases")
        await expect(dialog.get_by_text("Heart rate: 400 is out of range and became 300")).to_be_visible()
        await _drop(page, "old.xml", '<scenario title="é"/>'.encode("latin-1"))
        await expect(dialog.get_by_text("save it as UTF-8")).to_be_visible()
        await axe.check_both(page, "import", "dialog")
        await fits(page)
        await page.get_by_role("checkbox", name=f"Keep: {other}").uncheck()
        assert await stored() == set()
        await page.get_by_role("button", name="Keep 1 case").click()
        await expect(page.get_by_role("heading", name=kept)).to_be_visible()
        await expect_status(page, "Saved")
        assert await stored() == {kept}
        await expect(page.get_by_role("button", name="Undo")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=kept)).to_have_count(0)
        await expect_status(page, "Saved")
        assert await stored() == set()
    assert not axe.found, "\n".join(axe.found)
