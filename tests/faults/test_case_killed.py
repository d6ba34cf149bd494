"""A lone server is killed in the very statement that moves a case: whether or not that is stored, it moves once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from tests.support.database_process import DatabaseProcess
from tests.support.scenario_clients import Json, Person, World, eventually, new_id

CASE: Json = {
    "title": "To its end",
    "steps": [
        {"key": "a", "title": "A", "vitals": {"spo2": 91}, "transitions": [
            {"to": "b", "automatic": True, "on": {"after": 1}}]},
        {"key": "b", "title": "B", "vitals": {"spo2": 92}, "transitions": [
            {"to": None, "automatic": True, "on": {"after": 1}}]},
    ],
}  # fmt: skip
# Where the move to B is written, it waits for whoever has this lock.
_HELD = """
CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.step = 'b' THEN
    PERFORM pg_advisory_xact_lock(1);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER held BEFORE INSERT ON session_events FOR EACH ROW EXECUTE FUNCTION held();
"""
_WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"


async def _moves(trainer: Person, session: Json) -> list[Json]:
    events = await trainer.events(session)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return [event for event in events if "because" in (event["details"] or {})]


@pytest.mark.parametrize("is_stored", [True, False], ids=["stored", "lost"])
async def test_a_server_killed_in_the_statement_of_a_move_moves_once(
    world: World, database: DatabaseProcess, is_stored: bool
) -> None:
    trainer = await world.person("trainer")
    template = await trainer.post("/templates", CASE, 201)
    session = await trainer.open_session(template_id=template["id"])
    by_hand = await asyncpg.connect(database.url)
    try:
        await by_hand.execute(_HELD)
        await by_hand.execute("SELECT pg_advisory_lock(1)")
        line = await world.watch(session)
        await line.ask("case:control", {"id": new_id(), "session_id": session["id"], "action": "start"})
        waiting = await eventually(lambda: by_hand.fetchval(_WAITING), "the move to be on its way")
        await asyncio.to_thread(world.server.kill)
        # What the database has begun it ends, though nobody is left to hear of it; or it is gone with the server.
        if not is_stored:
            await by_hand.execute("SELECT pg_terminate_backend($1)", waiting)
        await by_hand.execute("SELECT pg_advisory_unlock(1)")
        await eventually(lambda: _is_gone(by_hand, waiting), "the statement to end")
        count = await by_hand.fetchval("SELECT count(*) FROM session_events WHERE step = 'b'")
        assert count == (1 if is_stored else 0)
    finally:
        await by_hand.close()
    await asyncio.to_thread(world.server.restart_on_same_port)

    async def at_its_end() -> list[Json] | None:
        moves = await _moves(trainer, session)
        return moves if len(moves) >= 2 else None

    moves = await eventually(at_its_end, "the case to go on to its end")
    assert [(event["step"], event["details"]["from"]) for event in moves] == [("b", "a"), (None, "b")]
    first = next(event for event in await trainer.events(session) if event["step"] == "a")
    due = datetime.fromisoformat(first["created_at"]) + timedelta(seconds=1)
    assert datetime.fromisoformat(moves[0]["made_at"]) == due


async def _is_gone(by_hand: asyncpg.Connection, pid: int) -> bool:
    return not await by_hand.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", pid)
