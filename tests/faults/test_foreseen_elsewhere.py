"""The storage is late or gone, and a push is told before it is stored: by every process, and taken back by every."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.database_process import DatabaseProcess
from tests.support.postgres import DatabaseServer
from tests.support.processes import Processes, linked_all, processes
from tests.support.scenario_clients import Json, Line, TraineeLine, World


@pytest.fixture
def two(tmp_path: Path, database_server: DatabaseServer, database: DatabaseProcess) -> Iterator[Processes]:
    with processes(tmp_path, database_server, DATABASE_URL=database.url, EXPIRY_SECONDS="0.5") as running:
        yield running


@pytest.fixture
async def worlds(two: Processes) -> AsyncIterator[list[World]]:
    async with two.worlds() as worlds:
        await linked_all(worlds)
        yield worlds


async def _pushed_to(worlds: list[World]) -> tuple[Json, Line, TraineeLine, Json]:
    """A session with its trainer on one process and a trainee on the other, who has the first push, which is stored."""
    here, there = worlds
    session = await (await here.person("trainer")).open_session()
    line, ben = await here.watch(session), await there.join(session, "Ben")
    before = await line.push(session, vitals={"heart_rate": 80})
    await ben.expect_seq(before["seq"])
    return session, line, ben, before


def _is_provisional(told: Json) -> bool:
    """The second push, for a busy storage may have taken the first one late, too."""
    return told["seq"] is None and told["provisional"] is True and told["last_values"]["heart_rate"] == 150


def _is_stored(seq: int) -> Any:
    return lambda told: told["seq"] == seq and "provisional" not in told


async def test_what_one_process_foresees_is_shown_by_the_other(worlds: list[World], database: DatabaseProcess) -> None:
    session, line, ben, before = await _pushed_to(worlds)

    database.pause()
    pushing = asyncio.create_task(line.push(session, vitals={"heart_rate": 150}))
    told = await ben.expect("vitals:pushed", _is_provisional)
    assert told["last_values"]["heart_rate"] == 150
    database.resume()
    stored = await pushing
    assert stored["seq"] == before["seq"] + 1
    told = await ben.expect("vitals:pushed", _is_stored(stored["seq"]))
    assert told["last_values"]["heart_rate"] == 150


async def test_what_a_lost_process_foresaw_is_taken_back_by_the_other(
    worlds: list[World], two: Processes, database: DatabaseProcess
) -> None:
    session, line, ben, before = await _pushed_to(worlds)

    database.kill()
    pushing = asyncio.create_task(line.push(session, vitals={"heart_rate": 150}))
    foreseen = await ben.expect("vitals:pushed", _is_provisional)
    heard = len(ben.heard)
    await asyncio.to_thread(two.servers[0].kill)
    pushing.cancel()
    await asyncio.gather(pushing, return_exceptions=True)
    await asyncio.to_thread(database.start)
    told = await ben.expect("vitals:pushed", _is_stored(before["seq"]), after=heard)
    assert told["last_values"]["heart_rate"] == 80
    # A screen lets go of what was foreseen only for what is at least as young.
    assert told["at"] >= foreseen["at"]
    assert (await (await worlds[1].person("admin")).events(session))[-1]["seq"] == before["seq"]


async def test_who_comes_to_one_process_meanwhile_is_shown_what_the_other_pushed(
    worlds: list[World], database: DatabaseProcess
) -> None:
    session, line, ben, _ = await _pushed_to(worlds)
    there = await worlds[1].watch(session, "admin")

    database.pause()
    late = await worlds[1].join(session, "Late")
    assert late.joined["session"]["last_values"]["heart_rate"] == 80, "it is stored"
    pushing = asyncio.create_task(line.push(session, vitals={"heart_rate": 150}))
    await ben.expect("vitals:pushed", _is_provisional)
    again = await worlds[1].join(session, seat=ben.seat["token"])
    assert again.joined["session"]["last_values"]["heart_rate"] == 150
    # What comes from the other side lies over it, and is not shown as if nothing had happened since.
    also = asyncio.create_task(there.push(session, vitals={"spo2": 91}))
    told = await ben.expect("vitals:pushed", lambda told: told["last_values"]["spo2"] == 91)
    assert told["last_values"]["heart_rate"] == 150
    for number, world in enumerate(worlds):
        newest = await world.join(session, f"Newest {number}")
        assert newest.joined["session"]["last_values"] == told["last_values"]
    database.resume()
    last = max((await pushing)["seq"], (await also)["seq"])
    told = await ben.expect("vitals:pushed", _is_stored(last))
    assert [told["last_values"][sign] for sign in ("heart_rate", "spo2")] == [150, 91]
