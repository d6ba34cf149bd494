"""An ended session in whose debrief there is something of everything, and long texts where people write them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from server.transport.socket.socket_server import HeartbeatSettings
from tests.support.clocks import SteppingClock
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import RunningServer, connected, running_server
from tests.support.scenario_clients import Json, new_id

TITLES = {
    "en": "Acute coronary syndrome with VF arrest and ROSC",
    "fr": "Syndrome coronarien aigu, arrêt en FV et RACS",
}
NAMES = ("Ann", "Benoît", "Maximiliane-Charlotte Oberhuber")
# Nobody is taken for gone while the clock is put forward.
_UNHURRIED = HeartbeatSettings(ping_seconds=PATIENCE_SECONDS, stall_seconds=PATIENCE_SECONDS)


@dataclass(frozen=True)
class RichSession:
    server: RunningServer
    session: Json
    shared: str
    """The address of its debrief by link."""

    @property
    def address(self) -> str:
        return f"{self.server.url}/dashboard/sessions/{self.session['id']}"


@asynccontextmanager
async def rich_session(language: str = "en") -> AsyncIterator[RichSession]:
    """`language` is that of the supplied case which it plays."""
    clock = SteppingClock()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running_server(now=clock, heartbeat=_UNHURRIED))
        await server.login()
        played = _Played(server, clock, await _opened(server, language))
        for name in NAMES:
            auth = {"code": played.session["code"], "name": name}
            trainee = await stack.enter_async_context(connected(server.url, "/trainee", auth))
            await trainee.wait_for("session:joined")
        await played.case()
        yield RichSession(server, played.session, await played.talked_over())


async def _opened(server: RunningServer, language: str) -> Json:
    listed = (await server.http.get("/api/v1/templates?limit=200")).raise_for_status().json()["items"]
    case = next(one for one in listed if one["title"] == TITLES[language])
    return await server.open_session(id=new_id(), title=case["title"], template_id=case["id"])


@dataclass(frozen=True)
class _Played:
    server: RunningServer
    clock: SteppingClock
    session: Json

    async def event(self, after: int, **body: Any) -> None:
        """`after` so many seconds of the case."""
        self.clock.wait(timedelta(seconds=after))
        await self.post("events", id=new_id(), **body)

    async def post(self, what: str, **body: Any) -> Json:
        path = f"/api/v1/sessions/{self.session['id']}/{what}"
        return (await self.server.http.post(path, json=body)).raise_for_status().json()

    async def vitals(self, after: int, **body: Any) -> None:
        await self.event(after, kind="vitals", **body)

    async def mark(self, after: int, marker: str) -> None:
        await self.event(after, kind="note", marker=marker)

    async def case(self) -> None:
        await self.event(5, kind="case", action="start")
        # What happens stands below, whenever the server looks at what the case would do by itself.
        await self.event(0, kind="case", action="automation_off")
        await self.vitals(20, vitals={"heart_rate": 118, "systolic": 96, "diastolic": 58, "spo2": 91}, ramp_seconds=90)
        await self.event(15, kind="action", action="nibp_start")
        await self.mark(40, "ecg_12")
        await self.vitals(25, flags={"spo2_off": True, "consciousness": "A", "oxygen": "15 L mask"})
        await self.vitals(90, flags={"spo2_off": None})
        await self.event(
            10, kind="note", text="The team talks of calling cardiology, and nobody does it for a long while"
        )
        await self.vitals(30, vitals={"systolic": 82, "diastolic": 44, "heart_rate": 131, "temperature": 38.4})
        await self.mark(45, "help")
        await self.vitals(20, rhythm="ventricular_fibrillation", flags={"pulseless": True})
        await self.mark(25, "arrest_recognised")
        await self.mark(5, "cpr_started")
        await self.vitals(0, flags={"cpr": True})
        await self.mark(60, "defibrillation")
        await self.mark(15, "adrenaline")
        await self.vitals(70, flags={"cpr": None})
        await self.mark(4, "defibrillation")
        await self.vitals(3, flags={"cpr": True})
        await self.mark(110, "defibrillation")
        await self.vitals(12, rhythm="sinus", flags={"pulseless": None, "cpr": None}, vitals={"systolic": 94})
        await self.mark(2, "rosc")
        await self.event(20, kind="action", action="nibp_start")
        await self.vitals(60, vitals={"heart_rate": 96, "systolic": 112, "spo2": 95}, ramp_seconds=60)
        await self.vitals(90, rhythm="ventricular_fibrillation", flags={"pulseless": True})
        await self.mark(12, "cpr_started")
        await self.vitals(0, flags={"cpr": True})
        await self.mark(20, "defibrillation")
        await self.vitals(8, rhythm="sinus", flags={"pulseless": None, "cpr": None})
        await self.mark(40, "handover")
        self.clock.wait(timedelta(seconds=60))

    async def talked_over(self) -> str:
        """The end, and what is said and scored after it; the link to it."""
        texts = {
            "bookmark": "",
            "note": "A long silence before anybody says aloud that there is no pulse; who leads is not clear to anyone",
            "plus": "Closed-loop orders from the second cycle on",
            "delta": "Nobody counted the cycles; the defibrillator-and-monitor-cable was under the bed",
            "takeaway": "Name a leader within the first minute, and say it so that everybody hears it",
        }
        for kind, text in texts.items():
            await self.post("annotations", id=new_id(), kind=kind, text=text, at=self.clock().isoformat())
        case = (await self.server.http.get(f"/api/v1/sessions/{self.session['id']}/case")).raise_for_status().json()
        items = {item["key"]: {"score": place % 3, "comment": "Late"} for place, item in enumerate(case["checklist"])}
        path = f"/api/v1/sessions/{self.session['id']}/scores"
        (await self.server.http.put(path, json={"items": items, "comment": "Calm"})).raise_for_status()
        await self.post("close")
        return (await self.post("share"))["url"]
