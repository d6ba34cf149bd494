"""A hall server's link to its central one, and what of each row waits to be sent, in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import asyncpg

from server.domain.devices import EntityType, Key
from server.domain.halls import Waiting
from server.domain.people import School
from server.domain.upstream import CENTRAL, Link, Mark
from server.live.known_logins import KnownLogins
from server.ports.attendance import AttendanceStore
from server.ports.results import StorageUnavailable
from server.ports.slices import Slices, Turn
from server.ports.sync import ClientRefused, Held, Judgement, SyncCall, Synced
from server.ports.upstream import (
    REFUSED_FOR_SECONDS,
    BesideRecord,
    BesideRecordType,
    JudgeTold,
    RefusedRow,
    SessionMark,
    SessionPut,
    Taking,
    WaitingSession,
    WaitingTemplate,
)
from server.storage.postgres.connecting import connect
from server.storage.postgres.database import ConnectionSettings, Database, prepare
from server.storage.postgres.hall_beside import TABLES
from server.storage.postgres.refusals import at_the_door, outages
from server.storage.postgres.rows import (
    LIMITS_SINCE,
    SESSION_COLUMNS,
    annotation_from,
    case_from,
    limits_since_from,
    plain_moment,
    plain_uuid,
    school_from,
    session_from,
)
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions
from server.storage.postgres.sync_rows import row_from
from server.storage.postgres.sync_taking import take
from server.storage.postgres.upstream_rows import link_from, link_values, mark_from, mark_values
from server.storage.postgres.upstream_sql import (
    END_LOGINS,
    FORGET_HASHES,
    FORGET_MARKS,
    KEEP,
    MARK_BESIDE,
    MARK_ROWS,
    MARK_SESSIONS,
    REFUSE,
    UNNAMED,
    WAITING,
    WAITING_BESIDE,
    WAITING_SESSIONS,
    WAITING_TEMPLATES,
)

# Any constant will do, as long as every Shiller uses the same one.
TURN_LOCK = 7_411_960_227
_TURN_LOST = "the connection that held the turn of this hall is lost: another process may have it by now"


class PostgresUpstream:
    """A hall has one school, and what it keeps of its central server belongs to none."""

    def __init__(
        self,
        url: str,
        connections: ConnectionSettings,
        database: Database,
        schools: SchoolTransactions,
        known_logins: KnownLogins,
        attendance: AttendanceStore,
    ) -> None:
        self._url = url
        self._connections = connections
        self._database = database
        self._schools = schools
        self._known_logins = known_logins
        self._attendance = attendance

    @asynccontextmanager
    async def turn(self, *, waits: bool) -> AsyncGenerator[bool]:
        # On a line of its own, which is held for as long as the round takes; whoever dies lets go of it.
        with at_the_door:
            connection = await connect(self._url, self._connections.connect_timeout_seconds, {})
        try:
            with outages:
                await prepare(connection)
                if waits:
                    await connection.execute("SELECT pg_advisory_lock($1)", TURN_LOCK)
                    has_it = True
                else:
                    has_it = await connection.fetchval("SELECT pg_try_advisory_lock($1)", TURN_LOCK)
            with _ended_with(connection):
                yield has_it
        finally:
            connection.terminate()

    async def link(self) -> Link | None:
        row = await self._database.every_school.fetchrow("SELECT * FROM upstream")
        return None if row is None else link_from(row)

    async def keep(self, link: Link) -> None:
        await self._database.every_school.execute(KEEP, *link_values(link))

    async def settle(self, link: Link, school: School) -> Link | School:
        async with self._database.every_school.transaction() as connection:
            await connection.execute("LOCK TABLE schools IN SHARE ROW EXCLUSIVE MODE")
            rows = await connection.fetch("SELECT * FROM schools WHERE id <> $1", school.id)
            if rows:
                return school_from(rows[0])
            await connection.execute(
                """
                INSERT INTO schools (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE schools.name <> excluded.name
                """,
                school.id,
                school.name,
                school.created_at,
            )
            settled = replace(link, school_id=school.id)
            await connection.execute(KEEP, *link_values(settled))
            return settled

    async def begin_anew(self, link: Link) -> None:
        async with self._database.every_school.transaction() as connection:
            await connection.execute(KEEP, *link_values(link))
            await connection.execute(FORGET_MARKS)

    async def waiting(self, school_id: UUID, now: datetime) -> Waiting:
        # What was refused is told by itself, and does not wait for anything that comes by itself.
        row = await self._database.every_school.fetchrow(WAITING, school_id, datetime.min.replace(tzinfo=now.tzinfo))
        assert row is not None  # noqa: S101 - a query of totals has a row
        since = None if row["since"] is None else plain_moment(row["since"])
        return Waiting(row["templates"], row["sessions"], row["events"], since, row["annotations"])

    async def waiting_templates(self, school_id: UUID, now: datetime, limit: int) -> Sequence[WaitingTemplate]:
        slices = Slices()
        waiting: list[WaitingTemplate] = []
        for row in await self._database.every_school.fetch(WAITING_TEMPLATES, school_id, _tried_before(now), limit):
            waiting.append(WaitingTemplate(cast(Any, row_from("TEMPLATE", row)), mark_from(row)))
            await slices.breathe()
        return waiting

    async def waiting_sessions(self, school_id: UUID, now: datetime) -> Sequence[WaitingSession]:
        rows = await self._database.every_school.fetch(WAITING_SESSIONS, school_id, _tried_before(now))
        return [
            WaitingSession(
                id=plain_uuid(row["id"]),
                version=row["sync_version"],
                last_seq=row["last_seq"],
                mark=mark_from(row),
                pushed_seq=row["pushed_seq"],
                seats=row["seats"],
                row_waits=row["row_waits"],
            )
            for row in rows
        ]

    async def session_puts(self, session_ids: Sequence[UUID]) -> Mapping[UUID, SessionPut]:
        ids = list(session_ids)
        async with self._database.every_school.snapshot() as connection:
            sessions = await connection.fetch(
                f"SELECT {SESSION_COLUMNS}, {LIMITS_SINCE} FROM sessions WHERE id = ANY($1::uuid[])",  # noqa: S608
                ids,
            )
            cases = await connection.fetch("SELECT * FROM session_cases WHERE session_id = ANY($1::uuid[])", ids)
        case_of = {plain_uuid(row["session_id"]): case_from(row) for row in cases}
        found = [(session_from(row), limits_since_from(row)) for row in sessions]
        return {
            session.id: SessionPut(
                session, case_of.get(session.id), await self._attendance.attendance_of(session.id), limits_since
            )
            for session, limits_since in found
        }

    async def mark_sessions(self, school_id: UUID, epoch: str, marks: Mapping[UUID, SessionMark]) -> None:
        rows = [
            {"id": session_id, "pushed": mark.pushed, "pushed_seq": mark.pushed_seq, "seats": mark.seats}
            for session_id, mark in marks.items()
        ]
        await self._database.every_school.execute(MARK_SESSIONS, rows, school_id, epoch)

    async def waiting_beside(self, school_id: UUID, now: datetime, limit: int) -> Sequence[BesideRecord]:
        for type, waiting in WAITING_BESIDE.items():
            read = annotation_from if type == "ANNOTATION" else TABLES[type].read
            rows = await self._database.every_school.fetch(waiting, school_id, _tried_before(now), limit)
            if rows:
                return [read(row) for row in rows]
        return ()

    async def mark_beside(
        self, school_id: UUID, epoch: str, type: BesideRecordType, versions: Mapping[UUID, int]
    ) -> None:
        rows = [{"id": row_id, "pushed": version} for row_id, version in versions.items()]
        await self._database.every_school.execute(MARK_BESIDE, rows, school_id, epoch, type)

    async def refuse(self, school_id: UUID, refused: Sequence[RefusedRow]) -> None:
        rows = [
            {
                "entity_type": each.type,
                "entity_id": each.entity_id,
                "refused": {
                    "reason": each.reason,
                    "errors": [list(pair) for pair in each.errors],
                    "version": each.version,
                },
                "refused_at": each.at,
            }
            for each in refused
        ]
        await self._database.every_school.execute(REFUSE, rows, school_id)

    async def refusals(self, school_id: UUID) -> Sequence[RefusedRow]:
        rows = await self._database.every_school.fetch(
            "SELECT * FROM upstream_rows WHERE school_id = $1 AND refused IS NOT NULL "
            "ORDER BY refused_at, entity_id LIMIT 200",
            school_id,
        )
        return [
            RefusedRow(
                row["entity_type"],
                plain_uuid(row["entity_id"]),
                row["refused"]["reason"],
                [(field, message) for field, message in row["refused"]["errors"]],
                row["refused"]["version"],
                plain_moment(row["refused_at"]),
            )
            for row in rows
        ]

    async def open_conflicts(self, school_id: UUID) -> int:
        count = await self._database.every_school.fetchval(
            "SELECT count(*) FROM upstream_rows WHERE school_id = $1 AND conflict_id IS NOT NULL", school_id
        )
        return cast(int, count)

    async def take(self, call: SyncCall, link: Link, judge: JudgeTold) -> Synced:
        trainer_ids = [entity_id for kind, entity_id in call.keys if kind == "TRAINER"]
        try:
            return await self._schools.change(
                call.school_id,
                call.now,
                lambda school: _take(school, call, link, judge, trainer_ids),
                versions=max(1, len(call.event_ids)) + len(trainer_ids),
            )
        finally:
            # After a lost answer, too: it may be committed.
            for trainer_id in trainer_ids:
                self._known_logins.forget_trainer(trainer_id)

    async def unnamed(self, school_id: UUID, epoch: str, limit: int) -> Sequence[tuple[Key, Mark]]:
        rows = await self._database.every_school.fetch(UNNAMED, school_id, epoch, limit)
        return [((cast(EntityType, row["type"]), plain_uuid(row["id"])), mark_from(row)) for row in rows]

    async def forget_hashes(self, school_id: UUID, now: datetime) -> Sequence[bytes]:
        async def forget(school: SchoolChange) -> Sequence[bytes]:
            school.has_written = True
            forgotten = await school.fetch(FORGET_HASHES, school_id, school.versions[0], now, CENTRAL)
            ended = await school.fetch(END_LOGINS, school_id, now)
            for row in forgotten:
                self._known_logins.forget_trainer(plain_uuid(row["id"]))
            return [row["token_hash"] for row in ended]

        count = await self._database.every_school.fetchval(
            "SELECT count(*) FROM trainers WHERE school_id = $1 AND password_hash <> ''", school_id
        )
        return await self._schools.change(school_id, now, forget, versions=max(1, cast(int, count)) + 10)


@contextmanager
def _ended_with(connection: asyncpg.Connection[asyncpg.Record]) -> Generator[None]:
    """The block ends with StorageUnavailable as soon as the connection is lost, and with it what it holds."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - only tasks await
    asked_to_end = task.cancelling()
    is_lost, is_over = connection.is_closed(), False

    def end(_: object) -> None:
        nonlocal is_lost
        if not is_over:
            is_lost = True
            task.cancel()

    connection.add_termination_listener(end)
    try:
        if is_lost:
            raise StorageUnavailable(_TURN_LOST)
        yield
    except asyncio.CancelledError:
        # Whoever else wants the task to end gets that.
        if is_lost and task.uncancel() <= asked_to_end:
            raise StorageUnavailable(_TURN_LOST) from None
        raise
    finally:
        is_over = True


async def _take(
    school: SchoolChange, call: SyncCall, link: Link, judge: JudgeTold, trainer_ids: Sequence[UUID]
) -> Synced:
    ids = [entity_id for _, entity_id in call.keys]
    rows = await school.fetch("SELECT * FROM upstream_rows WHERE entity_id = ANY($1::uuid[])", ids)
    marks: dict[Key, Mark] = {(row["entity_type"], plain_uuid(row["entity_id"])): mark_from(row) for row in rows}
    hashes: Mapping[UUID, str] = {}
    if trainer_ids:
        found = await school.fetch(
            "SELECT id, password_hash FROM trainers WHERE id = ANY($1::uuid[])", list(trainer_ids)
        )
        hashes = {plain_uuid(row["id"]): row["password_hash"] for row in found}
    taking: list[Taking] = []

    async def judge_held(held: Held, turn: Turn) -> Judgement:
        taking.append(await judge(held, marks, hashes))
        return taking[-1].judgement

    synced = await take(school, call, judge_held)
    if isinstance(synced, ClientRefused):
        raise AssertionError("nobody's client took it")
    told = taking[-1]
    if told.marks:
        values = [mark_values(key, mark, told.conflicts.get(key)) for key, mark in told.marks.items()]
        await school.execute(MARK_ROWS, values, call.school_id)
    await school.execute(KEEP, *link_values(link))
    return synced


def _tried_before(now: datetime) -> datetime:
    return now - timedelta(seconds=REFUSED_FOR_SECONDS)
