"""Whether a trainee's monitor grows: minutes of pushes, ramps, alarms, sounds and lost links, with a real server.

    python -m bench.monitor_memory --minutes 8

The page is left open. Twice a minute all garbage is collected, and what is left is counted: bytes of the heap,
nodes, listeners, and the memory of the page's process. What is flat from the third minute on does not grow.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

from bench.screens import Bedside, chromium, open_bedside, serving, trainer_at

EVERY_SECONDS = 30
PUSH_SECONDS = 1.5
# What is compiled and what fills its bound is not counted as growth.
WARM_UP_SECONDS = 120
MAY_GROW = 1.05
# What is compiled once more, and better, after minutes lies on the heap as well.
ONE_COMPILER = "--js-flags=--no-opt --no-maglev"

WELL = {"heart_rate": 75, "spo2": 98, "respiratory_rate": 16, "etco2": 38, "systolic": 120, "diastolic": 80}
ILL = {"heart_rate": 150, "spo2": 72, "respiratory_rate": 36, "etco2": 22, "systolic": 75, "diastolic": 40}
SENSORS = ("ecg_off", "spo2_off", "nibp_off", "co2_off", "temp_off")
CONDITIONS = ("respiratory_distress", "cardiac_arrest", "dysglycaemia", "haemorrhage", "loss_of_consciousness")
RHYTHMS = ("sinus", "atrial_fibrillation", "atrial_flutter", "ventricular_tachycardia", "torsades", "paced")


def patches() -> Iterator[dict[str, Any]]:
    """Worse, better, shocked, without sensors, and from the beginning; each turn in another rhythm."""
    for rhythm in itertools.cycle(RHYTHMS):
        yield {"rhythm": rhythm, "vitals": WELL}
        yield {"vitals": ILL, "ramp_seconds": 4}
        yield from ({"vitals": {"heart_rate": 100 + beats}} for beats in range(6))
        yield {"flags": dict.fromkeys(CONDITIONS, True)}
        yield {"rhythm": "ventricular_fibrillation", "flags": {"cpr": True}}
        yield from ({"vitals": {"etco2": 10 + mmhg}} for mmhg in range(4))
        yield {
            "rhythm": "sinus",
            "flags": {"cpr": None, **dict.fromkeys(CONDITIONS)},
            "vitals": WELL,
            "ramp_seconds": 3,
        }
        yield {"flags": dict.fromkeys(SENSORS, True)}
        yield {"flags": dict.fromkeys(SENSORS)}


async def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--minutes", type=float, default=8.0)
    minutes = arguments.parse_args().minutes
    async with serving() as url, trainer_at(url) as trainer, chromium(ONE_COMPILER) as browser:
        bedside = await open_bedside(trainer, "Memory")
        context = await browser.new_context(locale="en-GB", viewport={"width": 1024, "height": 768})
        page = await context.new_page()
        await bedside.join(page)
        # The key that unlocks the sound: from now on each beat is heard, as far as the machine has a loudspeaker.
        await page.locator(".mon-key-unlock").click()
        await _watch(browser, page, bedside, minutes * 60)
        await context.close()


async def _watch(browser: Browser, page: Page, bedside: Bedside, seconds: float) -> None:
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Performance.enable")
    keeping_busy = asyncio.create_task(_keep_busy(page, bedside))
    began = time.monotonic()
    heaps: list[float] = []
    print(f"{'s':>6}{'heap, kB':>10}{'nodes':>8}{'listeners':>11}{'process, MB':>13}")
    try:
        while (passed := time.monotonic() - began) < seconds:
            # The time between two countings, which the page is kept busy for.
            await asyncio.sleep(min(EVERY_SECONDS, seconds - passed))
            if keeping_busy.done():
                keeping_busy.result()
            kept = await _kept(cdp)
            passed = time.monotonic() - began
            if passed >= WARM_UP_SECONDS:
                heaps.append(kept["JSHeapUsedSize"])
            figures = f"{kept['JSHeapUsedSize'] / 1000:>10.0f}{kept['Nodes']:>8.0f}{kept['JSEventListeners']:>11.0f}"
            print(f"{passed:>6.0f}{figures}{await _resident_megabytes(browser):>13.0f}", flush=True)
    finally:
        keeping_busy.cancel()
    if len(heaps) >= 4:
        half = len(heaps) // 2
        grown = statistics.median(heaps[half:]) / statistics.median(heaps[:half])
        word = "flat" if grown < MAY_GROW else "it grows"
        print(f"{word}: the heap's median in the later half is {grown:.1%} of that in the earlier one")


async def _keep_busy(page: Page, bedside: Bedside) -> None:
    for number, patch in enumerate(patches()):
        await bedside.push(**patch)
        if number % 10 == 5:
            # The keys of the cuff, the silence and the marker.
            await page.evaluate(
                "document.querySelectorAll('.mon-bar .mon-key').forEach((key, at) => at < 3 && key.click())"
            )
        if number % 40 == 30:
            await page.context.set_offline(True)
        if number % 40 == 32:
            await page.context.set_offline(False)
        # The pace of a trainer, not a wait for anything.
        await asyncio.sleep(PUSH_SECONDS)


async def _kept(cdp: CDPSession) -> dict[str, float]:
    for _ in range(2):
        await cdp.send("HeapProfiler.collectGarbage")
    return {each["name"]: each["value"] for each in (await cdp.send("Performance.getMetrics"))["metrics"]}


async def _resident_megabytes(browser: Browser) -> float:
    """Of the renderers: also what lies outside the heap, as the pictures of canvases do."""
    cdp = await browser.new_browser_cdp_session()
    found = (await cdp.send("SystemInfo.getProcessInfo"))["processInfo"]
    await cdp.detach()
    return sum(_resident_bytes(each["id"]) for each in found if each["type"] == "renderer") / 1e6


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    asyncio.run(main())
