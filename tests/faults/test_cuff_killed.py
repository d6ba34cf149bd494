"""A cuff that measures by itself goes on, and does it once, whichever process is killed and whenever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from server import clock
from server.domain.events import ActionTaken, Author, EventDraft
from server.domain.record import Recorded
from server.domain.session import Session
from tests.support.database_process import DatabaseProcess
from tests.support.houses import open_postgres
from tests.support.postgres import DatabaseServer
from tests.support.processes import Processes, linked_all, processes
from tests.support.scenario_clients import Json, Person, World, eventually

# Of the cycle: what comes after the measurement that is waited for comes after the test, however long that takes.
MINUTES = 15
CYCLE = timedelta(minutes=MINUTES)
_EARLIER = (
    "UPDATE sessions SET created_at = created_at - $2::interval, updated_at = updated_at - $2::interval WHERE id = $1"
)


@pytest.fixture
def two(tmp_path: Path, database_server: DatabaseServer, database: DatabaseProcess) -> Iterator[Processes]:
    with processes(tmp_path, database_server, DATABASE_URL=database.url, EXPIRY_SECONDS="0.5") as running:
        yield running


async def _cycling(database: DatabaseProcess, session: Json, due_in: timedelta) -> None:
    """As if its cycle had been set so long ago, by somebody of another process."""
    await _open_for(database, session, 2 * CYCLE)
    async with open_postgres(database.url) as storage:
        stored = await storage.sessions.find_session(UUID(session["id"]))
        assert isinstance(stored, Session)
        trainer = await storage.accounts.find_trainer(stored.school_id, stored.trainer_id)
        assert trainer is not None
        fact = ActionTaken("nibp_cycle", {"minutes": MINUTES})
        draft = EventDraft(uuid4(), Author("trainer", trainer.id, trainer.name), fact)
        recorded = await storage.sessions.append_event(stored.id, trainer, draft, clock.now() - CYCLE + due_in)
        assert isinstance(recorded, Recorded)


async def _open_for(database: DatabaseProcess, session: Json, long: timedelta) -> None:
    """As if it had been opened so long ago: nothing in a session is recorded before what it was changed by last."""
    by_hand = await asyncpg.connect(database.url)
    try:
        # Past the triggers: no device is to hear of it.
        await by_hand.execute("SET session_replication_role = replica")
        await by_hand.execute(_EARLIER, UUID(session["id"]), long)
    finally:
        await by_hand.close()


async def _measured(trainer: Person, session: Json) -> list[Json]:
    events = await trainer.events(session)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return [event for event in events if event["by"]["role"] == "system"]


async def _first_measured(trainer: Person, session: Json) -> Json:
    async def look() -> Json | None:
        found = await _measured(trainer, session)
        return found[0] if found else None

    return await eventually(look, "the measurement that was due")


async def test_a_killed_server_measures_what_was_due_once_it_is_back(world: World, database: DatabaseProcess) -> None:
    trainer = await world.person("trainer")
    overdue, coming = await trainer.open_session(), await trainer.open_session()
    world.server.kill()
    # What was missed is measured once, not caught up; what comes, when it is due.
    await _cycling(database, overdue, due_in=timedelta(seconds=-150))
    await _cycling(database, coming, due_in=timedelta(seconds=8))
    for _ in range(2):
        await asyncio.to_thread(world.server.restart_on_same_port)
        first = await _first_measured(trainer, overdue)
        assert await _measured(trainer, overdue) == [first]
        world.server.kill()
    await asyncio.to_thread(world.server.restart_on_same_port)
    event = await _first_measured(trainer, coming)
    assert event["created_at"] >= event["details"]["due_at"]
    assert [len(await _measured(trainer, each)) for each in (overdue, coming)] == [1, 1]


async def test_two_processes_measure_once_and_one_goes_on_when_the_other_is_killed(
    two: Processes, database: DatabaseProcess
) -> None:
    async with two.worlds() as worlds:
        await linked_all(worlds)
        here, there = worlds
        trainer = await there.person("trainer")
        sessions = [await trainer.open_session() for _ in range(4)]
        lines = [await there.watch(session) for session in sessions]
        await asyncio.gather(*(_cycling(database, each, due_in=timedelta(seconds=3)) for each in sessions[:3]))
        await _cycling(database, sessions[3], due_in=timedelta(seconds=7))
        for session, line in zip(sessions[:3], lines[:3], strict=True):
            event = await _first_measured(trainer, session)
            assert await line.expect("event:added", lambda told, event=event: told["id"] == event["id"]) == event
        here.server.kill()
        event = await _first_measured(trainer, sessions[3])
        assert await lines[3].expect("event:added", lambda told: told["id"] == event["id"]) == event
        for session, line in zip(sessions, lines, strict=True):
            assert len(await _measured(trainer, session)) == 1
            assert len([told for told in line.all("event:added") if told["by"]["role"] == "system"]) == 1
