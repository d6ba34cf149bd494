"""A browser in which site data is blocked, as its own settings do it: nothing is kept, and everybody can work."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from playwright.async_api import Page, async_playwright, expect

from tests.browser.screens import Monitor
from tests.browser.trainer_pages import (
    expect_status,
    lines,
    log_in,
    note,
    open_session,
    over_http,
    own_number,
    push,
    ready,
    recorded,
    room_link,
    watch_for_errors,
)
from tests.support.chromium import launch_with_profile
from tests.support.scenario import ServerProcess

KEEPS_NOTHING = "This browser keeps nothing from this page"
_BLOCKED = """async () => {
  const isForbidden = (use) => { try { use(); return false; } catch { return true; } };
  const opened = await new Promise((resolve) => {
    try {
      const request = indexedDB.open("probe");
      request.onsuccess = () => resolve(true);
      request.onerror = () => resolve(false);
    } catch { resolve(false); }
  });
  return [isForbidden(() => localStorage), isForbidden(() => sessionStorage), !opened, document.cookie === ""];
}"""


async def test_without_site_data_trainees_join_and_a_trainer_works_online(
    shared_server: ServerProcess, tmp_path: Path
) -> None:
    url = shared_server.url
    async with over_http(url) as http, async_playwright() as playwright:
        session = await open_session(http, title="Nothing kept")
        context = await launch_with_profile(playwright, _blocking(tmp_path / "profile"), locale="en-GB")
        errors = watch_for_errors(context)
        trainee, page = context.pages[0], await context.new_page()
        await trainee.goto(url)
        assert await trainee.evaluate(_BLOCKED) == [True, True, True, True]
        ann = Monitor(trainee)
        await ann.join(url, session["code"], "Ann")

        await page.goto(f"{url}/dashboard/sessions")
        await expect(page.get_by_role("note")).to_contain_text(KEEPS_NOTHING)
        await _picture(page, "login")
        await log_in(page)
        await room_link(page, session).click()
        await ready(page)
        await expect(page.get_by_role("note")).to_contain_text(KEEPS_NOTHING)
        await expect(page.get_by_text("Ann").first).to_be_visible()
        await push(page, "SpO₂", 84)
        await ann.shows("spo2", "84")
        await note(page, "called for help")
        await expect_status(page, "Saved")
        events = await recorded(http, session["id"], 2)
        assert [event["text"] for event in events if event["kind"] == "note"] == ["called for help"]
        await _picture(page, "room")

        # What cannot be sent is not said to be, nor that it is kept; it goes when the network is back.
        await context.set_offline(True)
        await push(page, "SpO₂", 80)
        await expect_status(page, "Offline (1)")
        await expect(page.get_by_text("Waits for the server: SpO₂ 80")).to_have_count(1)
        await expect(page.locator(".db-sign-spo2 .db-mark")).to_have_text("Waiting")
        await expect(page.get_by_text(re.compile(r"^\s*Sent\b"))).to_have_count(0)
        await expect(page.locator("a.db-status")).to_have_attribute(
            "title",
            "No connection. What you do waits in this page and is sent when the connection is back: leave it open.",
        )
        await context.set_offline(False)
        await expect_status(page, "Saved")
        await ann.shows("spo2", "80")
        # The page anew knows nobody; whoever logs in again has everything from the server.
        await page.reload()
        await log_in(page)
        await ready(page)
        await expect(own_number(page, "SpO₂")).to_have_text("80")
        await expect(lines(page, "called for help")).to_have_count(1)
        # A link to a file would go without a login: the page fetches it.
        (await http.post(f"/sessions/{session['id']}/close")).raise_for_status()
        await page.reload()
        await log_in(page)
        await page.get_by_role("button", name="Download…").click()
        async with page.expect_download() as coming:
            await page.get_by_role("button", name="CSV", exact=True).click()
        file = await coming.value
        assert file.suggested_filename.endswith(f"nothing-kept-{session['code']}.csv")
        assert "called for help" in (await file.path()).read_text("utf-8")
        assert errors == []
        await context.close()


def _blocking(profile: Path) -> Path:
    """A profile with «Block all site data», as the browser writes it."""
    preferences = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences), encoding="utf-8")
    return profile


async def _picture(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder) / f"unkept-{name}.png")
