"""Three monitors and the trainer's small one through a cuff by hand and by its cycle, an arrest and a return.

All show the same numbers and the same state of the cuff at the same moment, also one that was loaded anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from playwright.async_api import Browser, Page, expect

from tests.browser.pages import CLOCK, PATIENCE_MS, eventually, pass_time, trainer_over_http
from tests.browser.screens import PHONE, TABLET, ControlRoom, Monitor, control_room, monitor
from tests.support.clocks import SteppingClock
from tests.support.running import running_server
from tests.support.scenario import ServerProcess

TICK_MS = 250
READINGS = 8
# In the middle of each quarter of a second: the numbers, what stands below the pressures, and what the cuff does.
READ = """(count) => new Promise((done) => {
  const read = {};
  const texts = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent.trim());
  const look = () => {
    const now = performance.timeOrigin + performance.now();
    const quarter = Math.floor(now / 250) * 250;
    read[quarter] = [
      ...texts(".mon-tile .mon-digits"), ...texts(".mon-tile-nibp .mon-mean"), ...texts(".mon-tile-nibp .mon-sub"),
    ];
    if (Object.keys(read).length === count) done(read);
    else setTimeout(look, quarter + 375 - now);
  };
  look();
})"""
Read = Mapping[str, list[str]]


async def test_all_screens_show_the_same_cuff_through_an_arrest(browser: Browser, tmp_path: Path) -> None:
    clock = SteppingClock()
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(running_server(now=clock))
        server = ServerProcess(tmp_path, {}, url=running.url)
        http = await stack.enter_async_context(trainer_over_http(server))
        room = await stack.enter_async_context(control_room(browser))
        phone, tablet, third = [
            await stack.enter_async_context(monitor(browser, **options)) for options in (PHONE, TABLET, TABLET)
        ]
        for page in (room.page, phone.page, tablet.page, third.page):
            await page.context.add_init_script(CLOCK)
        session = (await http.post("/sessions", json={"vitals": {"heart_rate": 84}})).raise_for_status().json()
        await room.log_in(server)
        await room.enter(session["code"])
        monitors = [phone, tablet, third]
        names = ("Phone", "Tablet", "Third")
        for each, name in zip(monitors, names, strict=True):
            await each.join(server.url, session["code"], name)
        everybody = [*(each.page for each in monitors), room.page]
        for page in everybody:
            await expect(_cuff(page)).to_have_text("---/---")

        # By hand, and from now on by its cycle: the measurement under way is the first.
        await phone.key("NIBP").tap()
        for page in everybody:
            await expect(page.locator(".mon-cuff")).to_be_visible()
        await room.page.get_by_label("NIBP: cycle").select_option("10")
        await expect(room.record("set the cuff to every 10 min")).to_be_visible()

        async def is_cycling() -> bool:
            return (await _session(http, session))["last_values"]["nibp"]["cycle_minutes"] == 10

        await eventually(is_cycling, "the cycle")
        await _push(http, session, vitals={"systolic": 84, "diastolic": 46})
        await tablet.page.reload()
        await expect(tablet.page.locator(".mon-cuff")).to_be_visible()
        await _show_the_same(everybody, "the cuff at work")
        for page in everybody:
            await expect(_cuff(page)).to_have_text("120/80")

        await _arrest_and_return(http, session, everybody, third)

        # However long all that took: less than ten minutes.
        await pass_time(clock, everybody, 600)
        # The cycle measures again, on all screens at once, and what the patient has now; until that is seen the last
        # result stands.
        for page in everybody:
            await expect(page.locator(".mon-cuff")).to_be_visible()
        await _show_the_same(everybody, "the cuff at work by its cycle")
        for page in everybody:
            await expect(_cuff(page)).to_have_text("120/80")
        measured = (await _session(http, session))["last_values"]["nibp"]
        assert [measured["systolic"], measured["diastolic"], measured["failed"]] == [84, 46, False]
        events = (await http.get(f"/sessions/{session['id']}/events")).raise_for_status().json()["items"]
        by_itself = [event for event in events if event["by"]["role"] == "system"]
        assert [(event["text"], event["details"]["because"]) for event in by_itself] == [("nibp_start", "cycle")]


async def _arrest_and_return(
    http: httpx.AsyncClient, session: dict[str, Any], everybody: Sequence[Page], third: Monitor
) -> None:
    """No pulse, no breath: the last result stands on all screens with its time."""
    states = (
        ("an arrest", {"rhythm": "ventricular_fibrillation"}),
        ("compressions", {"flags": {"cpr": True}}),
        ("the return", {"rhythm": "sinus", "flags": {"cpr": None}, "vitals": {"heart_rate": 104}}),
        ("apnoea", {"vitals": {"respiratory_rate": 0}}),
    )
    for what, push in states:
        await _push(http, session, **push)
        await _show_the_same(everybody, what)
        for page in everybody:
            assert (await _cuff(page).inner_text()) == "120/80", what
    await third.page.reload()
    await _show_the_same([page for page in everybody if page is not third.page], "apnoea")
    await expect(_cuff(third.page)).to_have_text("120/80")


async def test_the_trainer_works_the_cuff_of_the_monitors(browser: Browser, shared_server: ServerProcess) -> None:
    async with (
        trainer_over_http(shared_server) as http,
        control_room(browser) as room,
        monitor(browser, **TABLET) as tablet,
    ):
        session = (await http.post("/sessions", json={})).raise_for_status().json()
        await room.log_in(shared_server)
        await room.enter(session["code"])
        await tablet.join(shared_server.url, session["code"], "Tablet")
        await _press(room, "NIBP: measure now")
        await expect(tablet.page.locator(".mon-cuff")).to_be_visible()
        await _press(room, "NIBP: stop measuring")
        await expect(tablet.page.locator(".mon-cuff")).to_have_count(0)
        await _press(room, "NIBP: STAT, measure again and again for five minutes")
        await expect(tablet.page.locator(".mon-cuff")).to_be_visible()
        await tablet.key("Stop cuff").tap()
        await expect(tablet.page.locator(".mon-cuff")).to_have_count(0)
        await expect(room.record("stopped a blood pressure measurement")).to_have_count(2)

        async def is_over() -> bool:
            values = (await _session(http, session))["last_values"]
            return values["nibp"]["failed"] and values["cuff"]["stat_until"] is None

        await eventually(is_over, "STAT to be over")


def _cuff(page: Page) -> Any:
    return page.locator(".mon-tile-nibp .mon-digits")


async def _press(room: ControlRoom, name: str) -> None:
    await room.page.get_by_role("button", name=name, exact=True).click()


async def _push(http: httpx.AsyncClient, session: dict[str, Any], **push: Any) -> None:
    body = {"id": str(uuid4()), "kind": "vitals", **push}
    (await http.post(f"/sessions/{session['id']}/events", json=body)).raise_for_status()


async def _session(http: httpx.AsyncClient, session: dict[str, Any]) -> dict[str, Any]:
    return (await http.get(f"/sessions/{session['id']}")).raise_for_status().json()


async def _show_the_same(pages: Sequence[Page], what: str) -> None:
    """A device that has just come takes a second until its clock has settled."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        read: list[Read] = await asyncio.gather(*(page.evaluate(READ, READINGS) for page in pages))
        if all(_agree(read[0], each) for each in read[1:]):
            return
        assert time.monotonic() < deadline, (what, read)


def _agree(one: Read, other: Read) -> bool:
    """Read at the same moments. A reading that fell just beside a tick may be one step away."""
    common = one.keys() & other.keys()
    same = [quarter for quarter in common if one[quarter] == other[quarter]]
    return len(common) >= READINGS // 2 and len(same) >= 0.75 * len(common)
