"""The transaction in which something of a school is edited: the log's head first, and all or nothing.

The head is one row a school, in sync_head. Every edit takes it before anything else, so the order of the versions is
the order of commits, and what is judged under it nobody else is editing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast, get_args
from uuid import UUID

import asyncpg
import orjson

from server.domain.audit import AuditEntry
from server.domain.outcomes import Refusal
from server.domain.sync import FieldWrite, version_at
from server.json_text import write_json
from server.ports.slices import Slices
from server.storage.postgres.database import Database

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

Outcome = TypeVar("Outcome")

_REFUSALS = get_args(Refusal)

# $2 is how many versions are taken; the last is answered. The school is set for this transaction alone: the policies of
# the tables, which let a query that forgets its school read nothing, ask for it. So is how long the head, or any other
# lock, is waited for.
_TAKE_HEAD = """
INSERT INTO sync_head AS head (school_id, version)
SELECT $1, greatest($2::bigint, $3::bigint)
FROM set_config('shiller.school', $4, true) AS school,
     set_config('lock_timeout', coalesce($5, current_setting('lock_timeout')), true) AS patience
ON CONFLICT (school_id) DO UPDATE SET version = greatest(head.version + $2, $3), previous = head.version
RETURNING version, previous
"""
_AUDIT_COLUMNS = "id, school_id, at, by_id, by_name, action, subject_type, subject_id, details"
_AUDIT_VALUES = len(_AUDIT_COLUMNS.split(", "))


class SchoolTransactions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def change(
        self,
        school_id: UUID,
        now: datetime,
        work: Callable[[SchoolChange], Awaitable[Outcome]],
        versions: int = 1,
        patience_seconds: float | None = None,
    ) -> Outcome:
        """What `work` answers, committed; or rolled back, if it is a refusal or nothing was written.

        Of one school, one at a time: the next waits until this one has ended. A version that is not used is a gap,
        which harms nobody. Raises StorageUnavailable when another keeps it waiting for longer than `patience_seconds`.
        """
        patience = None if patience_seconds is None else f"{patience_seconds * 1000:.0f}ms"

        async def transact(connection: Connection) -> tuple[Outcome, bool]:
            taken = (school_id, versions, version_at(now), str(school_id), patience)
            head = await connection.fetchrow(_TAKE_HEAD, *taken)
            assert head is not None  # noqa: S101 - an upsert without a condition answers its row
            last = cast(int, head["version"])
            change = SchoolChange(connection, school_id, range(last - versions + 1, last + 1), head["previous"])
            outcome = await work(change)
            return outcome, change.has_written and not isinstance(outcome, _REFUSALS)

        try:
            return await self._database.transact(transact)
        except asyncpg.UniqueViolationError as error:
            if str(error.constraint_name).endswith("_by_sync_version"):
                raise AssertionError("a version of the school's log was given twice") from error
            raise


class SchoolChange:
    def __init__(self, connection: Connection, school_id: UUID, versions: Sequence[int], newest: int) -> None:
        """`newest` was the school's newest version before."""
        self._connection = connection
        self._school_id = school_id
        self.versions = versions
        self.newest = newest
        self.has_written = False

    @property
    def write(self) -> FieldWrite:
        """What an edit of one row writes."""
        return FieldWrite(self.versions[0])

    async def fetch(self, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        return await self._connection.fetch(sql, *values)

    async def fetchrow(self, sql: str, *values: object) -> asyncpg.Record | None:
        return await self._connection.fetchrow(sql, *values)

    @asynccontextmanager
    async def everywhere(self) -> AsyncGenerator[None]:
        """What other schools have is seen as well: whether an id, an address or a name is taken. Two round trips more.

        An exception that leaves the block has to leave the transaction.
        """
        await self._connection.execute("SET LOCAL shiller.school = 'every'")
        yield
        await self._connection.execute(f"SET LOCAL shiller.school = '{self._school_id}'")

    async def execute(self, sql: str, *values: object) -> None:
        self.has_written = True
        await self._connection.execute(sql, *values)

    async def execute_set(self, sql: str, rows: Iterable[Mapping[str, object]], *values: object) -> None:
        """`rows` are the first value, as an array of JSON; each is asked for and written in slices."""
        slices = Slices()
        texts: list[str] = []
        for row in rows:
            texts.append(write_json(row))
            await slices.breathe()
        await self.execute(sql, orjson.Fragment(f"[{','.join(texts)}]"), *values)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """In two round trips, however many."""
        self.has_written = True
        await self._connection.executemany(sql, rows)

    async def edit(self, entry: AuditEntry, sql: str, *values: object) -> None:
        """An INSERT or UPDATE, and its entry in the audit with the same round trip."""
        await self.execute(_audited(sql, len(values)), *values, *audit_values(entry))


@cache
def _audited(sql: str, values: int) -> str:
    return f"WITH edited AS ({sql} RETURNING true) {insert_audit(values)}"


def insert_audit(values_before: int = 0) -> str:
    places = ", ".join(f"${values_before + number}" for number in range(1, _AUDIT_VALUES + 1))
    return f"INSERT INTO audit ({_AUDIT_COLUMNS}) VALUES ({places})"  # noqa: S608 - only constants are filled in


def audit_values(entry: AuditEntry) -> tuple[object, ...]:
    return (
        entry.id,
        entry.school_id,
        entry.at,
        entry.by.id,
        entry.by.name,
        entry.action,
        entry.subject.type,
        entry.subject.id,
        entry.details,
    )
