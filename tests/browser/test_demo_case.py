"""The ten-minute demo case of `shiller demo`, watched to its end: on a phone, on a tablet and in the control room."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

from playwright.async_api import Browser, expect

from server.service.seeds import DEMO_CASE, course, read_case
from tests.browser.pages import trainer_over_http
from tests.browser.screens import PHONE, TABLET, Monitor, control_room, monitor
from tests.support.delay import Line
from tests.support.scenario import PROJECT, ServerProcess, scrubbed_environment

# Ten minutes in 20 s.
SPEED = 30
# Every heart rate that is shown, and whether the screen has named a condition.
WATCH = """() => {
  window.seen = { rates: [], hadCondition: false };
  const look = () => {
    const rate = document.querySelector(".mon-tile-ecg .mon-digits")?.textContent;
    if (rate && rate !== String(window.seen.rates.at(-1))) window.seen.rates.push(Number(rate));
    if (document.querySelector(".mon-condition")) window.seen.hadCondition = true;
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


async def test_the_demo_case_is_watched_through_to_its_end(browser: Browser, shared_server: ServerProcess) -> None:
    steps = course(read_case(DEMO_CASE))
    async with (
        trainer_over_http(shared_server) as http,
        control_room(browser) as room,
        monitor(browser, **PHONE) as phone,
        monitor(browser, **TABLET) as tablet,
    ):
        await room.log_in(shared_server)
        async with _door_of_the_demo(shared_server.url) as door, _playing(door.url) as (case, code):
            await asyncio.gather(
                phone.join(shared_server.url, code, "Phone"),
                tablet.join(shared_server.url, code, "Tablet"),
                room.enter(code),
            )
            for each in (phone, tablet):
                await expect(each.number("ecg")).to_be_visible()
                await each.page.evaluate(WATCH)
            door.everybody_is_there.set()
            assert await case.wait() == 0
        for each in (phone, tablet):
            await expect(each.heading("The session is over")).to_be_visible()
            await _saw_the_case(each)
        await expect(room.page.locator(".db-notice").get_by_text("This session has ended")).to_be_visible()
        await room.page.get_by_role("tab", name="Analysis").click()
        await expect(room.page.get_by_text("The case is through.")).to_be_visible()
        sent = room.page.locator(".db-case-step[data-sent=yes] [data-mark=confirmed]")
        await expect(sent).to_have_count(len(steps))
        path = f"/sessions/{room.session_id}/events?limit=200"
        events = (await http.get(path)).raise_for_status().json()["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["text"] for event in events if event["kind"] == "note"] == [step["note"] for step in steps]
    pushed = [event["heart_rate"] for event in events if event["kind"] == "vitals"]
    assert pushed[1:] == [step["vitals"]["heart_rate"] for step in steps]


async def _saw_the_case(monitor: Monitor) -> None:
    """Up to the shock's 142, and most of the way back to 98."""
    seen = await monitor.page.evaluate("() => window.seen")
    rates = seen["rates"]
    assert max(rates) == 142, rates
    assert rates[-1] < 110, rates
    shock = rates.index(142)
    # Upwards, then downwards; by a step it may go back while a screen that has just come sets its clock.
    steps = list(pairwise(rates))
    assert all(after > before - 3 for before, after in steps[:shock]), rates
    assert all(after < before + 3 for before, after in steps[shock:]), rates
    # Ramps are gone along, not jumped: a screen of targets only would have shown eight numbers.
    assert len(rates) > 15, rates
    assert not seen["hadCondition"], "what the patient has is for the trainees to find out"


class _Door(Line):
    """What the demo asks over HTTP comes first, over one connection; its socket is let in when everybody is there."""

    def __init__(self, target_url: str) -> None:
        super().__init__(target_url)
        self.everybody_is_there = asyncio.Event()
        self._has_come = False

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._has_come:
            await self.everybody_is_there.wait()
        self._has_come = True
        await super()._join(reader, writer)


@asynccontextmanager
async def _door_of_the_demo(target_url: str) -> AsyncIterator[_Door]:
    door = _Door(target_url)
    await door.come_up()
    try:
        yield door
    finally:
        # Whoever still waits at it goes, too.
        door.everybody_is_there.set()
        await door.go_down()


@asynccontextmanager
async def _playing(url: str) -> AsyncIterator[tuple[Process, str]]:
    """The demo's own process, and the code of the session that it has opened."""
    command = [sys.executable, "-m", "server", "demo", "--url", url, "--speed", str(SPEED)]
    environment = scrubbed_environment({"PYTHONUNBUFFERED": "1"})
    case = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, env=environment, stdout=PIPE, stderr=STDOUT)
    assert case.stdout is not None
    try:
        told = ""
        while (found := re.search(r"code +(\w{6})\n", told)) is None:
            line = await case.stdout.readline()
            assert line, f"the demo ended: {told}"
            told += line.decode()
        yield case, found[1]
    finally:
        if case.returncode is None:
            case.kill()
        await case.wait()
