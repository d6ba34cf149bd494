"""Schools, trainers and their tokens in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from server.domain.audit import entry_of_edit
from server.domain.events import Author
from server.domain.outcomes import Conflict, NotFound, Unchanged, VersionMismatch
from server.domain.people import (
    EMAIL_TAKEN,
    NO_TRAINER,
    Access,
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
from server.domain.timestamps import to_milliseconds
from server.live.known_logins import KnownLogins
from server.live.late_storage import LateStorage
from server.ports.people import EditedTrainer
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.postgres.database import Database
from server.storage.postgres.rows import page_of, school_from, trainer_from, written_from
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions

_ADD_SCHOOL = """
INSERT INTO schools (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3) ON CONFLICT (id) DO NOTHING
"""
# Names are no key. Whoever makes a school waits here until another of the same name is committed, and finds it.
_LOCK_NAME = "SELECT pg_advisory_xact_lock(hashtextextended('school ' || $1, 0))"
# Who else is an admin is true under the school's head, which every such change takes first.
_LOCK = """
SELECT *, EXISTS (
    SELECT FROM trainers AS other
    WHERE other.school_id = $2 AND other.role = 'admin' AND other.deleted_at IS NULL AND other.id <> $1
) AS has_other_admin
FROM trainers WHERE id = $1 AND school_id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE
"""


class PostgresAccounts:
    def __init__(
        self, database: Database, schools: SchoolTransactions, known_logins: KnownLogins, late: LateStorage
    ) -> None:
        self._database = database
        self._schools = schools
        self._known_logins = known_logins
        self._late = late

    async def add_school(self, school: School) -> School:
        await self._database.of(school.id).execute(_ADD_SCHOOL, school.id, school.name, school.created_at)
        return await self.find_school(school.id) or school

    async def find_school(self, school_id: UUID) -> School | None:
        row = await self._database.of(school_id).fetchrow("SELECT * FROM schools WHERE id = $1", school_id)
        return None if row is None else school_from(row)

    async def list_schools(self) -> Sequence[School]:
        rows = await self._database.every_school.fetch('SELECT * FROM schools ORDER BY name COLLATE "C", id')
        return [school_from(row) for row in rows]

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
            await school.edit(
                entry_of_edit(uuid4(), "added", trainer, by),
                """
                INSERT INTO trainers
                    (id, school_id, email, password_hash, name, role, created_at, updated_at, version,
                     sync_version, first_version, written)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
                """,
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
                written_as_json(written_after(written_from(row), "trainer", fields, school.write)),
            )
            return EditedTrainer(changed, await _end_logins(school, trainer_id) if ends_logins(fields) else ())

        try:
            return await self._schools.change(school_id, now, write)
        except asyncpg.UniqueViolationError:
            # Other schools' accounts count as well, and their edits wait for another head: only the index knows.
            return EMAIL_TAKEN
        finally:
            # After a lost answer, too: it may be committed.
            self._known_logins.forget_trainer(trainer_id)

    async def delete_trainer(
        self, school_id: UUID, trainer_id: UUID, by: Author, now: datetime
    ) -> EditedTrainer | NotFound | Conflict:
        async def delete(school: SchoolChange) -> EditedTrainer | NotFound | Conflict:
            row = await school.fetchrow(_LOCK, trainer_id, school_id)
            if row is None:
                return NO_TRAINER
            deleted = judge_trainer_removal(trainer_from(row), now, has_other_admin=row["has_other_admin"])
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
            return EditedTrainer(deleted, await _end_logins(school, trainer_id))

        try:
            return await self._schools.change(school_id, now, delete)
        finally:
            self._known_logins.forget_trainer(trainer_id)

    async def add_token(self, credentials: Credentials, token_hash: bytes, now: datetime, expires_at: datetime) -> bool:
        # FOR SHARE waits for a change of the password that is under way, and holds up one that comes: whoever is first,
        # the change finds this token and deletes it, or this finds the new password.
        row = await self._database.of(credentials.trainer.school_id).fetchrow(
            """
            INSERT INTO trainer_tokens (token_hash, trainer_id, created_at, expires_at)
            SELECT $1, id, $2, $3 FROM trainers
            WHERE id = $4 AND password_hash = $5 AND deleted_at IS NULL FOR SHARE
            RETURNING true
            """,
            token_hash,
            now,
            expires_at,
            credentials.trainer.id,
            credentials.password_hash,
        )
        return row is not None

    async def find_access(self, token_hash: bytes, now: datetime) -> Access | None:
        return await self._late.ask(
            self._read_access(token_hash, now), lambda: self._known_logins.recall(token_hash, now)
        )

    async def delete_token(self, token_hash: bytes) -> None:
        self._known_logins.forget([token_hash])
        await self._database.every_school.execute("DELETE FROM trainer_tokens WHERE token_hash = $1", token_hash)
        # A check that began before the deletion may have ended meanwhile.
        self._known_logins.forget([token_hash])

    async def delete_expired_tokens(self, now: datetime) -> int:
        rows = await self._database.every_school.fetch(
            "DELETE FROM trainer_tokens WHERE expires_at <= $1 RETURNING true", now
        )
        return len(rows)

    async def live_tokens(self, token_hashes: Collection[bytes], now: datetime) -> frozenset[bytes]:
        rows = await self._database.every_school.fetch(
            """
            SELECT token.token_hash
            FROM trainer_tokens AS token JOIN trainers ON trainers.id = token.trainer_id
            WHERE token.token_hash = ANY($1) AND token.expires_at > $2 AND trainers.deleted_at IS NULL
            """,
            list(token_hashes),
            now,
        )
        alive = frozenset[bytes](row["token_hash"] for row in rows)
        self._known_logins.confirm(alive, now)
        self._known_logins.drop(frozenset(token_hashes) - alive)
        return alive

    async def _read_access(self, token_hash: bytes, now: datetime) -> Access | None:
        forgettings = self._known_logins.forgettings
        row = await self._database.every_school.fetchrow(
            """
            SELECT trainers.*, token.expires_at
            FROM trainer_tokens AS token JOIN trainers ON trainers.id = token.trainer_id
            WHERE token.token_hash = $1 AND token.expires_at > $2 AND trainers.deleted_at IS NULL
            """,
            token_hash,
            now,
        )
        if row is None:
            self._known_logins.drop([token_hash])
            return None
        access = Access(trainer_from(row), token_hash, to_milliseconds(row["expires_at"]))
        if self._known_logins.forgettings == forgettings:
            self._known_logins.remember(access, now)
        return access


async def _end_logins(school: SchoolChange, trainer_id: UUID) -> Sequence[bytes]:
    rows = await school.fetch("DELETE FROM trainer_tokens WHERE trainer_id = $1 RETURNING token_hash", trainer_id)
    return [row["token_hash"] for row in rows]
