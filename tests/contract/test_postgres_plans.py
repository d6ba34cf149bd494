"""No statement of the server reads a whole table, once there is something in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from server.domain.annotations import AnnotationChange
from server.domain.people import Credentials, TrainerChange
from server.domain.record import Recorded
from server.domain.session import SessionChange
from server.ports.results import Seen
from server.storage.postgres.dedicated_connection import PLANNING
from server.storage.postgres.records import (
    APPEND_MANY,
    APPEND_MANY_IF_LOGGED_IN,
    APPEND_ONE,
    APPEND_ONE_IF_LOGGED_IN,
    FIND_EVENTS,
    READ_SESSIONS,
    STANDING_LOGINS,
    append_many_values,
    append_one_values,
)
from tests.support.houses import UNHURRIED, House, furnish, open_postgres, open_session
from tests.support.making import (
    BY,
    NOW,
    a_code,
    a_content,
    a_note,
    a_push,
    a_seat,
    a_span,
    a_template,
    a_trainer,
    an_annotation,
    later,
)
from tests.support.patience import PATIENCE_SECONDS

# 3000 sessions of ten schools with 20 events each, half of them over: as after a few months.
_FILL = """
    INSERT INTO schools (id, name) SELECT gen_random_uuid(), 'school ' || n FROM generate_series(1, 9) AS n;
    INSERT INTO trainers (id, school_id, email, password_hash, name, role, sync_version, first_version)
        SELECT gen_random_uuid(), id, id || '-' || n || '@example.org', 'x', 'x', 'trainer', n, n
        FROM schools, generate_series(1, 100) AS n;
    INSERT INTO session_templates (id, school_id, content, sync_version, first_version)
        SELECT gen_random_uuid(), id, '{}', 100 + n, 100 + n FROM schools, generate_series(1, 100) AS n;
    INSERT INTO trainer_tokens (token_hash, trainer_id, expires_at)
        SELECT sha256((id::text || n)::bytea), id, now() + interval '1 year' FROM trainers, generate_series(1, 3) AS n;
    INSERT INTO sessions (id, school_id, trainer_id, code, title, created_at, expires_at, closed_at, close_reason,
                          last_values, last_seq, limits, sync_version, first_version)
        SELECT gen_random_uuid(), school_id, id, upper(substr(md5(n::text || id), 1, 6)), 'x',
               timestamptz '2026-01-01' + n * interval '1 minute', timestamptz '2027-01-01' + n * interval '1 minute',
               CASE WHEN n % 2 = 0 THEN now() END, CASE WHEN n % 2 = 0 THEN 'closed' END, '{}', 20, '{}',
               200 + n, 200 + n
        FROM (SELECT id, school_id, row_number() OVER () AS n FROM trainers, generate_series(1, 4)) AS many LIMIT 3000
        ON CONFLICT (code) DO NOTHING;
    INSERT INTO session_events (id, session_id, seq, kind, heart_rate, by_role, by_name)
        SELECT gen_random_uuid(), id, seq, 'vitals', 100, 'trainer', 'x' FROM sessions, generate_series(1, 20) AS seq;
    INSERT INTO seats (id, session_id, token_hash, name)
        SELECT gen_random_uuid(), id, sha256((id::text || n)::bytea), 'x' FROM sessions, generate_series(1, 2) AS n;
    INSERT INTO session_limits (session_id, at, limits)
        SELECT id, created_at + n * interval '1 minute', '{}' FROM sessions, generate_series(1, 3) AS n;
    INSERT INTO annotations (id, session_id, school_id, at, kind, text, author_id, author_name)
        SELECT gen_random_uuid(), id, school_id, now(), 'note', 'x', trainer_id, 'x'
        FROM sessions, generate_series(1, 3);
    INSERT INTO attendance (id, seat_id, session_id, joined_at, left_at, seen_at)
        SELECT gen_random_uuid(), id, session_id, joined_at + n * interval '1 minute',
               joined_at + n * interval '1 minute', now() FROM seats, generate_series(1, 3) AS n;
    INSERT INTO audit (id, school_id, at, by_name, action, subject_type, subject_id)
        SELECT gen_random_uuid(), id, now() - n * interval '1 hour', 'x', 'added', 'template', gen_random_uuid()
        FROM schools, generate_series(1, 300) AS n;
    ANALYZE;
"""

# How often each table was read from end to end.
_SCANS = "SELECT relname, seq_scan FROM pg_stat_user_tables"


@pytest.fixture
async def filled(database_url: str) -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(database_url)
    await connection.execute(_FILL)
    yield connection
    await connection.close()


async def test_no_method_of_daily_work_reads_a_whole_table(
    filled: asyncpg.Connection[asyncpg.Record], database_url: str
) -> None:
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        house = await furnish(storage)
        template = a_template(house.school)
        await storage.templates.add_template(template, BY)
        session = await open_session(storage, house.trainer)
    before = await _scans(filled)

    async with open_postgres(database_url, live=UNHURRIED) as storage:
        accounts, sessions, templates = storage.accounts, storage.sessions, storage.templates
        annotations, attendance = storage.annotations, storage.attendance
        school_id, trainer = house.school.id, house.trainer
        await accounts.find_school(school_id)
        await accounts.add_trainer(a_trainer(house.school), "x", BY)
        await accounts.find_trainer(school_id, trainer.id)
        await accounts.find_credentials(trainer.email)
        await accounts.list_trainers(school_id, 50, None)
        await accounts.change_trainer(school_id, trainer.id, TrainerChange(name="x", role="observer"), None, BY, NOW)
        assert await accounts.add_token(Credentials(trainer, "hash"), b"one", NOW, later(60))
        await accounts.find_access(b"one", NOW)
        await accounts.live_tokens([b"one", b"two", b"three"], NOW)
        await accounts.delete_expired_tokens(NOW)
        await accounts.delete_token(b"one")
        await accounts.delete_trainer(school_id, trainer.id, None, BY, NOW)
        await templates.find_template(school_id, template.id)
        await templates.list_templates(school_id, 50, None)
        await templates.change_template(school_id, template.id, a_content("Sepsis, again"), None, BY, NOW)
        await storage.sync.log_after(school_id, 0, 50)
        page = await storage.audit.list_entries(school_id, 5, None)
        await storage.audit.list_entries(school_id, 5, page.next)
        await templates.delete_template(school_id, template.id, None, BY, NOW)
        await open_session(storage, house.colleague)
        await sessions.find_session(session.id)
        await sessions.find_session_by_code(a_code())
        await sessions.find_sent_to(session.id)
        for status in ("open", "ended", "all"):
            page = await sessions.list_sessions(school_id, status, 50, None, NOW)
            await sessions.list_sessions(school_id, status, 50, page.next, NOW)
        for draft in (a_push(house.admin), a_note(house.admin)):
            assert isinstance(await sessions.append_event(session.id, house.admin, draft, later(1)), Recorded)
        change = SessionChange(title="x", limits={"spo2": {"low": 85, "high": None}})
        await sessions.change_session(session.id, house.admin, change, None, later(1))
        assert len(await sessions.limits_since(session.id)) == 2
        await sessions.events_after(session.id, 0, 1000)
        seat = a_seat(session)
        await sessions.add_seat(seat, b"seat")
        await sessions.take_seat(a_seat(session), b"first", 1000)
        await sessions.take_seat(a_seat(session), b"second", 1000)
        await sessions.find_seat(b"seat")
        await sessions.rename_seat(seat, "x")
        await sessions.list_seats(session.id)
        await sessions.removed_among([seat.id, uuid4()])
        await sessions.remove_seat(session.id, seat.id, NOW)
        note = an_annotation(session, house.admin)
        await annotations.add_annotation(note)
        await annotations.add_annotation(note)
        await annotations.list_annotations(session.id, 50, None)
        await annotations.change_annotation(session, note.id, house.admin, AnnotationChange(text="x"), None, NOW)
        await annotations.delete_annotation(session, note.id, house.admin, None, NOW)
        spans = [a_span(seat), a_span(seat, NOW, later(1))]
        await attendance.put_spans(spans, NOW)
        await attendance.put_spans(spans, NOW)
        await attendance.attendance_of(session.id)
        await attendance.close_abandoned(later(1))
        await sessions.next_expiry()
        await sessions.moved_among({session.id: Seen(0, 0), uuid4(): Seen(0, 0)})
        assert len(await sessions.expire_due(later(3600), 100)) == 2
        await sessions.end_session(session.id, house.admin, uuid4(), NOW)

    after = await _scans(filled)
    # Ten schools fit on one page, which no index can beat.
    read_whole = {table for table, times in after.items() if times > before[table]} - {"schools", "sync_head"}
    assert read_whole == set()


async def _scans(connection: asyncpg.Connection[asyncpg.Record]) -> dict[str, int]:
    """Once everybody else has left: a connection tells what it did when it ends."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ):
            await asyncio.sleep(0.01)
    # A backend counts for itself and tells it a while later; this one is asked to tell it now.
    await connection.execute("SELECT pg_stat_force_next_flush()")
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    return {row["relname"]: row["seq_scan"] for row in await connection.fetch(_SCANS)}


async def test_pushes_find_their_rows_by_index(filled: asyncpg.Connection[asyncpg.Record], database_url: str) -> None:
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        house: House = await furnish(storage)
        chains: list[list[Recorded]] = []
        for _ in range(20):
            session = await open_session(storage, house.trainer)
            chains.append([])
            for second in (1, 2):
                draft = a_push(house.trainer)
                outcome = await storage.sessions.append_event(session.id, house.trainer, draft, later(second))
                assert isinstance(outcome, Recorded)
                chains[-1].append(outcome)
    # As the journal asks: planned once, for groups of any size.
    for name, value in PLANNING.items():
        await filled.execute(f"SET {name} = {value}")
    for sql, values in (
        (APPEND_ONE, append_one_values(chains[0][1])),
        (APPEND_MANY, append_many_values(chains)),
        (APPEND_MANY, append_many_values(chains[:1])),
        (APPEND_ONE_IF_LOGGED_IN, (*append_one_values(chains[0][1]), b"token")),
        (APPEND_MANY_IF_LOGGED_IN, append_many_values(chains, {chain[0].session.id: [b"token"] for chain in chains})),
        (STANDING_LOGINS, ([b"token"] * 20,)),
        (READ_SESSIONS, ([uuid4()] * 20,)),
        (FIND_EVENTS, ([uuid4()] * 20,)),
    ):
        scans = {
            (node["Node Type"], node.get("Relation Name"))
            for node in _nodes(await _plan(filled, sql, *values))
            if "Scan" in node["Node Type"]
        }
        read = {relation for _, relation in scans} & {"sessions", "session_events", "trainer_tokens"}
        assert read, scans
        assert not any(kind == "Seq Scan" for kind, _ in scans), scans
        assert read <= {relation for kind, relation in scans if kind.startswith(("Index", "Bitmap Heap"))}, scans


async def test_groups_find_their_rows_by_index_in_a_database_that_was_empty(database_url: str) -> None:
    """Their statement is planned once, before anything tells how large the tables will be."""
    sessions, idle, rounds = 40, 160, 10
    connection = await asyncpg.connect(database_url)
    try:
        async with open_postgres(database_url, live=UNHURRIED) as storage:
            house = await furnish(storage)
            opened = [await open_session(storage, house.trainer) for _ in range(sessions + idle)][:sessions]
        before, read_before = await _scans(connection), await _rows_read(connection)
        async with open_postgres(database_url, live=UNHURRIED) as storage:
            for second in range(rounds):
                pushes = (
                    storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(second))
                    for session in opened
                )
                assert all(isinstance(outcome, Recorded) for outcome in await asyncio.gather(*pushes))
        after, read = await _scans(connection), await _rows_read(connection)
    finally:
        await connection.close()
    assert {table: after[table] - before[table] for table in ("sessions", "session_events")} == {
        "sessions": 0,
        "session_events": 0,
    }
    # The session's row: to know it first, to lock it, to move it, and for the foreign key of its event.
    assert read - read_before <= 4 * sessions * rounds


async def _rows_read(connection: asyncpg.Connection[asyncpg.Record]) -> int:
    """By any index of the two tables; `_scans` has waited for everybody's counts."""
    return await connection.fetchval(
        "SELECT sum(idx_tup_fetch)::int FROM pg_stat_user_indexes WHERE relname IN ('sessions', 'session_events')"
    )


async def _plan(connection: asyncpg.Connection[asyncpg.Record], sql: str, *values: object) -> dict[str, Any]:
    """That of the prepared statement, as it is run from then on."""
    plain = [_plain(value) for value in values]
    await connection.execute(f"PREPARE planned AS {sql}")
    try:
        literals = [await connection.fetchval("SELECT quote_nullable($1::text)", each) for each in plain]
        written = await connection.fetchval(f"EXPLAIN (FORMAT json) EXECUTE planned({', '.join(literals)})")
    finally:
        await connection.execute("DEALLOCATE planned")
    return json.loads(written)[0]["Plan"]


def _plain(value: object) -> str | None:
    """As PostgreSQL reads it from a text."""
    match value:
        case None:
            return None
        case dict():
            return json.dumps(value)
        case list() | tuple():
            quoted = ("NULL" if each is None else '"' + _escaped(_plain(each)) + '"' for each in value)
            return "{" + ",".join(quoted) + "}"
        case _:
            return str(value)


def _escaped(text: str | None) -> str:
    return (text or "").replace("\\", "\\\\").replace('"', '\\"')


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


async def test_pushes_rewrite_the_session_in_place(database_url: str) -> None:
    """Its row is the hottest of all; an update that has to touch every index would show under load."""
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        house = await furnish(storage)
        session = await open_session(storage, house.trainer)
        for number in range(50):
            await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(number))
    connection = await asyncpg.connect(database_url)
    try:
        await _scans(connection)
        row = await connection.fetchrow(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'sessions'"
        )
        assert row is not None
        assert row["n_tup_upd"] == 50
        # While a transaction that writes is open anywhere on the server, as in another test, old versions stay: eight
        # fill a page, and the next has to go to a new one. With nobody else it is fifty.
        assert row["n_tup_hot_upd"] >= 42
    finally:
        await connection.close()


async def test_expiry_does_not_wait_for_a_session_that_somebody_holds(database_url: str) -> None:
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        house = await furnish(storage)
        held = await open_session(storage, house.trainer, expires_at=later(1))
        free = await open_session(storage, house.trainer, expires_at=later(2))
        holder = await asyncpg.connect(database_url)
        try:
            async with holder.transaction():
                await holder.execute("SELECT FROM sessions WHERE id = $1 FOR NO KEY UPDATE", held.id)
                async with asyncio.timeout(PATIENCE_SECONDS):
                    ended = await storage.sessions.expire_due(later(3), 10)
                assert [each.session.id for each in ended] == [free.id]
        finally:
            await holder.close()
        assert [each.session.id for each in await storage.sessions.expire_due(later(3), 10)] == [held.id]


async def test_another_schools_edits_are_not_waited_for(database_url: str) -> None:
    """The sync log has one order a school; a school that is busy holds up no other."""
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        busy, idle = await furnish(storage, "busy"), await furnish(storage, "idle")
        holder = await asyncpg.connect(database_url)
        try:
            async with holder.transaction():
                await holder.execute("UPDATE sync_head SET version = version + 1 WHERE school_id = $1", busy.school.id)
                async with asyncio.timeout(PATIENCE_SECONDS):
                    session = await open_session(storage, idle.trainer)
                    pushed = await storage.sessions.append_event(
                        session.id, idle.trainer, a_push(idle.trainer), later(1)
                    )
                assert isinstance(pushed, Recorded)
        finally:
            await holder.close()
