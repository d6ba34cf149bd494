"""What a trainee's monitor costs the device that shows it, beside two pages that do next to nothing.

    python -m bench.monitor            (all sizes and cases: some ten minutes)
    python -m bench.monitor --seconds 5 --size 1920x1080 --case VF

Headless Chromium without a GPU: everything is drawn by the processor, as on the oldest of tablets. The
figures to look at are the share of one core and the ratio to the empty page, in one run on one machine.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from playwright.async_api import Browser, Page

from bench.browser_cost import Cost, count_frames, measure
from bench.screens import Bedside, chromium, open_bedside, serving, trainer_at

SIZES = ("390x844", "1024x768", "1920x1080")
# Device pixels, as a telephone and a tablet have them; asked for by name.
DENSE_SIZES = ("390x844@3", "1024x768@2")
# What the issue allows: 30 % of one core, at 60 frames a second.
ALLOWED = 0.30
ALARM_MS = 60_000
SETTLE_MS = 3_000

EMPTY = "<!doctype html><title>Empty</title>"
# What one full-size canvas costs that is drawn anew at every frame, whatever is on it.
CANVAS = """<!doctype html><title>Canvas</title><style>body{margin:0;background:#000}canvas{display:block}</style>
<canvas></canvas><script>
const canvas = document.querySelector("canvas");
canvas.width = innerWidth;
canvas.height = innerHeight;
const context = canvas.getContext("2d");
const draw = (now) => {
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#2ee56b";
  context.fillRect((now / 5) % canvas.width, 0, 2, canvas.height);
  requestAnimationFrame(draw);
};
requestAnimationFrame(draw);
</script>"""


@dataclass(frozen=True)
class Case:
    name: str
    prepare: Callable[[Bedside, Page], Awaitable[None]]
    # What has to be on the screen before it is measured.
    until: str | None = None


async def _normal(bedside: Bedside, _page: Page) -> None:
    await bedside.push(vitals={"heart_rate": 75})


async def _fibrillation(bedside: Bedside, _page: Page) -> None:
    await bedside.push(rhythm="ventricular_fibrillation", vitals={"spo2": 70, "respiratory_rate": 0, "etco2": 12})


async def _desaturation(bedside: Bedside, _page: Page) -> None:
    """Heart rate, saturation and breathing move all the while, and several alarms are active."""
    await bedside.push(vitals={"spo2": 89, "heart_rate": 121, "respiratory_rate": 31})
    moving = {"spo2": 60, "heart_rate": 170, "respiratory_rate": 40, "systolic": 70, "diastolic": 40, "etco2": 20}
    await bedside.push(vitals=moving, ramp_seconds=120)


async def _compressions(bedside: Bedside, _page: Page) -> None:
    await bedside.push(rhythm="asystole", flags={"cpr": True}, vitals={"etco2": 15})


async def _lost(bedside: Bedside, page: Page) -> None:
    await bedside.push(vitals={"heart_rate": 75})
    await page.context.set_offline(True)


CASES = (
    Case("normal", _normal),
    Case("VF, high alarm", _fibrillation, "[data-alarm=high]"),
    Case("SpO2 falling", _desaturation, ".mon-tile-spo2[data-alarm]"),
    Case("CPR", _compressions, "[data-alarm=high]"),
    Case("link lost", _lost, ".mon-lost"),
)


async def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=20.0, help="measured, per size and case")
    arguments.add_argument("--size", action="append", choices=SIZES + DENSE_SIZES, help="may be given more than once")
    arguments.add_argument("--case", help="only the cases whose name contains this")
    asked = arguments.parse_args()
    cases = [case for case in CASES if asked.case is None or asked.case.lower() in case.name.lower()]
    async with serving() as url, trainer_at(url) as trainer:
        print(f"{'':23}{'share of a core':>16}{'to empty':>10}{'asked/s':>9}{'drawn/s':>9}   by process")
        worst = 0.0
        for size in asked.size or SIZES:
            empty = await _of_content(EMPTY, size, asked.seconds)
            _tell(size, "empty page", empty, empty)
            _tell(size, "one canvas", await _of_content(CANVAS, size, asked.seconds), empty)
            for case in cases:
                cost = await _of_case(trainer, case, size, asked.seconds)
                worst = max(worst, cost.share)
                _tell(size, case.name, cost, empty)
    print(f"worst: {worst:.1%} of a core; allowed: {ALLOWED:.0%}")


async def _of_content(content: str, size: str, seconds: float) -> Cost:
    async with chromium() as browser, _page(browser, size) as page:
        await page.set_content(content)
        return await _measured(browser, page, seconds)


async def _of_case(trainer: httpx.AsyncClient, case: Case, size: str, seconds: float) -> Cost:
    bedside = await open_bedside(trainer, case.name)
    async with chromium() as browser, _page(browser, size) as page:
        await bedside.join(page)
        await case.prepare(bedside, page)
        if case.until is not None:
            await page.locator(case.until).first.wait_for(timeout=ALARM_MS)
        return await _measured(browser, page, seconds)


async def _measured(browser: Browser, page: Page, seconds: float) -> Cost:
    await count_frames(page)
    await page.wait_for_timeout(SETTLE_MS)
    return await measure(browser, page, seconds)


@asynccontextmanager
async def _page(browser: Browser, size: str) -> AsyncIterator[Page]:
    pixels, _, ratio = size.partition("@")
    width, height = (int(part) for part in pixels.split("x"))
    context = await browser.new_context(
        locale="en-GB", viewport={"width": width, "height": height}, device_scale_factor=float(ratio or 1)
    )
    yield await context.new_page()
    await context.close()


def _tell(size: str, name: str, cost: Cost, empty: Cost) -> None:
    kinds = ", ".join(f"{kind} {share:.1%}" for kind, share in sorted(cost.shares.items()) if share >= 0.003)
    ratio = cost.share / empty.share if empty.share else float("nan")
    print(
        f"{size:>9} {name:<14}{cost.share:>14.1%}{ratio:>10.1f}{cost.asked:>9.1f}{cost.drawn:>9.1f}   {kinds}",
        flush=True,
    )


if __name__ == "__main__":
    asyncio.run(main())
