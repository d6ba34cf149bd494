"""The pictures of docs/writing-cases.md, taken from the running product: `make pictures`.

A server in memory, its supplied cases, and a Chromium; each picture is a function below, and its name that of a file in
docs/images. Names as arguments take those alone.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Locator, ViewportSize, async_playwright, expect

from tests.browser.pages import trainer_over_http
from tests.browser.screens import ControlRoom
from tests.support.chromium import FLAGS, find_chromium
from tests.support.scenario import ServerProcess, serving

IMAGES = Path(__file__).parent / "images"
LARGEST_BYTES = 150_000
LAPTOP = ViewportSize(width=1280, height=720)
CASE = "Opioid overdose"


async def list_of_cases(room: ControlRoom, server: ServerProcess) -> Locator:
    """What the school has prepared, and what can be done with it."""
    await room.page.goto(f"{server.url}/dashboard/templates")
    await room.page.get_by_role("searchbox").fill("overdose")
    await expect(room.page.locator(".db-template-line").first).to_be_visible()
    await room.page.get_by_role("searchbox").blur()
    return room.page.locator("main")


async def _open_case(room: ControlRoom, server: ServerProcess) -> None:
    async with trainer_over_http(server) as http:
        templates = (await http.get("/templates?limit=200")).raise_for_status().json()["items"]
    case = next(each for each in templates if each["title"] == CASE)
    await room.page.goto(f"{server.url}/dashboard/templates/{case['id']}")


async def case_step(room: ControlRoom, server: ServerProcess) -> Locator:
    """Where one writes: what changes in a step, and how the case goes on from it."""
    await _open_case(room, server)
    await room.page.locator("[data-step]").nth(7).click()
    form = room.page.locator(".db-ed-part")
    await expect(form.locator(".db-ed-way").first).to_be_visible()
    # Of the whole form nothing may lie under the head of the page.
    await room.page.set_viewport_size(ViewportSize(width=1280, height=1800))
    return form


async def case_course(room: ControlRoom, server: ServerProcess) -> Locator:
    """Beside a case that is written: its course, and the monitor in one of its steps."""
    await _open_case(room, server)
    band = room.page.get_by_role("group", name="Steps of the case, in time").get_by_role("button").nth(1)
    await band.click()
    await expect(band).to_have_attribute("aria-pressed", "true")
    await band.blur()
    # Until a sweep has gone over the whole of its lane.
    await room.page.wait_for_timeout(8000)
    beside = room.page.locator(".db-ed-preview")
    await beside.evaluate("element => element.scrollTo(0, 0)")
    return beside


async def case_goes_on(room: ControlRoom, server: ServerProcess) -> Locator:
    """In a session: what the case waits for, and when it goes on by itself."""
    await room.start(CASE)
    await room.press("Start the case")
    ways = room.page.locator(".db-ways")
    await expect(ways.get_by_text("in 2:")).to_be_visible()
    return ways


PICTURES: dict[str, Callable[[ControlRoom, ServerProcess], Awaitable[Locator]]] = {
    "cases-list": list_of_cases,
    "case-step": case_step,
    "case-course": case_course,
    "case-goes-on": case_goes_on,
}


async def take(names: list[str]) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="shiller-pictures-") as folder,
        serving(Path(folder) / "server", USE_IN_MEMORY="true") as server,
    ):
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            for name in names:
                context = await browser.new_context(locale="en-GB", timezone_id="UTC", viewport=LAPTOP)
                room = ControlRoom(await context.new_page())
                await room.log_in(server)
                await _write(name, await PICTURES[name](room, server))
                await context.close()
            await browser.close()


async def _write(name: str, part: Locator) -> None:
    picture = await part.screenshot(animations="disabled", caret="hide")
    if len(picture) > LARGEST_BYTES:
        sys.exit(f"{name} has {len(picture):,} bytes; at most {LARGEST_BYTES:,} are kept in the repository")
    (IMAGES / f"{name}.png").write_bytes(picture)
    sys.stdout.write(f"{name}.png: {len(picture):,} bytes\n")


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1:] or list(PICTURES)))
