"""How sessions end in PostgreSQL: closed by hand, or because their time is up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID, uuid4

import asyncpg

from server.domain.audit import author_of, entry_of_edit
from server.domain.events import SYSTEM, Author
from server.domain.outcomes import Forbidden, NotFound, NotHome
from server.domain.people import Trainer
from server.domain.permissions import NO_SESSION
from server.domain.record import Recorded, end, judge_end, judge_end_with_case
from server.domain.session import CLOSED, Session
from server.domain.sync import FieldWrite, written_after, written_as_json
from server.domain.timestamps import to_milliseconds
from server.live.journal import Journal
from server.live.known_sessions import KnownSessions
from server.live.late_storage import LateStorage
from server.live.late_writes import LateWrites
from server.ports.results import StorageUnavailable
from server.storage.postgres.database import Database
from server.storage.postgres.rows import INSERT_EVENT, SESSION_COLUMNS, event_values, session_from, written_from
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions
from server.storage.postgres.session_reads import LOCK_SESSION, PostgresSessionReads

Refused = TypeVar("Refused", NotFound | Forbidden | NotHome, NotHome)

# Somebody's edit takes milliseconds; whoever takes longer is waited for by the next round.
HEAD_PATIENCE_SECONDS = 0.25

_END = """
UPDATE sessions
SET closed_at = $2, close_reason = $3, last_seq = $4, updated_at = $5, version = $6, sync_version = $7, written = $8
WHERE id = $1
"""


class PostgresSessionEnds(PostgresSessionReads):
    def __init__(
        self,
        database: Database,
        schools: SchoolTransactions,
        journal: Journal,
        known_sessions: KnownSessions,
        late: LateStorage,
        writes: LateWrites,
    ) -> None:
        super().__init__(database, known_sessions, late, writes)
        self._schools = schools
        self._journal = journal
        self._held_schools = frozenset[UUID]()
        """Those whose head somebody else held when something of theirs was to be ended: they come last."""

    async def end_session(
        self, session_id: UUID, trainer: Trainer, event_id: UUID, now: datetime, by: Author | None = None
    ) -> Recorded | Session | NotFound | Forbidden | NotHome:
        def judge(session: Session) -> Recorded | Session | NotFound | Forbidden | NotHome:
            return judge_end(session, trainer, event_id, now)

        return await self._end(trainer.school_id, session_id, judge, by or author_of(trainer), now)

    async def end_with_case(
        self, session: Session, event_id: UUID, by: Author, now: datetime
    ) -> Recorded | Session | NotFound | NotHome:
        def judge(stored: Session) -> Recorded | Session | NotHome:
            return judge_end_with_case(stored, event_id, now)

        return await self._end(session.school_id, session.id, judge, by, now)

    async def _end(
        self,
        school_id: UUID,
        session_id: UUID,
        judge: Callable[[Session], Recorded | Session | Refused],
        by: Author,
        now: datetime,
    ) -> Recorded | Session | NotFound | Refused:
        await self._journal.settled(session_id)

        async def write(school: SchoolChange) -> Recorded | Session | NotFound | Refused:
            row = await school.fetchrow(LOCK_SESSION, session_id)
            if row is None:
                return NO_SESSION
            outcome = judge(session_from(row))
            if isinstance(outcome, Recorded):
                await write_end(school, row, outcome, school.write, by)
            return outcome

        outcome = await self._schools.change(school_id, now, write)
        match outcome:
            case Recorded():
                self._known_sessions.recorded(outcome)
            case Session():
                self._known_sessions.see(outcome)
            case _:
                pass
        return outcome

    async def expire_due(self, now: datetime, limit: int) -> Sequence[Recorded]:
        # What was pushed before the end comes before the end. What cannot be ended yet holds up nothing else.
        waiting = [(each, self._known_sessions.find(each)) for each in self._journal.waiting_sessions()]
        due = [each for each, session in waiting if session is not None and session.expires_at <= now]
        unsettled = await self._journal.unsettled(due)
        schools = await self._database.every_school.fetch(
            """
            SELECT school_id, count(*) AS due FROM sessions
            WHERE closed_at IS NULL AND expires_at <= $1 AND id <> ALL ($2::uuid[]) AND hall_id IS NULL
            GROUP BY school_id
            """,
            now,
            unsettled,
        )
        ended: list[Recorded] = []
        held: list[UUID] = []
        for school in sorted(schools, key=lambda each: each["school_id"] in self._held_schools):
            if (most := min(school["due"], limit - len(ended))) > 0:
                try:
                    ended += await self._expire_due_of(school["school_id"], now, most, unsettled)
                except StorageUnavailable as outage:
                    if not isinstance(outage.__cause__, asyncpg.LockNotAvailableError):
                        raise
                    held.append(school["school_id"])
        self._held_schools = frozenset(held)
        if (unsettled or held) and limit and not ended:
            raise StorageUnavailable(f"{len(unsettled)} sessions and {len(held)} schools cannot be ended yet")
        return ended

    async def _expire_due_of(
        self, school_id: UUID, now: datetime, most: int, unsettled: Collection[UUID]
    ) -> Sequence[Recorded]:
        """A school at a time, its head first: the order in which every other edit takes its locks."""

        async def write(school: SchoolChange) -> Sequence[Recorded]:
            rows = await school.fetch(
                f"""
                SELECT {SESSION_COLUMNS}, written FROM sessions
                WHERE school_id = $1 AND closed_at IS NULL AND expires_at <= $2 AND hall_id IS NULL
                  AND id <> ALL ($4::uuid[])
                ORDER BY expires_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
                """,  # noqa: S608 - only the constant list of columns is filled in
                school_id,
                now,
                most,
                unsettled,
            )
            ended = [end(session_from(row), "expired", SYSTEM, uuid4(), now) for row in rows]
            if ended:
                writes = [FieldWrite(version) for version in school.versions]
                values = zip(rows, ended, writes, strict=False)
                await school.execute_many(_END, [_end_values(*each) for each in values])
                await school.execute_many(INSERT_EVENT, [event_values(recorded.event) for recorded in ended])
            return ended

        ended = await self._schools.change(school_id, now, write, most, patience_seconds=HEAD_PATIENCE_SECONDS)
        for recorded in ended:
            self._known_sessions.recorded(recorded)
        return ended

    async def next_expiry(self, after: datetime | None = None) -> datetime | None:
        moment = await self._database.every_school.fetchval(
            """
            SELECT min(expires_at) FROM sessions
            WHERE closed_at IS NULL AND expires_at > coalesce($1::timestamptz, '-infinity') AND hall_id IS NULL
            """,
            after,
        )
        return None if moment is None else to_milliseconds(cast(datetime, moment))

    async def last_change(self) -> datetime | None:
        moment = await self._database.every_school.fetchval(
            "SELECT max(updated_at) FROM sessions WHERE closed_at IS NULL AND hall IS NULL"
        )
        return None if moment is None else to_milliseconds(cast(datetime, moment))


async def write_end(school: SchoolChange, row: asyncpg.Record, ended: Recorded, write: FieldWrite, by: Author) -> None:
    """`row` is the session as it was; `by` is whom the audit names, unless its time was up."""
    values = _end_values(row, ended, write)
    if ended.session.close_reason == "closed":
        await school.edit(entry_of_edit(uuid4(), "closed", ended.session, by), _END, *values)
    else:
        await school.execute(_END, *values)
    await school.execute(INSERT_EVENT, *event_values(ended.event))


def _end_values(row: asyncpg.Record, recorded: Recorded, write: FieldWrite) -> tuple[object, ...]:
    """Those of _END; `row` is the session as it was."""
    session = recorded.session
    return (
        session.id,
        session.closed_at,
        session.close_reason,
        session.last_seq,
        session.updated_at,
        session.version,
        write.version,
        written_as_json(written_after(written_from(row), CLOSED, write)),
    )
