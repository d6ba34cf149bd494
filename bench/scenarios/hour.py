"""An hour of everything that a school does, for one thing: does the server's memory level off?

Some sessions go on all the time; beside them sessions are opened, joined, written to, ended, debriefed and taken along,
one after the other, devices pull, and people mistype codes and passwords. The memory is looked at sixty times.

The server knows the newest thousands of sessions by heart, and grows until it does. So what the end is compared with is
the memory when so many had come; where the time was too short for that, the middle of the run.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression, median
from time import perf_counter
from uuid import uuid4

import httpx

from bench.effort import Effort
from bench.generator.clients import LoadedSession, cut_all, fill
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.scenarios.scenario import HEALTH, Column, Figures, Scenario, figures
from bench.servers import SHILLER, RunningServer
from bench.usage import memory
from server.live.settings import LiveSettings

SESSIONS, TRAINEES, RATE = 5, 10, 2.0
VISITORS = 3
LOOKS = 60
# Of the hour, in the report.
TOLD_AT = (1, 2, 3, 4, 5, 6)
# What else the server keeps of the newest is kept of fewer.
KNOWN = LiveSettings().sessions_known
# So many come in an hour that the last third of it adds nothing to what is known.
VISIT_SECONDS = VISITORS * 3600 / (1.5 * KNOWN)
_MIB = 1024**2


@dataclass(frozen=True)
class Look:
    seconds: float
    mib: float
    sessions: int
    """That have come until then."""


async def measure(server: RunningServer, effort: Effort) -> Figures:
    tally = Tally()
    sessions = await server.open_sessions(SESSIONS)
    await fill(server.address, sessions, server.token, effort.some(TRAINEES), tally)
    load = Load(sessions, tally, server.meter)
    visits = Visits(server, effort.hour)
    try:
        measured, looks, *_ = await asyncio.gather(
            load.push_steadily(RATE, seconds=effort.hour, warm_up=effort.warm_up),
            _look_on(server, effort.hour, visits),
            *(visits.go_on(number) for number in range(effort.some(VISITORS))),
        )
    finally:
        cut_all(sessions)
    return {**figures(measured), **_levels(looks), "sessions": visits.count, "minutes": effort.hour / 60}


def _levels(looks: Sequence[Look]) -> Figures:
    """`to_full`: the last tenth against that which begins when the server knew as many sessions as it keeps."""
    tenth = max(1, len(looks) // 10)
    own = [look.mib for look in looks]
    full = next((at for at, look in enumerate(looks) if look.sessions >= KNOWN), len(looks))
    begin = full if full <= len(looks) - 2 * tenth else (len(own) - tenth) // 2
    settled, last = median(own[begin : begin + tenth]), median(own[-tenth:])
    late = looks[begin:]
    slope = linear_regression([look.seconds for look in late], [look.mib for look in late]).slope if late[1:] else 0.0
    return {
        "first_mib": own[0],
        "full_at": looks[begin].sessions,
        "full_mib": settled,
        "last_mib": last,
        "most_mib": max(own),
        "to_full": last / settled,
        "grows_mib": slope * 3600,
        **{f"mib_{part}": own[len(own) * part // len(TOLD_AT) - 1] for part in TOLD_AT},
    }


async def _look_on(server: RunningServer, seconds: float, visits: Visits) -> list[Look]:
    looks: list[Look] = []
    began = perf_counter()
    for number in range(LOOKS):
        # A time to measure by.
        await asyncio.sleep(began + (number + 0.5) * seconds / LOOKS - perf_counter())
        looks.append(Look(perf_counter() - began, memory(server.pid).own / _MIB, visits.count))
    return looks


class Visits:
    """Sessions one after the other, each from its opening to what is taken along of it."""

    def __init__(self, server: RunningServer, seconds: float) -> None:
        self.count = 0
        self._server = server
        self._until = perf_counter() + seconds

    async def go_on(self, number: int) -> None:
        url = f"http://127.0.0.1:{self._server.address.port}"
        headers = {"Authorization": f"Bearer {self._server.token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=600) as http:
            due = perf_counter()
            while perf_counter() < self._until:
                await _visit(http, self._server, number)
                self.count += 1
                # The steady load beside it has the collector off, for this hour.
                gc.collect()
                due += VISIT_SECONDS
                # A time to measure by; who is late goes on at once.
                await asyncio.sleep(max(0.0, due - perf_counter()))


async def _visit(http: httpx.AsyncClient, server: RunningServer, number: int) -> None:
    tally = Tally()
    session = (await server.open_sessions(1))[0]
    try:
        await fill(server.address, [session], server.token, 3, tally)
        one = f"/api/v1/sessions/{session.id}"
        await _push(session, 20)
        note = {"id": str(uuid4()), "kind": "note", "text": "Adrenaline given", "marker": "adrenaline"}
        await _done(http, "POST", f"{one}/events", note)
        # What is refused is refused; whoever guesses too often waits.
        await http.post("/api/v1/join", json={"code": "ZZZZZZ"})
        await http.post("/api/v1/auth/login", json={"email": f"{uuid4()}@bench.example", "password": "mistyped"})
        await http.post(f"{one}/events", json={"id": 7, "kind": "vitals", "vitals": {"spo2": 101}})
        await _done(http, "POST", f"{one}/close")
    finally:
        cut_all([session])
    for path in (f"{one}/debrief?purpose=copy", f"{one}/export", f"{one}/export?format=json", "/api/v1/sessions"):
        await _done(http, "GET", path)
    await _done(http, "POST", "/api/sync/down", {"clientId": f"device {number}", "lastSyncTimestamp": 0})


async def _done(http: httpx.AsyncClient, method: str, path: str, body: object = None) -> None:
    """As clients do it: who is put off waits for as long as the server says."""
    while True:
        answer = await http.request(method, path, json=body)
        if answer.status_code not in (429, 503):
            answer.raise_for_status()
            return
        await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))


async def _push(session: LoadedSession, count: int) -> None:
    """One after the other, each once the one before is stored."""
    trainer, stored = session.trainer, asyncio.Event()
    if trainer is None:
        raise RuntimeError("nobody steers it")
    trainer.on_ack = stored.set
    for _ in range(count):
        stored.clear()
        trainer.push(session, perf_counter())
        await stored.wait()


HOUR = Scenario(
    name="hour",
    title=f"memory of the process over mixed load: {SESSIONS} x {TRAINEES} at {RATE:g}/s, and {VISITORS} sessions at a "
    "time that come and go",
    peers=(SHILLER,),
    columns=(
        Column("minutes", "minutes", 1),
        Column("sessions", "sessions that came and went"),
        Column("first_mib", "own (USS) MiB first", 1),
        Column("full_at", "compared after sessions"),
        Column("full_mib", "MiB then", 1),
        Column("last_mib", "at the end", 1),
        Column("most_mib", "at most", 1),
        Column("to_full", "end to then", 3),
        Column("grows_mib", "MiB an hour since", 1),
        *(Column(f"mib_{part}", f"MiB at {part}/{len(TOLD_AT)}", 1) for part in TOLD_AT),
        Column("p99_ms", "p99 ms", 1),
        *HEALTH,
    ),
    compared="to_full",
    measure=measure,
    once=True,
    by_name=True,
)
