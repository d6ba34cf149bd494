"""Schools, trainers and their tokens in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from server.domain.audit import AuditEntry, author_of, entry_of_edit
from server.domain.events import Author
from server.domain.outcomes import Conflict, NotFound, Unchanged, VersionMismatch
from server.domain.people import (
    EMAIL_TAKEN,
    NO_TRAINER,
    NOT_THE_FIRST,
    Credentials,
    School,
    Trainer,
    TrainerChange,
    changed_trainer_fields,
    ends_logins,
    judge_new_trainer,
    judge_trainer_change,
    judge_trainer_removal,
)
from server.domain.sync import written_after, written_as_json, written_at_first
from server.live.known_logins import KnownLogins
from server.live.late_storage import LateStorage
from server.ports.people import EditedTrainer
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.postgres.database import Database
from server.storage.postgres.logins import PostgresLogins, end_logins
from server.storage.postgres.rows import page_of, school_from, trainer_from, written_from
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions

_ADD_SCHOOL = """
INSERT INTO schools (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3) ON CONFLICT (id) DO NOTHING
"""
# Names are no key. Whoever makes a school waits here until another of the same name is committed, and finds it.
_LOCK_NAME = "SELECT pg_advisory_xact_lock(hashtextextended('school ' || $1, 0))"
# Whoever makes the first account waits here until another who does so is done, and finds it.
_LOCK_FIRST = "SELECT pg_advisory_xact_lock(hashtextextended('the first account', 0))"
_ADD_TRAINER = """
INSERT INTO trainers
    (id, school_id, email, password_hash, name, role, created_at, updated_at, version, sync_version, first_version,
     written)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
"""
# Who else is an admin is true under the school's head, which every such change takes first.
_LOCK = """
SELECT *, EXISTS (
    SELECT FROM trainers AS other
    WHERE other.school_id = $2 AND other.role = 'admin' AND other.deleted_at IS NULL AND other.id <> $1
) AS has_other_admin
FROM trainers WHERE id = $1 AND school_id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE
"""


class PostgresAccounts(PostgresLogins):
    def __init__(
        self, database: Database, schools: SchoolTransactions, known_logins: KnownLogins, late: LateStorage
    ) -> None:
        super().__init__(database, known_logins, late)
        self._schools = schools

    async def add_school(self, school: School) -> School:
        await self._database.of(school.id).execute(_ADD_SCHOOL, school.id, school.name, school.created_at)
        return await self.find_school(school.id) or school

    async def find_school(self, school_id: UUID) -> School | None:
        row = await self._database.of(school_id).fetchrow("SELECT * FROM schools WHERE id = $1", school_id)
        return None if row is None else school_from(row)

    async def list_schools(self) -> Sequence[School]:
        rows = await self._database.every_school.fetch('SELECT * FROM schools ORDER BY name COLLATE "C", id')
        return [school_from(row) for row in rows]

    async def has_accounts(self) -> bool:
        return await self._database.every_school.fetchrow("SELECT FROM trainers LIMIT 1") is not None

    async def add_first_trainer(self, trainer: Trainer, password_hash: str, school: School) -> Trainer | Conflict:
        async def add(change: SchoolChange) -> Trainer | Conflict:
            await change.fetchrow(_LOCK_FIRST)
            async with change.everywhere():
                somebody = await change.fetchrow("SELECT FROM trainers LIMIT 1")
            if somebody is not None:
                return NOT_THE_FIRST
            await change.execute(_ADD_SCHOOL, school.id, school.name, school.created_at)
            entry = entry_of_edit(uuid4(), "added", trainer, author_of(trainer))
            await insert_trainer(change, trainer, password_hash, entry)
            return trainer

        return await self._schools.change(school.id, trainer.updated_at, add)

    async def add_trainer(
        self, trainer: Trainer, password_hash: str, by: Author, new_school: School | None = None
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict | School:
        async def add(school: SchoolChange) -> Added[Trainer] | School:
            if new_school is not None:
                await school.fetchrow(_LOCK_NAME, new_school.name)
                async with school.everywhere():
                    named = await school.fetchrow("SELECT * FROM schools WHERE name = $1 LIMIT 1", new_school.name)
                if named is not None:
                    return school_from(named)
                await school.execute(_ADD_SCHOOL, new_school.id, new_school.name, new_school.created_at)
            await insert_trainer(school, trainer, password_hash, entry_of_edit(uuid4(), "added", trainer, by))
            return Added(trainer)

        try:
            return await self._schools.change(trainer.school_id, trainer.updated_at, add)
        except asyncpg.UniqueViolationError:
            # Either the id or the address is there already.
            row = await self._database.every_school.fetchrow("SELECT * FROM trainers WHERE id = $1", trainer.id)
            known = judge_new_trainer(trainer, None if row is None else trainer_from(row), is_email_taken=True)
            return AlreadyThere(known) if isinstance(known, Trainer) else known

    async def find_trainer(self, school_id: UUID, trainer_id: UUID) -> Trainer | None:
        row = await self._database.of(school_id).fetchrow(
            "SELECT * FROM trainers WHERE id = $1 AND school_id = $2 AND deleted_at IS NULL",
            trainer_id,
            school_id,
        )
        return None if row is None else trainer_from(row)

    async def find_credentials(self, email: str) -> Credentials | None:
        row = await self._database.every_school.fetchrow(
            "SELECT * FROM trainers WHERE email = $1 AND deleted_at IS NULL", email
        )
        return None if row is None else Credentials(trainer_from(row), row["password_hash"])

    async def list_trainers(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Trainer]:
        rows = await self._database.of(school_id).fetch(
            """
            SELECT * FROM trainers
            WHERE school_id = $1 AND deleted_at IS NULL
              AND ($2::timestamptz IS NULL OR (created_at, id) > ($2, $3))
            ORDER BY created_at, id LIMIT $4
            """,
            school_id,
            after.created_at if after else None,
            after.id if after else None,
            limit + 1,
        )
        return page_of(rows, limit, trainer_from)

    async def change_trainer(
        self,
        school_id: UUID,
        trainer_id: UUID,
        change: TrainerChange,
        expected_version: int | None,
        by: Author,
        now: datetime,
        keeping: bytes | None = None,
    ) -> EditedTrainer | Unchanged[Trainer] | NotFound | VersionMismatch | Conflict:
        async def write(
            school: SchoolChange,
        ) -> EditedTrainer | Unchanged[Trainer] | NotFound | VersionMismatch | Conflict:
            row = await school.fetchrow(_LOCK, trainer_id, school_id)
            if row is None:
                return NO_TRAINER
            trainer = trainer_from(row)
            changed = judge_trainer_change(
                trainer,
                change,
                expected_version,
                now,
                is_email_taken=False,
                has_other_admin=row["has_other_admin"],
            )
            if not isinstance(changed, Trainer):
                return changed
            fields = changed_trainer_fields(trainer, changed, change)
            await school.edit(
                entry_of_edit(uuid4(), "changed", changed, by, fields),
                """
                UPDATE trainers
                SET email = $2, name = $3, role = $4, password_hash = coalesce($5, password_hash), updated_at = $6,
                    version = $7, sync_version = $8, written = $9
                WHERE id = $1
                """,
                trainer_id,
                changed.email,
                changed.name,
                changed.role,
                change.password_hash,
                changed.updated_at,
                changed.version,
                school.write.version,
                written_as_json(written_after(written_from(row), fields, school.write)),
            )
            return EditedTrainer(changed, await end_logins(school, trainer_id, keeping) if ends_logins(fields) else ())

        try:
            return await self._schools.change(school_id, now, write)
        except asyncpg.UniqueViolationError:
            # Other schools' accounts count as well, and their edits wait for another head: only the index knows.
            return EMAIL_TAKEN
        finally:
            # After a lost answer, too: it may be committed.
            self._known_logins.forget_trainer(trainer_id)

    async def delete_trainer(
        self, school_id: UUID, trainer_id: UUID, expected_version: int | None, by: Author, now: datetime
    ) -> EditedTrainer | NotFound | VersionMismatch | Conflict:
        async def delete(school: SchoolChange) -> EditedTrainer | NotFound | VersionMismatch | Conflict:
            row = await school.fetchrow(_LOCK, trainer_id, school_id)
            if row is None:
                return NO_TRAINER
            deleted = judge_trainer_removal(
                trainer_from(row), expected_version, now, has_other_admin=row["has_other_admin"]
            )
            if not isinstance(deleted, Trainer):
                return deleted
            await school.edit(
                entry_of_edit(uuid4(), "deleted", deleted, by),
                """
                UPDATE trainers
                SET email = $2, password_hash = '', deleted_at = $3, updated_at = $4, version = $5, sync_version = $6,
                    written = $7
                WHERE id = $1
                """,
                trainer_id,
                deleted.email,
                deleted.deleted_at,
                deleted.updated_at,
                deleted.version,
                school.write.version,
                written_as_json(written_at_first(school.write)),
            )
            return EditedTrainer(deleted, await end_logins(school, trainer_id))

        try:
            return await self._schools.change(school_id, now, delete)
        finally:
            self._known_logins.forget_trainer(trainer_id)


async def insert_trainer(school: SchoolChange, trainer: Trainer, password_hash: str, entry: AuditEntry) -> None:
    await school.edit(
        entry,
        _ADD_TRAINER,
        trainer.id,
        trainer.school_id,
        trainer.email,
        password_hash,
        trainer.name,
        trainer.role,
        trainer.created_at,
        trainer.updated_at,
        trainer.version,
        school.write.version,
        written_as_json(written_at_first(school.write)),
    )
