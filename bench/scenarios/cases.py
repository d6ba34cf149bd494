"""What open sessions cost whose cases move by themselves, while nothing of them is due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx

from bench.effort import Effort
from bench.scenarios.scenario import Column, Figures, Scenario, others_percent
from bench.servers import SHILLER, RunningServer

SESSIONS = 1000
AT_ONCE = 8
# A ramp on its way, a condition that it comes to after hours, a hold, a marker, and an end that is a day away.
TEMPLATE = {
    "title": "Bench",
    "steps": [
        {
            "key": "worse",
            "title": "Worse",
            "vitals": {"spo2": 70},
            "ramp_seconds": 3600,
            "transitions": [
                {
                    "to": "arrest",
                    "automatic": True,
                    "on": {"when": [{"sign": "spo2", "op": "le", "value": 75}], "hold": 60},
                },
                {"to": "better", "automatic": True, "on": {"marker": "oxygen"}},
                {"to": None, "automatic": True, "on": {"after": 86400}},
            ],
        },
        {
            "key": "arrest",
            "title": "Arrest",
            "transitions": [{"to": "better", "automatic": True, "on": {"after": 300}}],
        },
        {"key": "better", "title": "Better"},
    ],
}


async def measure(server: RunningServer, effort: Effort) -> Figures:
    count = effort.some(SESSIONS)
    await server.open_sessions(count)
    without, others = await _idle_percent(server, effort)
    await _open_running(server, count)
    with_cases, others_then = await _idle_percent(server, effort)
    return {
        "without_percent": without,
        "with_percent": with_cases,
        "cases_percent": max(0.0, with_cases - without),
        "others_percent": max(others, others_then),
    }


async def _idle_percent(server: RunningServer, effort: Effort) -> tuple[float, float]:
    """Of a core, by the server and by what is none of ours."""
    await asyncio.sleep(effort.settle)
    # The server wakes every five seconds whatever is open, and some of that has to be in it.
    seconds, meter = effort.seconds + 3 * effort.settle, server.meter()
    await asyncio.sleep(seconds)
    cpu = meter.read()
    return cpu["server"] / seconds * 100, others_percent(cpu, seconds)


async def _open_running(server: RunningServer, count: int) -> None:
    """Beside the others: sessions with a case that has been started."""
    headers = {"Authorization": f"Bearer {server.token}"}
    base_url = f"http://{server.address.host}:{server.address.port}/api/v1"
    async with httpx.AsyncClient(base_url=base_url, headers=headers, trust_env=False, timeout=60) as http:
        template = (await http.post("/templates", json=TEMPLATE)).raise_for_status().json()["id"]

        async def run_one(number: int) -> None:
            opened = await http.post("/sessions", json={"title": f"Case {number}", "template_id": template})
            session = opened.raise_for_status().json()["id"]
            start = {"id": str(uuid4()), "kind": "case", "action": "start"}
            (await http.post(f"/sessions/{session}/events", json=start)).raise_for_status()

        await _in_turns(run_one, count)


async def _in_turns(do: Callable[[int], Awaitable[None]], count: int) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with turns:
            await do(number)

    await asyncio.gather(*(one(number) for number in range(count)))


CASES = Scenario(
    name="cases",
    title=f"{SESSIONS:,} open sessions with cases that move by themselves, nothing due, beside {SESSIONS:,} without",
    peers=(SHILLER,),
    columns=(
        Column("without_percent", "without cases, CPU %", 2),
        Column("with_percent", "with both, CPU %", 2),
        Column("cases_percent", "of the cases, CPU %", 2),
        Column("others_percent", "others' CPU %"),
    ),
    compared="cases_percent",
    measure=measure,
)
