"""What a hall has at the end of a day: sessions with many pushes, the same at every run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from server import clock
from server.domain.events import Author, Event, VitalsPushed, fold_fact
from server.domain.opening import draw_code
from server.domain.outcomes import InvalidFields
from server.domain.session import Session
from server.domain.vitals import START_VALUES, VitalsPatch
from server.json_text import write_json
from server.storage.postgres import PostgresStorage
from server.storage.postgres.rows import INSERT_EVENT, event_values


async def fill_day(url: str, school_id: UUID, trainer_id: UUID, sessions: int, events: int) -> None:
    """What a hall has at the end of a day; straight into its tables."""
    storage = await PostgresStorage.open(url)
    connection = await asyncpg.connect(url)
    await connection.set_type_codec("jsonb", encoder=write_json, decoder=str, schema="pg_catalog")
    chance = random.Random(1)  # noqa: S311 - the same day at every run
    by = Author("trainer", trainer_id, "Ada")
    try:
        for number in range(sessions):
            session = a_session(school_id, trainer_id, f"Day {number}")
            await storage.sessions.add_session(session, None, by)
            record = a_record(session, by, events, chance)
            await connection.executemany(INSERT_EVENT, [event_values(event) for event in record])
            await connection.execute(
                "UPDATE sessions SET last_seq = $2, last_values = $3 WHERE id = $1",
                session.id, events, folded(record).as_json(),
            )  # fmt: skip
    finally:
        await connection.close()
        await storage.close()


def a_session(school_id: UUID, trainer_id: UUID, title: str) -> Session:
    now = clock.now() - timedelta(hours=1)
    return Session(
        id=uuid4(), code=draw_code(), title=title, trainee_name=None, trainer_id=trainer_id, school_id=school_id,
        template_id=None, created_at=now, updated_at=now, expires_at=now + timedelta(hours=8), last_values=START_VALUES,
    )  # fmt: skip


def a_record(session: Session, by: Author, events: int, chance: random.Random) -> Sequence[Event]:
    def event(seq: int, at: datetime) -> Event:
        patch = VitalsPatch({"heart_rate": chance.randint(40, 180), "spo2": chance.randint(70, 100)})
        return Event(uuid4(), session.id, seq, at, at, by, VitalsPushed(patch))

    return [event(seq, session.created_at + timedelta(milliseconds=1500 * seq)) for seq in range(1, events + 1)]


def folded(record: Sequence[Event]) -> Any:
    last = START_VALUES
    for event in record:
        after = fold_fact(last, event.fact, event.created_at)
        if isinstance(after, InvalidFields):
            raise RuntimeError(f"a push that cannot be: {after}")
        last = after
    return last
