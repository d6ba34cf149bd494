"""What hall servers send of score sheets, own words and edits of moments, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server.domain.hall_annotations import NO_AUTHOR, NothingNew, is_forgotten, refuse_annotation
from server.domain.hall_beside import (
    NO_SEAT,
    Beside,
    BesideType,
    KnownBeside,
    beside_type,
    judge_hall_beside,
    refuse_taken_over,
)
from server.domain.halls import Hall
from server.domain.judging import Rejected
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.session import Session
from server.storage.postgres.database import Database
from server.storage.postgres.hall_annotations import AUTHORS, HOLD_SESSIONS
from server.storage.postgres.moments import MOMENT_COLUMNS, moment_edit_from, moment_edit_values
from server.storage.postgres.reflections import REFLECTION_COLUMNS, reflection_from, reflection_values
from server.storage.postgres.rows import plain_uuid, session_from
from server.storage.postgres.scores import SHEET_COLUMNS, sheet_from, sheet_values

if TYPE_CHECKING:
    import asyncpg

    from server.storage.postgres.database import Connection

_SEATS = "SELECT id, session_id FROM seats WHERE id = ANY($1)"


@dataclass(frozen=True, slots=True)
class BesideTable:
    name: str
    columns: Sequence[str]
    values: Callable[[Any], tuple[object, ...]]
    """Of the columns; the id is the first of both."""
    read: Callable[[asyncpg.Record], Beside]
    found_by: str = "id = $1"

    @property
    def find(self) -> str:
        return f"SELECT * FROM {self.name} WHERE {self.found_by} FOR NO KEY UPDATE"  # noqa: S608 - constants

    @property
    def add(self) -> str:
        """Nothing comes back where somebody here was faster."""
        names = ", ".join((*self.columns, "hall_version"))
        places = ", ".join(f"${place}" for place in range(1, len(self.columns) + 2))
        return f"INSERT INTO {self.name} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING RETURNING true"  # noqa: S608 - constants

    @property
    def write(self) -> str:
        names = (*self.columns[1:], "hall_version")
        changes = ", ".join(f"{name} = ${place}" for place, name in enumerate(names, 2))
        return f"UPDATE {self.name} SET {changes} WHERE id = $1"  # noqa: S608 - constants


TABLES: Mapping[BesideType, BesideTable] = {
    "SCORE_SHEET": BesideTable("score_sheets", SHEET_COLUMNS, sheet_values, sheet_from),
    "MOMENT": BesideTable("moment_edits", MOMENT_COLUMNS, moment_edit_values, moment_edit_from),
    # A seat has one, whatever its id.
    "REFLECTION": BesideTable(
        "reflections",
        REFLECTION_COLUMNS,
        reflection_values,
        reflection_from,
        "id = $1 OR (session_id = $2 AND author_hash = $3)",
    ),
}


@dataclass(frozen=True, slots=True)
class _Around:
    """What is here of what these rows name."""

    sessions: Mapping[UUID, Session]
    authors: Collection[UUID]
    seats: Mapping[UUID, UUID]

    def refuse(self, row: Beside) -> Rejected | None:
        match row:
            case ScoreSheet() if row.by.id not in self.authors:
                return NO_AUTHOR
            case Reflection() if row.seat_id is not None and self.seats.get(row.seat_id) != row.session_id:
                return NO_SEAT
            case _:
                return None


async def put_beside(database: Database, hall: Hall, rows: Sequence[Beside]) -> Sequence[Rejected | None]:
    # What another school has under one of these ids is seen, too.
    async with database.every_school.transaction() as connection:
        around = await _around(connection, hall, rows)
        return [await _put(connection, hall, around, each) for each in rows]


async def _around(connection: Connection, hall: Hall, rows: Sequence[Beside]) -> _Around:
    session_ids = list({each.session_id for each in rows})
    author_ids = list({each.by.id for each in rows if isinstance(each, ScoreSheet)})
    seat_ids = list({each.seat_id for each in rows if isinstance(each, Reflection)})
    sessions = [session_from(row) for row in await connection.fetch(HOLD_SESSIONS, session_ids)]
    authors = await connection.fetch(AUTHORS, hall.school_id, author_ids) if author_ids else ()
    seats = await connection.fetch(_SEATS, seat_ids) if seat_ids else ()
    return _Around(
        {session.id: session for session in sessions},
        {plain_uuid(row["id"]) for row in authors},
        {plain_uuid(row["id"]): plain_uuid(row["session_id"]) for row in seats},
    )


async def _put(connection: Connection, hall: Hall, around: _Around, sent: Beside) -> Rejected | None:
    session = around.sessions.get(sent.session_id)
    if refusal := refuse_annotation(session, hall):
        return refusal
    if is_forgotten(session):
        return None
    if refusal := refuse_taken_over(session) or around.refuse(sent):
        return refusal
    table = TABLES[beside_type(sent)]
    while True:
        known = await _known(connection, table, sent)
        judged = judge_hall_beside(known, sent)
        if isinstance(judged, NothingNew):
            return None
        if isinstance(judged, Rejected):
            return judged
        values = (*table.values(judged), judged.version)
        if known is not None:
            await connection.execute(table.write, *values)
            return None
        if await connection.fetchval(table.add, *values):
            return None


async def _known(connection: Connection, table: BesideTable, sent: Beside) -> KnownBeside | None:
    """Of the same place; another one that has its id is told rather, for then it is refused."""
    place = (sent.session_id, sent.author_hash) if isinstance(sent, Reflection) else ()
    rows = await connection.fetch(table.find, sent.id, *place)
    known = [KnownBeside(table.read(row), row["hall_version"]) for row in rows]
    return next((each for each in known if each.row.id == sent.id), known[0] if known else None)
