"""Comparing a thousand attempts at a case, first and again, beside reading out one long record as CSV."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from statistics import median
from time import perf_counter

import httpx
import psycopg

from bench.effort import Effort
from bench.scenarios.debriefs import record_at_once
from bench.scenarios.scenario import Column, Figures, Scenario, others_percent
from bench.servers import SHILLER, RunningServer

ATTEMPTS = 1000
EVENTS_EACH = 200
LONG = 20_000
TIMES = 3
# Somebody else's small call, all the while: how long it waits at most is how long the loop is held.
_ASK_EVERY = 0.005

_SESSIONS = """
INSERT INTO sessions (id, school_id, trainer_id, template_id, code, title, created_at, expires_at, closed_at,
                      close_reason, last_values, limits, last_seq, sync_version, first_version)
SELECT gen_random_uuid(), school_id, trainer_id, template_id, 'B' || lpad(n::text, 5, '0'), 'Bench',
    created_at - interval '1 day', expires_at, created_at, 'closed', last_values, limits, %(events)s, sync_version - n,
    first_version - n
FROM sessions, generate_series(1, %(count)s) AS n WHERE sessions.id = %(session)s
"""
_CASES = """
INSERT INTO session_cases (session_id, template_id, template_version, description, steps, checklist, targets)
SELECT sessions.id, sessions.template_id, template_version, description, steps, checklist, targets
FROM sessions, session_cases WHERE session_cases.session_id = %(session)s AND closed_at IS NOT NULL
    AND sessions.template_id IS NOT NULL
"""
_SEATS = """
INSERT INTO seats (id, session_id, token_hash, name)
SELECT gen_random_uuid(), sessions.id, sha256((sessions.id::text || n)::bytea), 'Ada'
FROM sessions, generate_series(1, 3) AS n WHERE closed_at IS NOT NULL AND template_id IS NOT NULL
"""
# Twenty minutes of each: three fifths are pushes of signs, the rest markers, rhythms and compressions.
_EVENTS = """
INSERT INTO session_events (id, session_id, seq, kind, created_at, heart_rate, systolic, spo2, rhythm, flags,
                            ramp_seconds, marker, by_role, by_name)
SELECT gen_random_uuid(), sessions.id, n, CASE WHEN n %% 10 = 0 THEN 'note' ELSE 'vitals' END,
    created_at + n * interval '6 s',
    CASE WHEN n %% 10 IN (1, 2) THEN 40 + n * 37 %% 140 END,
    CASE WHEN n %% 10 IN (3, 4, 5) THEN 85 + n * 13 %% 110 END,
    CASE WHEN n %% 10 IN (5, 6, 7) THEN 80 + n * 7 %% 20 END,
    CASE WHEN n %% 10 = 8 THEN CASE WHEN n %% 50 < 20 THEN 'ventricular_fibrillation' ELSE 'sinus' END END,
    CASE WHEN n %% 10 = 9 THEN jsonb_build_object('cpr', n %% 20 = 9) END,
    CASE WHEN n %% 10 > 0 THEN CASE WHEN n %% 10 IN (1, 3) THEN 30 ELSE 0 END END,
    CASE WHEN n %% 10 = 0 THEN (ARRAY['adrenaline', 'defibrillation', 'help', 'rhythm_check'])[1 + n / 10 %% 4] END,
    'trainer', 'Ada'
FROM sessions, generate_series(1, %(events)s) AS n WHERE closed_at IS NOT NULL AND template_id IS NOT NULL
"""
_TEMPLATE = {
    "title": "Bench",
    "checklist": [{"key": f"item_{n}", "text": f"Criterion {n}", "critical": n == 0} for n in range(20)],
    "targets": [{"marker": "adrenaline", "from": "arrest", "seconds": 300}],
}


async def measure(server: RunningServer, effort: Effort) -> Figures:
    headers = {"Authorization": f"Bearer {server.token}"}
    base_url = f"http://{server.address.host}:{server.address.port}/api/v1"
    async with httpx.AsyncClient(base_url=base_url, headers=headers, trust_env=False, timeout=300) as http:
        template = (await http.post("/templates", json=_TEMPLATE)).raise_for_status().json()
        body = {"title": "Bench", "template_id": template["id"]}
        session = (await http.post("/sessions", json=body)).raise_for_status().json()
        await asyncio.to_thread(_fill, server.database_url, session["id"], effort.some(ATTEMPTS), effort.some(LONG))

        async def take(path: str) -> float:
            began = perf_counter()
            (await http.get(path)).raise_for_status()
            return perf_counter() - began

        comparison = f"/comparison?template_id={template['id']}"
        await take("/me")
        waits = list[float]()
        asking = asyncio.create_task(_ask(take, waits))
        meter, began = server.meter(), perf_counter()
        first = await take(comparison)
        cpu, took = meter.read(), perf_counter() - began
        again = median([await take(comparison) for _ in range(TIMES)])
        asking.cancel()
        csv = median([await take(f"/sessions/{session['id']}/export?format=csv") for _ in range(TIMES)])
    return {
        "first_ms": first * 1000,
        "again_ms": again * 1000,
        "csv_ms": csv * 1000,
        "to_csv": first / csv,
        "server_ms": cpu["server"] * 1000,
        "held_ms": max(waits) * 1000,
        "others_percent": others_percent(cpu, took),
    }


async def _ask(take: Callable[[str], Awaitable[float]], waits: list[float]) -> None:
    while True:
        waits.append(await take("/me"))
        await asyncio.sleep(_ASK_EVERY)


def _fill(database_url: str, session_id: str, attempts: int, long: int) -> None:
    """The session itself gets one long record, and `attempts` others like it have ended."""
    record_at_once(database_url, session_id, long)
    named = {"session": session_id, "count": attempts, "events": EVENTS_EACH}
    with closing(psycopg.connect(database_url, autocommit=True)) as connection:
        for statement in (_SESSIONS, _CASES, _SEATS, _EVENTS, "ANALYZE"):
            connection.execute(statement, named)


COMPARISONS = Scenario(
    name="comparison",
    title=f"Comparing {ATTEMPTS:,} attempts of {EVENTS_EACH} events, beside the CSV of one with {LONG:,}",
    peers=(SHILLER,),
    columns=(
        Column("first_ms", "first ms"),
        Column("again_ms", "again ms"),
        Column("csv_ms", "CSV ms"),
        Column("to_csv", "first / CSV", 2),
        Column("server_ms", "server CPU ms"),
        Column("held_ms", "longest wait of others, ms", 1),
        Column("others_percent", "others' CPU %"),
    ),
    compared="to_csv",
    measure=measure,
    once=True,
)
