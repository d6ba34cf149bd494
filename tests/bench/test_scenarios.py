"""The load generator on real servers, small and short: so that it cannot rot. What it measures is not looked at."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.database import Postgres
from bench.effort import Effort
from bench.generator.clients import LoadedSession, cut_all, fill
from bench.generator.load import Load
from bench.generator.tally import Tally
from bench.scenarios import SCENARIOS
from bench.servers import BARE, BARE_STORED, SHILLER, STOCK, Peer, RunningServer, running
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.scenario_clients import eventually

TINY = Effort(rounds=1, seconds=0.4, warm_up=0.1, settle=0.1, largest=600, share=0.01, hour=2.0)


@pytest.fixture(scope="module")
def postgres(database_server: DatabaseServer) -> Iterator[Postgres]:
    with closing(Postgres(database_server.url)) as postgres:
        yield postgres


@pytest.fixture(params=[SHILLER, STOCK, BARE, BARE_STORED], ids=lambda peer: peer.name)
async def server(request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path) -> AsyncIterator[RunningServer]:
    peer: Peer = request.param
    async with running(peer, postgres, tmp_path) as server:
        yield server


async def _classes(server: RunningServer, tally: Tally) -> list[LoadedSession]:
    sessions = await server.open_sessions(3)
    await fill(server.address, sessions, server.token, 4, tally)
    return sessions


async def test_every_push_is_acknowledged_and_reaches_everybody(server: RunningServer) -> None:
    tally = Tally()
    sessions = await _classes(server, tally)
    whole = server.meter()
    measured = await Load(sessions, tally, server.meter).push_steadily(
        20, seconds=0.5, warm_up=0.1, patience=PATIENCE_SECONDS
    )
    cut_all(sessions)

    assert len(tally.intended) == 36
    assert tally.acknowledged == 36
    assert tally.received == 36 * 4
    assert len(tally.latencies) == 30 * 4
    assert (measured.missing, measured.behind, measured.lost, measured.refused, measured.disordered) == (0,) * 5
    assert 0 < measured.latency.p50 <= measured.latency.p95 <= measured.latency.p99
    # A busy machine may give the server its turn after the measured time.
    taken = whole.read()
    assert taken["server"] > 1e-6
    assert measured.cpu.keys() == taken.keys()
    assert 250 < measured.octets_per_message < 450


async def test_pushing_as_soon_as_acknowledged(server: RunningServer) -> None:
    tally = Tally()
    sessions = await _classes(server, tally)
    load, begun = Load(sessions, tally, server.meter), 0
    deadline = time.monotonic() + PATIENCE_SECONDS
    # A busy machine may acknowledge nothing in so short a time.
    while len(tally.intended) <= begun and time.monotonic() < deadline:
        await load.push_when_acked(seconds=0.3, warm_up=0.1, patience=PATIENCE_SECONDS)
        begun += len(sessions)

    async def is_complete() -> bool:
        return tally.acknowledged == len(tally.intended) and tally.received == tally.acknowledged * 4

    # What was pushed before the measured time is waited for by nobody else.
    await eventually(is_complete, "every push to be acknowledged and told")
    cut_all(sessions)

    pushed = len(tally.intended)
    assert pushed > begun
    assert tally.acknowledged == pushed
    assert tally.received == pushed * 4


async def test_who_is_cut_off_is_counted_as_missing(postgres: Postgres, tmp_path: Path) -> None:
    tally = Tally()
    async with running(SHILLER, postgres, tmp_path) as server:
        sessions = await _classes(server, tally)
        sessions[0].trainees[0].cut()
        measured = await Load(sessions, tally, server.meter).push_steadily(20, seconds=0.5, warm_up=0.1, patience=30)
        cut_all(sessions)

    assert measured.missing == 10
    assert measured.behind == 1
    assert measured.lost == 1


async def test_every_scenario_tells_what_its_table_says(postgres: Postgres, tmp_path: Path) -> None:
    async with running(SHILLER, postgres, tmp_path) as server:
        for scenario in SCENARIOS:
            told = await scenario.measure(server, TINY)
            for figure in (scenario.compared, *(column.figure for column in scenario.columns)):
                assert math.isfinite(told[figure]), (scenario.name, figure)
