"""A hall as the central meets it: sessions that were really recorded, in a storage of the hall's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from server.domain.events import Event
from server.domain.hall_records import RecordPart, SessionCopy, hash_of_events, hash_of_values
from server.domain.halls import Hall
from server.domain.people import School, Trainer
from server.domain.record import Recorded, add
from server.domain.session import HomeHall, Session
from server.domain.timestamps import write_timestamp
from server.domain.vitals import START_VALUES, LastValues
from server.storage.memory import MemoryStorage
from server.transport.wire.answers import event_answer, session_answer
from tests.support.houses import House, open_session
from tests.support.making import BY, NOW, a_note, a_push, later


@dataclass
class HallSide:
    """`storage` is the hall's; the people in it have the ids that they have at the central."""

    hall: Hall
    trainer: Trainer
    storage: MemoryStorage = field(default_factory=MemoryStorage)

    @classmethod
    async def of(cls, hall: Hall, school: School, trainer: Trainer) -> HallSide:
        side = cls(hall, trainer)
        await side.storage.accounts.add_school(school)
        await side.storage.accounts.add_trainer(trainer, "hash", BY)
        return side

    async def open(self, **fields: Any) -> Session:
        return await open_session(self.storage, self.trainer, **fields)

    async def record(self, session: Session, pushes: int = 2, since: float = 1) -> Session:
        """As many pushes, each with a note behind it."""
        for number in range(pushes):
            for draft in (a_push(self.trainer), a_note(self.trainer, f"note {number}")):
                outcome = await self.storage.sessions.append_event(
                    session.id, self.trainer, draft, later(since + number)
                )
                assert isinstance(outcome, Recorded), outcome
        return await self.session(session.id)

    async def close(self, session: Session, at: datetime | None = None) -> Session:
        ended = await self.storage.sessions.end_session(session.id, self.trainer, uuid4(), at or later(60))
        assert isinstance(ended, Recorded), ended
        return ended.session

    async def session(self, session_id: UUID) -> Session:
        session = await self.storage.sessions.find_session(session_id)
        assert session is not None
        return session

    async def events(self, session: Session) -> Sequence[Event]:
        return await self.storage.sessions.events_after(session.id, 0, 10_000)

    async def copy(self, session: Session, offset_ms: int | None = None) -> SessionCopy:
        """As the central reads it of what the hall sends."""
        home = HomeHall(self.hall.id, self.hall.name, offset_ms, NOW)
        bare = replace(session, last_values=START_VALUES, last_seq=0, closed_at=None, close_reason=None, version=1)
        seats = tuple(await self.storage.sessions.list_seats(session.id))
        case = await self.storage.sessions.find_case(session.id)
        limits_since = tuple(await self.storage.sessions.limits_since(session.id))
        return SessionCopy(replace(bare, hall=home), case, seats, limits_since=limits_since)

    async def part(self, session: Session, after: int = 0, until: int = 10_000) -> RecordPart:
        events = [event for event in await self.events(session) if after < event.seq <= until]
        return part_of(await self.events(session), events)

    async def sent_session(self, session: Session, **fields: Any) -> dict[str, Any]:
        """The event of an `up`."""
        seats = await self.storage.sessions.list_seats(session.id)
        payload = {
            **session_answer(session),
            "case": None,
            "clock_offset_ms": 120,
            "seats": [
                {
                    "id": str(seat.id),
                    "name": seat.name,
                    "joined_at": write_timestamp(seat.joined_at),
                    "removed_at": None,
                }
                for seat in seats
            ],
            **fields,
        }
        return an_envelope("SESSION", session.id, payload)

    async def sent_events(self, session: Session, after: int = 0, until: int = 10_000) -> list[dict[str, Any]]:
        part = await self.part(session, after, until)
        sent = [an_envelope("SESSION_EVENT", event.id, dict(event_answer(event))) for event in part.events]
        if sent:
            sent[-1]["lastValuesSha256"] = part.folded
            sent[-1]["eventsSha256"] = hash_of_events(each["payload"] for each in sent)
        return sent


def part_of(record: Sequence[Event], events: Sequence[Event]) -> RecordPart:
    """`events` are some of the record, that follow each other."""
    folded = hash_of_values(values_after(record, events[-1].seq)) if events else None
    return RecordPart(record[0].session_id, events, folded)


def values_after(record: Sequence[Event], seq: int) -> LastValues:
    session = replace(_ANY, last_values=START_VALUES, last_seq=0)
    for event in record[:seq]:
        added = add(session, event)
        assert isinstance(added, Recorded), added
        session = added.session
    return session.last_values


_ANY = Session(
    uuid4(), "ABCDEF", "", None, uuid4(), uuid4(), None, NOW, NOW, later(3600), START_VALUES,
)  # fmt: skip


def a_hall(house: House, name: str = "North", **fields: Any) -> Hall:
    return Hall(uuid4(), house.school.id, name, **({"trainer_ids": "all", "created_at": NOW} | fields))


def an_envelope(entity_type: str, entity_id: UUID, payload: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    made = {"id": str(uuid4()), "entityType": entity_type, "entityId": str(entity_id), "operation": "CREATE"}
    return {**made, "payload": dict(payload), "localVersion": 0, **fields}
