"""A school from elsewhere, written into PostgreSQL in one transaction: whole, or not at all.

What is there already is compared and never changed. Rows of a new school keep their versions in its log; what is added
to a school that is here already gets new ones, so that no device's cursor passes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID, uuid4

import asyncpg

from server.domain.arrival import Wrong
from server.domain.audit import COMMAND_LINE, AuditEntry, Subject
from server.domain.events import Event
from server.domain.moving import Edited, ExportBegun, Head, MovedSession, MovedTemplate, MovedTrainer, Part, Row
from server.domain.opening import draw_code
from server.domain.people import School
from server.domain.sync import FieldWrite, version_at, written_at_first
from server.domain.timestamps import write_timestamp
from server.ports.importing import AlreadyHere, Clash, Clashes, Clashing, Imported, ImportOutcome, NewCode
from server.storage.postgres.database import CONNECTION_SETTINGS, ConnectionSettings
from server.storage.postgres.import_columns import moved_case_columns, moved_limits_rows
from server.storage.postgres.import_tables import TABLES, Table
from server.storage.postgres.moving import SET_SCHOOL
from server.storage.postgres.rows import plain_moment, plain_uuid
from server.storage.postgres.school_transaction import audit_values, insert_audit
from server.storage.postgres.separate_connection import separate_connection
from server.storage.postgres.session_rows import insert_into

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

# Of lines that wait to be written together; whichever is reached first.
_LINES_AT_ONCE = 500
_BYTES_AT_ONCE = 4 * 1024 * 1024

# Whoever imports the same school waits here, and finds it.
_LOCK_SCHOOL = "SELECT pg_advisory_xact_lock(hashtextextended('import ' || $1, 0))"
# Nobody else edits in the school until this is over.
_HOLD_HEAD = """
INSERT INTO sync_head AS head (school_id, version) VALUES ($1, 0)
ON CONFLICT (school_id) DO UPDATE SET version = head.version
"""
_TAKE_VERSIONS = """
UPDATE sync_head SET version = greatest(version + $2, $3), previous = version WHERE school_id = $1 RETURNING version
"""
_ADD_SCHOOL = """
INSERT INTO schools (id, name, created_at, updated_at, names_months, records_months, retention_begins_at)
VALUES ($1, $2, $3, $3, $4, $5, $6)
"""
_SET_HEAD = "INSERT INTO sync_head (school_id, version, previous) VALUES ($1, $2, $2)"
_IMPORTED_AT = """
SELECT at FROM audit WHERE school_id = $1 AND action = 'imported' AND details ->> 'sha256' = $2 ORDER BY at LIMIT 1
"""
_EMAILS = "SELECT id, email, name, school_id FROM trainers WHERE email = ANY($1)"
_CODES = "SELECT code FROM sessions WHERE code = ANY($1)"

# What becomes of the lines behind a session's own: they are added with it, compared, or left.
_Fate = Literal["added", "compared", "left"]


@dataclass(frozen=True, slots=True)
class _Waiting:
    number: int
    part: Any


@asynccontextmanager
async def importing_school(
    url: str, now: datetime, *, settings: ConnectionSettings = CONNECTION_SETTINGS
) -> AsyncGenerator[SchoolImport]:
    """Leaving the block without `finish` undoes everything, and so does the end of this process."""
    async with separate_connection(url, settings) as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield SchoolImport(connection, transaction, now)


class SchoolImport:
    """Takes the parts of one file in their order, each with the number of its line."""

    def __init__(self, connection: Connection, transaction: Any, now: datetime) -> None:
        self._connection = connection
        self._transaction = transaction
        self._now = now
        self._beginning = ExportBegun(now, "")
        self._school = School(UUID(int=0), "", now)
        self._is_new = True
        self._head = 0
        self._waiting: dict[type, list[_Waiting]] = {}
        self._lines_waiting = self._bytes_waiting = 0
        self._fates: dict[UUID, _Fate] = {}
        self._added = Counter[str]()
        self._clashes = Clashes()
        self._codes: list[NewCode] = []

    async def take(self, part: Part, number: int, size: int) -> Wrong | None:
        """Wrong: what no rule of ours found, and the database refuses. Nothing may be taken afterwards."""
        match part:
            case ExportBegun():
                self._beginning = part
            case School():
                await self._begin(part, number)
            case Head():
                self._head = part.version
            case _:
                self._waiting.setdefault(type(part), []).append(_Waiting(number, part))
                self._lines_waiting += 1
                self._bytes_waiting += size
        if self._lines_waiting < _LINES_AT_ONCE and self._bytes_waiting < _BYTES_AT_ONCE:
            return None
        return await self._write()

    async def finish(self, sha256: str, *, keeps_here: bool) -> ImportOutcome | Wrong:
        """`sha256`: of the file without its first line. `keeps_here`: what differs stays as it is here."""
        if wrong := await self._write():
            return wrong
        imported_at = await self._connection.fetchval(_IMPORTED_AT, self._school.id, sha256)
        if imported_at is not None:
            return AlreadyHere(plain_moment(cast(datetime, imported_at)))
        if self._clashes.count and not (self._clashes.can_stay and keeps_here):
            return Clashing(self._clashes)
        if not self._is_new and not self._added:
            return AlreadyHere(None, self._clashes)
        if self._is_new and self._head:
            await self._connection.execute(_SET_HEAD, self._school.id, self._head)
        await self._connection.execute(insert_audit(), *audit_values(self._entry(sha256)))
        await self._transaction.commit()
        return Imported(dict(self._added), self._is_new, self._codes, self._clashes)

    def _entry(self, sha256: str) -> AuditEntry:
        details = {
            "exported_at": write_timestamp(self._beginning.exported_at),
            "server": self._beginning.server,
            "sha256": sha256,
            "added": dict(self._added),
        }
        subject = Subject("school", self._school.id)
        return AuditEntry(uuid4(), self._school.id, self._now, COMMAND_LINE, "imported", subject, details)

    async def _begin(self, school: School, number: int) -> None:
        await self._connection.execute(SET_SCHOOL, str(school.id))
        await self._connection.execute(_LOCK_SCHOOL, str(school.id))
        row = await self._connection.fetchrow("SELECT name FROM schools WHERE id = $1", school.id)
        self._school, self._is_new = school, row is None
        if row is None:
            kept = school.retention
            months = (kept.names_months, kept.records_months, kept.begins_at)
            await self._connection.execute(_ADD_SCHOOL, school.id, school.name, school.created_at, *months)
            return
        await self._connection.execute(_HOLD_HEAD, school.id)
        if row["name"] != school.name:
            sentence = f"the school {school.id} is called «{school.name}» in the file, «{row['name']}» here"
            self._clashes.add(Clash(number, sentence, can_stay=True))

    async def _write(self) -> Wrong | None:
        waiting, self._waiting = self._waiting, {}
        self._lines_waiting = self._bytes_waiting = 0
        for type, table in TABLES.items():
            lines = waiting.get(type, ())
            if lines:
                try:
                    await self._write_table(table, lines)
                except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as refusal:
                    upto = "" if len(lines) == 1 else f" (or one up to line {lines[-1].number})"
                    return Wrong(lines[0].number, f"{upto} cannot be stored: {refusal}".strip())
        # Lines of the last session may still come.
        self._fates = dict(list(self._fates.items())[-1:])
        return None

    async def _write_table(self, table: Table[Any], lines: Sequence[_Waiting]) -> None:
        fresh = await self._fresh(table, lines)
        if table.type == "trainer":
            fresh = await self._without_taken_emails(fresh)
        elif table.type == "session":
            fresh = await self._with_free_codes(fresh)
        if not self._is_new and table.type in ("trainer", "template", "session"):
            fresh = await self._with_new_versions(fresh)
        if not fresh:
            return
        rows = [table.columns(line.part, self._beginning.exported_at) for line in fresh]
        await self._insert(table.name, rows)
        if table.type == "session":
            cases = [moved_case_columns(line.part) for line in fresh]
            await self._insert("session_cases", [case for case in cases if case is not None])
            await self._insert("session_limits", [row for line in fresh for row in moved_limits_rows(line.part)])
        self._added[table.type] += len(fresh)

    async def _insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            await self._connection.executemany(insert_into(table, rows[0]), [tuple(row.values()) for row in rows])

    async def _fresh(self, table: Table[Any], lines: Sequence[_Waiting]) -> list[_Waiting]:
        """Those that are not here yet; what differs from what is here goes to the clashes."""
        here = await self._here(table, lines)
        fresh: list[_Waiting] = []
        for line in lines:
            fate = self._fate_of(line.part)
            if fate == "left":
                continue
            known = here.get(table.key(line.part))
            clash = self._judge(table, line, known, fate)
            if isinstance(line.part, MovedSession):
                self._fates[line.part.session.id] = "left" if clash else "added" if known is None else "compared"
            if clash is not None:
                self._clashes.add(clash)
            elif known is None:
                fresh.append(line)
        return fresh

    async def _here(self, table: Table[Any], lines: Sequence[_Waiting]) -> dict[object, Any]:
        keys = [table.key(line.part) for line in lines]
        values = (keys, self._school.id) if "$2" in table.find else (keys,)
        rows = [table.read(row) for row in await self._connection.fetch(table.find, *values)]
        return {table.key(row): row for row in rows}

    def _judge(self, table: Table[Any], line: _Waiting, here: Any, fate: _Fate) -> Clash | None:
        what = f"the {table.type} {table.called(line.part)}"
        if here is None:
            if fate == "compared" and isinstance(line.part, Event):
                return Clash(line.number, f"{what} is not in the record that is here", can_stay=True)
            return None
        owner = table.owner(here)
        if owner != table.owner(line.part) or (fate == "added" and owner != self._school.id) or self._is_new:
            return Clash(line.number, f"{what}: this id has another one here already, {table.called(here)} of {owner}")
        differences = table.differences(line.part, here)
        if not differences:
            return None
        return Clash(line.number, f"{what} is another one here: {'; '.join(differences)}", can_stay=True)

    def _fate_of(self, part: Row) -> _Fate:
        """That of its session; what belongs to none is compared."""
        session_id = getattr(part, "session_id", None) or getattr(getattr(part, "seat", None), "session_id", None)
        return "compared" if session_id is None else self._fates.get(session_id, "compared")

    async def _without_taken_emails(self, lines: Sequence[_Waiting]) -> list[_Waiting]:
        emails = [cast(MovedTrainer, line.part).trainer.email for line in lines]
        taken = {row["email"]: row for row in await self._connection.fetch(_EMAILS, emails)}
        free: list[_Waiting] = []
        for line in lines:
            trainer = cast(MovedTrainer, line.part).trainer
            if (row := taken.get(trainer.email)) is None:
                free.append(line)
                continue
            other = f"{row['name']} ({plain_uuid(row['id'])}) of school {plain_uuid(row['school_id'])}"
            sentence = (
                f"the address {trainer.email} is that of {trainer.name} ({trainer.id}) in the file, of {other} here"
            )
            self._clashes.add(Clash(line.number, sentence))
        return free

    async def _with_free_codes(self, lines: Sequence[_Waiting]) -> list[_Waiting]:
        taken = await self._taken_codes([cast(MovedSession, line.part).session.code for line in lines])
        free: list[_Waiting] = []
        for line in lines:
            moved = cast(MovedSession, line.part)
            code = moved.session.code
            if code in taken:
                while await self._taken_codes([code := draw_code()]) or code in taken:
                    pass
                self._codes.append(NewCode(moved.session.title, moved.session.code, code))
                line = replace(line, part=replace(moved, session=replace(moved.session, code=code)))
            taken.add(code)
            free.append(line)
        return free

    async def _taken_codes(self, codes: Collection[str]) -> set[str]:
        return {row["code"] for row in await self._connection.fetch(_CODES, list(codes))}

    async def _with_new_versions(self, lines: Sequence[_Waiting]) -> list[_Waiting]:
        if not lines:
            return []
        last: Any = await self._connection.fetchval(_TAKE_VERSIONS, self._school.id, len(lines), version_at(self._now))
        versions = range(last - len(lines) + 1, last + 1)
        return [
            replace(line, part=_at_version(cast(MovedTrainer | MovedTemplate | MovedSession, line.part), version))
            for line, version in zip(lines, versions, strict=True)
        ]


def _at_version(
    part: MovedTrainer | MovedTemplate | MovedSession, version: int
) -> MovedTrainer | MovedTemplate | MovedSession:
    return replace(part, edited=Edited(version, version, written_at_first(FieldWrite(version))))
