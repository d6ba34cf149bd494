"""A whole evening: a supplied case, three trainees, two arrests, one of the three without a network, and its debrief.

The server's clock and the pages' are put forward together where nothing but time would pass. What the monitor shows is
read off a trainee's page while it is live, and once more off the replayed one.
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from playwright.async_api import Browser, Locator, Page, WebSocket, expect

from server.transport.socket.socket_server import HeartbeatSettings
from tests.browser.pages import CLOCK, NO_WORKER, pass_time, watched_page
from tests.browser.screens import Monitor
from tests.browser.trainer_pages import log_in, ready
from tests.support.clocks import SteppingClock
from tests.support.cutting_line import CuttingLine, cutting_line
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import RunningServer, running_server
from tests.support.scenario_clients import Json, eventually, new_id

LAPTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 720}}
# A line that is cut is one of the things that this is about.
UNHURRIED = HeartbeatSettings(ping_seconds=PATIENCE_SECONDS, stall_seconds=PATIENCE_SECONDS)
OF_THE_NETWORK = rf"WebSocket connection to|Failed to load resource|{NO_WORKER}"
# Everything that a monitor says but its waves.
READ = """(monitor) => {
  const text = (part, place) => part.querySelector(place)?.textContent ?? null;
  const tiles = [...monitor.querySelectorAll(".mon-tile")].map((tile) => [
    /mon-tile-(\\w+)/.exec(tile.className)[1],
    [tile.dataset.alarm ?? null, ...[".mon-label", ".mon-value", ".mon-sub"].map((place) => text(tile, place))],
  ]);
  const chips = [...monitor.querySelectorAll(".mon-alarms > .mon-chip")];
  return {
    ...Object.fromEntries(tiles),
    alarms: chips.map((chip) => `${chip.dataset.priority} ${chip.dataset.ended} ${text(chip, ".mon-chip-text")}`),
    more: monitor.querySelector(".mon-more")?.dataset.count ?? null,
  };
}"""
# A replay that stands at a whole second shows the quarter of a second in which that lies. The live screen is read in
# the middle of every quarter; a reading that came late is none.
KEEP_LOOKING = f"""(from) => {{
  const read = {READ};
  const first = Math.floor(from / 250) * 250;
  const looks = (window.looks = {{}});
  const look = () => {{
    const since = Date.now() - first;
    const within = since % 250;
    const monitor = document.querySelector(".monitor");
    if (within >= 80 && within <= 235 && monitor !== null) looks[Math.floor(since / 250)] = read(monitor);
    setTimeout(look, 375 - within);
  }};
  look();
}}"""
LOOKS_SINCE = "(quarter) => Object.fromEntries(Object.entries(looks).filter(([each]) => each >= quarter))"
# Of either side: a screen knows the server's clock to half of what a message takes, which is long on a busy machine.
QUARTERS_APART = 2
# Of waves that came, and of what has to be judged from then on.
SETTLED_SECONDS = 1.0


@dataclass
class Evening:
    """One session, seen from the server and from everybody's page."""

    server: RunningServer
    clock: SteppingClock
    session: Json
    pages: list[Page] = field(default_factory=list)
    looked_at: Page | None = None
    heard: int = 0
    """The newest event that the monitor which is looked at was told."""
    made: int = 0
    """The newest that was made here."""
    seen: dict[int, tuple[list[Json], str]] = field(default_factory=dict)
    """By second: the live screens around it, and the rhythm."""

    @property
    def opened(self) -> datetime:
        return _moment(self.session["created_at"])

    def seconds(self, at: datetime) -> float:
        return (at - self.opened).total_seconds()

    async def pass_time(self, seconds: int) -> None:
        await pass_time(self.clock, self.pages, seconds)

    async def push(self, **body: Any) -> Json:
        """By the trainer; back when the monitor that is looked at has heard of it."""
        event = await self._record(**body)
        await self.hear(event["seq"])
        return event

    async def mark(self, marker: str, **more: Any) -> Json:
        return await self._record(kind="note", marker=marker, **more)

    async def steer(self, action: str) -> None:
        """The case; no monitor hears of it."""
        await self._record(kind="case", action=action)

    async def _record(self, **body: Any) -> Json:
        path = f"/api/v1/sessions/{self.session['id']}/events"
        event = (await self.server.http.post(path, json={"id": new_id(), **body})).raise_for_status().json()
        self.made = event["seq"]
        return event

    async def moves_to(self, step: str) -> Json:
        """As the case does by itself."""

        async def look() -> Json | None:
            return next((one for one in await self.record() if one["seq"] > self.made and one["step"] == step), None)

        event = await eventually(look, f"the step {step}")
        assert event["by"]["role"] == "system"
        await self.hear(event["seq"])
        return event

    async def done(self, action: str) -> Json:
        """By a trainee."""

        async def look() -> Json | None:
            return next((one for one in await self.record() if one["text"] == action), None)

        return await eventually(look, f"the action {action}")

    async def case_ended(self) -> Json:
        async def look() -> Json | None:
            return next((one for one in await self.record() if (one["details"] or {}).get("action") == "ended"), None)

        return await eventually(look, "the case to end")

    async def close(self) -> None:
        (await self.server.http.post(f"/api/v1/sessions/{self.session['id']}/close")).raise_for_status()

    async def record(self) -> list[Json]:
        return (await self.read("/events?limit=200"))["items"]

    async def read(self, path: str) -> Json:
        answer = await self.server.http.get(f"/api/v1/sessions/{self.session['id']}{path}")
        return answer.raise_for_status().json()

    def listen(self, socket: WebSocket) -> None:
        def hear(frame: str | bytes) -> None:
            text = frame if isinstance(frame, str) else frame.decode()
            self.heard = max([self.heard, *(int(seq) for seq in re.findall(r'"(?:last_)?seq":(\d+)', text))])

        socket.on("framereceived", hear)

    async def hear(self, seq: int) -> None:
        async def look() -> bool:
            return self.heard >= seq

        await eventually(look, f"the monitor to hear of event {seq}")

    async def look(self, count: int, rhythm: str) -> None:
        """What Ann's monitor shows at the next `count` whole seconds of the session; `rhythm` is what it is by hand."""
        page = self.looked_at
        assert page is not None
        after = self.seconds(self.clock()) + SETTLED_SECONDS

        async def look() -> dict[int, list[Json]] | None:
            looks: dict[str, Json] = await page.evaluate(LOOKS_SINCE, 4 * after - QUARTERS_APART)
            around = {second: _quarters_around(second) for second in {int(quarter) // 4 for quarter in looks}}
            found = {
                second: [looks[str(quarter)] for quarter in quarters]
                for second, quarters in around.items()
                if second > after and all(str(quarter) in looks for quarter in quarters)
            }
            return found if len(found) >= count else None

        found = await eventually(look, "the monitor to be read")
        for second in sorted(found)[:count]:
            self.seen[second] = found[second], rhythm


def _quarters_around(second: int) -> range:
    return range(4 * second - QUARTERS_APART, 4 * second + QUARTERS_APART + 1)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _seconds(since: str, until: str) -> float:
    return round((_moment(until) - _moment(since)).total_seconds(), 3)


class Moment(NamedTuple):
    """`at` in seconds from the opening."""

    kind: str
    seq: int
    at: float


@dataclass(frozen=True)
class Room:
    """Everybody's pages: the trainer's, two monitors, and Cem's, whose line can be cut."""

    trainer: Page
    ann: Monitor
    ben: Monitor
    cem: Monitor
    line: CuttingLine


@asynccontextmanager
async def _evening(browser: Browser) -> AsyncIterator[tuple[Evening, Room]]:
    clock = SteppingClock()
    async with AsyncExitStack() as stack:
        # Nobody is taken for gone because this machine is slow: who was there when is told to the second.
        server = await stack.enter_async_context(running_server(now=clock, heartbeat=UNHURRIED))
        await server.login()
        listed = (await server.http.get("/api/v1/templates?limit=200")).raise_for_status().json()["items"]
        case = next(one for one in listed if one["title"] == "Acute coronary syndrome with VF arrest and ROSC")
        session = await server.open_session(id=new_id(), title="Tuesday evening", template_id=case["id"])
        line = await stack.enter_async_context(cutting_line(int(server.url.rsplit(":", 1)[1])))
        evening = Evening(server, clock, session)

        async def page() -> Page:
            opened = await stack.enter_async_context(watched_page(browser, tolerate=OF_THE_NETWORK, **LAPTOP))
            await opened.context.add_init_script(CLOCK)
            evening.pages.append(opened)
            return opened

        async def sit_down(name: str, url: str) -> Monitor:
            monitor = Monitor(await page())
            if name == "Ann":
                monitor.page.on("websocket", evening.listen)
            await monitor.join(url, session["code"], name)
            await monitor.shows("temperature", "36.7")
            return monitor

        trainer = await page()
        await trainer.goto(f"{server.url}/dashboard/sessions/{session['id']}")
        await log_in(trainer)
        await ready(trainer)
        room = Room(
            trainer,
            await sit_down("Ann", server.url),
            await sit_down("Ben", server.url),
            await sit_down("Cem", line.url),
            line,
        )
        evening.looked_at = room.ann.page
        await room.ann.page.evaluate(KEEP_LOOKING, evening.opened.timestamp() * 1000)
        yield evening, room


async def test_a_whole_evening(browser: Browser) -> None:
    async with _evening(browser) as (evening, room):
        of = await _play(evening, room)
        page = room.trainer

        # By itself.
        await expect(page.get_by_role("tab", name="Reactions")).to_have_attribute("aria-selected", "true")
        for name in ("Ann", "Ben", "Cem"):
            await expect(page.locator(".db-reactions dl")).to_contain_text(name)
        await page.keyboard.press("3")

        debrief = await evening.read("/debrief")
        by_hand = _moments_by_hand(evening, of)
        _has_each_once(evening, debrief["moments"], by_hand)
        await _strip_has(page, by_hand, {of["arrest"]["seq"], of["second arrest"]["seq"]})
        times = {(one["marker"], one["from"]): (one["seconds"], one["is_met"]) for one in debrief["times"]}
        assert times == _times_by_hand(of)
        _tells_the_arrests(debrief["resuscitation"], of)
        await _page_tells_them(page, debrief)
        _tells_who_was_there(debrief["attendance"], of["end"])

        slider = page.get_by_role("slider", name="Moment shown")
        assert len(evening.seen) == 10
        # Backwards, as people look.
        for second in sorted(evening.seen, reverse=True):
            await _scrub_to(slider, second)
            await _shows(page.locator(".db-replayed .monitor"), slider, *evening.seen[second])
            assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


async def _play(evening: Evening, room: Room) -> dict[str, Json]:
    """Everything that happens, by the names that the lists below have for it."""
    of: dict[str, Json] = {}
    of["start"] = await evening.push(kind="case", action="start")
    of["ST elevation"] = await evening.moves_to("st_elevation")
    await room.ben.key("NIBP").click()
    await expect(room.ann.page.locator(".mon-cuff")).to_have_attribute("data-phase", "inflating")
    of["cuff"] = await evening.done("nibp_start")
    of["ECG"] = await evening.mark("ecg_12")
    await evening.look(2, "inferior ST elevation")
    of["probe off"] = await evening.push(kind="vitals", flags={"temp_off": True})
    await expect(room.ann.alarm("Temp probe off")).to_be_visible()

    of["Cem's"] = await _mark_without_a_network(evening, room)
    await evening.look(2, "inferior ST elevation")
    await evening.push(kind="vitals", flags={"temp_off": None})

    of["ectopy"] = await evening.push(kind="vitals", step="ectopy")
    await evening.look(1, "bigeminy (PVC)")
    await evening.pass_time(140)
    of["help"] = await evening.mark("help")

    of["arrest"] = await evening.push(kind="vitals", step="ventricular_fibrillation")
    await evening.look(1, "ventricular fibrillation")
    await expect(room.ann.alarm("Ventricular fibrillation")).to_be_visible()
    await evening.look(2, "ventricular fibrillation")
    of["CPR"], of["pressed"] = await evening.mark("cpr_started"), await evening.moves_to("cpr")
    await evening.look(1, "ventricular fibrillation")
    of["shock"], of["persists"] = await evening.mark("defibrillation"), await evening.moves_to("first_shock")
    given = evening.clock() - timedelta(seconds=1)
    of["adrenaline"] = await evening.mark("adrenaline", made_at=given.isoformat())
    of["shock again"], of["organised"] = (
        await evening.mark("defibrillation"),
        await evening.moves_to("organised_rhythm"),
    )
    of["ROSC"], of["pulse"] = await evening.mark("rosc"), await evening.moves_to("rosc")
    # Twenty seconds later the case would go on by itself: less than a busy machine may take to look.
    await evening.steer("automation_off")
    await evening.look(1, "inferior ST elevation")
    await evening.steer("automation_on")

    of["second arrest"] = await evening.push(kind="vitals", step="ventricular_fibrillation")
    await evening.pass_time(75)
    of["second CPR"], of["second pressed"] = await evening.mark("cpr_started"), await evening.moves_to("cpr")
    of["second shock"], of["second persists"] = (
        await evening.mark("defibrillation"),
        await evening.moves_to("first_shock"),
    )
    of["second ROSC"], of["second pulse"] = await evening.mark("rosc"), await evening.moves_to("rosc")
    of["ready"] = await evening.push(kind="vitals", step="ready_for_lab")
    of["handover"] = await evening.mark("handover")
    of["through"] = await evening.case_ended()
    await evening.close()
    of["end"] = (await evening.record())[-1]
    return of


async def _mark_without_a_network(evening: Evening, room: Room) -> Json:
    """For more than a minute; what is marked then comes afterwards, and counts from when it was made."""
    lost = room.cem.page.locator(".mon-lost")
    room.line.go_down()
    await expect(lost).to_be_visible()
    await evening.pass_time(64)
    before = evening.clock()
    await room.cem.key("Marker").click()
    room.line.come_up()
    # As the browser says it when it has a network again.
    await room.cem.page.evaluate("() => void window.dispatchEvent(new Event('online'))")
    await expect(lost).to_have_count(0)
    await room.cem.shows("spo2", 94)
    made = await evening.done("marker")
    assert abs(_moment(made["made_at"]) - before) < timedelta(seconds=30)
    return made


def _moments_by_hand(evening: Evening, of: dict[str, Json]) -> list[Moment]:
    def ectopy(seconds: float) -> float:
        return evening.seconds(_moment(of["ectopy"]["created_at"])) + seconds

    def at(name: str, *kinds: str) -> Iterator[Moment]:
        """What happened goes by when it was made, what was shown by when it was stored."""
        for kind in kinds:
            moment = of[name]["made_at" if kind == "bookmark" else "created_at"]
            yield Moment(kind, of[name]["seq"], evening.seconds(_moment(moment)))

    seq = of["ectopy"]["seq"]
    return [
        Moment("opened", 0, 0),
        *at("ST elevation", "step", "rhythm"),
        *at("ECG", "bookmark"),
        Moment("cuff", of["cuff"]["seq"], evening.seconds(_moment(of["cuff"]["created_at"])) + 30),
        *at("probe off", "sensor_off"),
        *at("Cem's", "bookmark"),
        *at("ectopy", "step", "rhythm"),
        # In 75 s the saturation falls from 94 to 91 %, and the breaths rise from 22 to 25. After a sixth of that it is
        # shown as 93, and the 4 points are 5; after five sixths they are shown as 25 and it as 91: 3 and 3, and one for
        # the heart. Nobody marks anything for a minute after that.
        Moment("news2_5", seq, ectopy(75 / 6)),
        Moment("news2_7", seq, ectopy(75 * 5 / 6)),
        Moment("silence", seq, ectopy(75 * 5 / 6)),
        *at("help", "bookmark"),
        *at("arrest", "step", "rhythm", "arrest"),
        *at("CPR", "bookmark"),
        *at("pressed", "step"),
        *at("shock", "bookmark"),
        *at("persists", "step"),
        *at("adrenaline", "bookmark"),
        *at("shock again", "bookmark"),
        *at("organised", "step", "rhythm"),
        *at("ROSC", "bookmark"),
        *at("pulse", "step", "arrest_end"),
        # Of the second arrest nothing is marked for 75 s.
        *at("second arrest", "step", "rhythm", "arrest", "silence"),
        *at("second CPR", "bookmark"),
        *at("second pressed", "step"),
        *at("second shock", "bookmark"),
        *at("second persists", "step"),
        *at("second ROSC", "bookmark"),
        *at("second pulse", "step", "rhythm", "arrest_end"),
        *at("ready", "step"),
        *at("handover", "bookmark"),
        *at("through", "step"),
        *at("end", "end"),
    ]


def _has_each_once(evening: Evening, found: list[Json], by_hand: list[Moment]) -> None:
    assert sorted((one["kind"], one["seq"]) for one in found) == sorted((one.kind, one.seq) for one in by_hand)
    at = {(one["kind"], one["seq"]): evening.seconds(_moment(one["at"])) for one in found}
    late = {one: at[one.kind, one.seq] for one in by_hand if abs(at[one.kind, one.seq] - one.at) > 0.01}
    assert late == {}
    assert [one["at"] for one in found] == sorted(one["at"] for one in found)


async def _strip_has(page: Page, by_hand: list[Moment], arrests: set[int]) -> None:
    """All of them; but of an arrest the rhythm stands in its words."""
    shown = [one.kind for one in by_hand if one.kind != "rhythm" or one.seq not in arrests]
    await page.locator(".db-strip-more").get_by_role("button", name="more").click()
    strip = page.locator(".db-strip-moments .db-moment")
    await expect(strip).to_have_count(len(shown))
    kinds: list[str] = await strip.evaluate_all("(all) => all.map((one) => one.dataset.kind)")
    assert sorted(kinds) == sorted(shown)


def _times_by_hand(of: dict[str, Json]) -> dict[tuple[str, str], tuple[float, bool | None]]:
    """ECG within ten minutes, compressions within one, a shock within two: so the case has it."""

    def since(zero: str, mark: str) -> float:
        return _seconds(of[zero]["created_at"], of[mark]["made_at"])

    return {
        ("ecg_12", "start"): (since("start", "ECG"), True),
        ("cpr_started", "arrest"): (since("arrest", "CPR"), True),
        ("cpr_started", "start"): (since("start", "CPR"), None),
        ("defibrillation", "arrest"): (since("arrest", "shock"), True),
        ("defibrillation", "start"): (since("start", "shock"), None),
        ("help", "start"): (since("start", "help"), None),
        ("adrenaline", "start"): (since("start", "adrenaline"), None),
        ("adrenaline", "arrest"): (since("arrest", "adrenaline"), None),
        ("rosc", "start"): (since("start", "ROSC"), None),
        ("rosc", "arrest"): (since("arrest", "ROSC"), None),
        ("handover", "start"): (since("start", "handover"), None),
        # From the arrest before it.
        ("handover", "arrest"): (since("second arrest", "handover"), None),
    }


def _tells_the_arrests(found: list[Json], of: dict[str, Json]) -> None:
    def by_hand(arrest: str, pressed: str, shock: str, adrenaline: str | None, pulse: str) -> dict[str, Any]:
        onset = of[arrest]["created_at"]
        return {
            "onset_seq": of[arrest]["seq"],
            "end": "rosc",
            "seconds": _seconds(onset, of[pulse]["created_at"]),
            "to_compressions_seconds": _seconds(onset, of[pressed]["created_at"]),
            "to_shock_seconds": _seconds(onset, of[shock]["made_at"]),
            "to_adrenaline_seconds": None if adrenaline is None else _seconds(onset, of[adrenaline]["made_at"]),
            # The case presses from the first compression on until the pulse is back.
            "compressions_seconds": _seconds(of[pressed]["created_at"], of[pulse]["created_at"]),
        }

    expected = [
        by_hand("arrest", "pressed", "shock", "adrenaline", "pulse"),
        by_hand("second arrest", "second pressed", "second shock", None, "second pulse"),
    ]
    assert [{name: one[name] for name in expected[0]} for one in found] == expected


async def _page_tells_them(page: Page, debrief: Json) -> None:
    """Not only the server: without a click, beside the chart."""
    reckoned = page.locator(".db-reckoned")
    seconds = {(one["marker"], one["from"]): one["seconds"] for one in debrief["times"]}
    for marker, name in (("defibrillation", "Defibrillation"), ("adrenaline", "Adrenaline given")):
        row = reckoned.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
        for zero in ("start", "arrest"):
            await expect(row).to_contain_text(_lasting(seconds[marker, zero]))
    shock = reckoned.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Defibrillation", exact=True))
    await expect(shock).to_contain_text("✓ yes")
    lasted = reckoned.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Arrest", exact=True))
    for arrest in debrief["resuscitation"]:
        await expect(lasted).to_contain_text(_lasting(arrest["seconds"]))


def _lasting(seconds: float) -> str:
    minutes, rest = divmod(math.floor(seconds + 0.5), 60)
    words = [f"{minutes} min"] * (minutes > 0) + [f"{rest} s"] * (rest > 0 or minutes == 0)
    return " ".join(words)


def _tells_who_was_there(found: list[Json], end: Json) -> None:
    spans = {one["name"]: one["spans"] for one in found}
    assert {name: len(each) for name, each in spans.items()} == {"Ann": 1, "Ben": 1, "Cem": 2}
    away = _seconds(spans["Cem"][0]["left_at"], spans["Cem"][1]["joined_at"])
    assert 64 <= away < 124
    assert {each[-1]["left_at"] for each in spans.values()} == {end["created_at"]}


async def _scrub_to(slider: Locator, second: int) -> None:
    await slider.press("Home")
    for key, times in (("PageUp", second // 30), ("ArrowRight", second % 30)):
        for _ in range(times):
            await slider.press(key)
    await expect(slider).to_have_attribute("aria-valuenow", str(second))


async def _shows(replayed: Locator, slider: Locator, live: list[Json], rhythm: str) -> None:
    """One of the live screens, value by value, as soon as the alarms of the record are read."""
    shown: Json = {}

    async def look() -> bool:
        shown.update(await replayed.evaluate(READ))
        return shown in live

    try:
        await eventually(look, "the replayed monitor")
    except AssertionError:
        assert shown == live[QUARTERS_APART], await slider.get_attribute("aria-valuetext")
    text = await slider.get_attribute("aria-valuetext") or ""
    assert text.endswith(f", {rhythm}"), text
