"""The record of a session read back, and what has to be true of it always."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from server.domain.events import Event, fold_fact
from server.domain.session import Session
from server.domain.vitals import START_VALUES, LastValues
from server.ports.storage import Storage


def folded(events: Sequence[Event]) -> LastValues:
    last = START_VALUES
    for event in events:
        after = fold_fact(last, event.fact, event.created_at)
        assert isinstance(after, LastValues), f"seq {event.seq} was stored and cannot be folded: {after}"
        last = after
    return last


async def record_of(storage: Storage, session_id: UUID) -> Sequence[Event]:
    return await storage.sessions.events_after(session_id, 0, 10_000)


async def sound_session(storage: Storage, session_id: UUID) -> Session:
    """The stored session, held to the promise: seq without gaps, and the fold of the events its last_values."""
    session = await storage.sessions.find_session(session_id)
    assert session is not None
    events = await record_of(storage, session_id)
    assert [event.seq for event in events] == list(range(1, session.last_seq + 1))
    assert {event.session_id for event in events} <= {session_id}
    assert folded(events) == session.last_values
    return session
