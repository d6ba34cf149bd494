"""What the debrief of a long session takes, of the server and in a browser, beside reading its record out as CSV."""

from __future__ import annotations

import asyncio
from contextlib import closing
from statistics import median
from time import perf_counter

import httpx
import psycopg

from bench.debrief_page import open_debrief
from bench.effort import Effort
from bench.scenarios.scenario import Column, Figures, Scenario, others_percent
from bench.servers import SHILLER, RunningServer

EVENTS = 20_000
TIMES = 3
# Four hours of it: pushes, half of them with ramps, arrests with compressions, and every fifth event a marker.
_RECORD = """
INSERT INTO session_events (id, session_id, seq, kind, created_at, heart_rate, systolic, spo2, rhythm, flags,
                            ramp_seconds, marker, by_role, by_name)
SELECT gen_random_uuid(), sessions.id, n, CASE WHEN n %% 10 < 2 THEN 'note' ELSE 'vitals' END,
    created_at + n * interval '0.72 s',
    CASE WHEN n %% 10 BETWEEN 2 AND 5 THEN 40 + n * 37 %% 140 END,
    CASE WHEN n %% 10 IN (4, 5) THEN 85 + n * 13 %% 110 END,
    CASE WHEN n %% 10 IN (6, 7) THEN 80 + n * 7 %% 20 END,
    CASE WHEN n %% 10 = 8 THEN CASE WHEN n %% 1000 < 100 THEN 'ventricular_fibrillation' ELSE 'sinus' END END,
    CASE WHEN n %% 10 = 9 THEN jsonb_build_object('cpr', n %% 20 = 9) END,
    CASE WHEN n %% 10 >= 2 THEN CASE WHEN n %% 10 IN (2, 4) THEN 30 ELSE 0 END END,
    CASE WHEN n %% 10 < 2 THEN (ARRAY['adrenaline', 'defibrillation', 'help', 'rhythm_check'])[1 + n / 10 %% 4] END,
    'trainer', 'Ada'
FROM sessions, generate_series(1, %(count)s) AS n WHERE sessions.id = %(session)s
"""
_LAST_SEQ = "UPDATE sessions SET last_seq = %(count)s WHERE id = %(session)s"


async def measure(server: RunningServer, effort: Effort) -> Figures:
    (session,) = await server.open_sessions(1)
    await asyncio.to_thread(record_at_once, server.database_url, session.id, effort.some(EVENTS))
    headers = {"Authorization": f"Bearer {server.token}"}
    url = f"http://{server.address.host}:{server.address.port}"
    async with httpx.AsyncClient(
        base_url=f"{url}/api/v1/sessions/{session.id}", headers=headers, trust_env=False, timeout=300
    ) as http:

        async def take(path: str) -> tuple[float, int]:
            began = perf_counter()
            answer = (await http.get(path)).raise_for_status()
            return perf_counter() - began, len(answer.content)

        await take("/debrief")
        meter, began = server.meter(), perf_counter()
        debriefs = [await take("/debrief") for _ in range(TIMES)]
        cpu, took = meter.read(), perf_counter() - began
        exports = [await take("/export?format=csv") for _ in range(TIMES)]
        ended = (await http.post("/close")).raise_for_status().json()
    opened = await open_debrief(url, session.id, ended["last_seq"], effort)
    debrief, export = (median(seconds for seconds, _ in taken) for taken in (debriefs, exports))
    return {
        "debrief_ms": debrief * 1000,
        "csv_ms": export * 1000,
        "to_csv": debrief / export,
        "first_page_ms": opened.first * 1000,
        "page_ms": opened.again * 1000,
        "first_page_to_csv": opened.first / export,
        "page_to_csv": opened.again / export,
        "scrub_ms": opened.scrub * 1000,
        "scrub_p95_ms": opened.scrub_p95 * 1000,
        "heap_mib": opened.heap / 1024**2,
        "scrubbed_mib": opened.heap_scrubbed / 1024**2,
        "server_ms": cpu["server"] / TIMES * 1000,
        "mib": debriefs[0][1] / 1024**2,
        "others_percent": others_percent(cpu, took),
    }


def record_at_once(database_url: str, session_id: str, count: int) -> None:
    with closing(psycopg.connect(database_url, autocommit=True)) as connection:
        named = {"session": session_id, "count": count}
        connection.execute(_RECORD, named)
        connection.execute(_LAST_SEQ, named)


DEBRIEFS = Scenario(
    name="debrief",
    title=f"The debrief of a session with {EVENTS:,} events in four hours, beside its CSV",
    peers=(SHILLER,),
    columns=(
        Column("debrief_ms", "debrief ms"),
        Column("csv_ms", "CSV ms"),
        Column("to_csv", "debrief / CSV", 2),
        Column("page_ms", "its page ms"),
        Column("page_to_csv", "page / CSV", 2),
        Column("first_page_ms", "page on a new device ms"),
        Column("first_page_to_csv", "that / CSV", 2),
        Column("scrub_ms", "scrub step ms", 1),
        Column("scrub_p95_ms", "p95 ms", 1),
        Column("heap_mib", "heap MiB", 1),
        Column("scrubbed_mib", "scrubbed MiB", 1),
        Column("server_ms", "server CPU ms"),
        Column("mib", "MiB", 1),
        Column("others_percent", "others' CPU %"),
    ),
    compared="to_csv",
    measure=measure,
    once=True,
)
