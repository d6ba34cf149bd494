"""Schools, trainers and their tokens in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

import asyncpg

from server.domain.outcomes import Conflict, NotFound, VersionMismatch
from server.domain.people import Access, Credentials, School, Trainer, TrainerChange
from server.domain.timestamps import to_milliseconds
from server.live.known_logins import KnownLogins
from server.live.late_storage import LateStorage
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.postgres.database import Database, next_sync_version
from server.storage.postgres.rows import page_of, school_from, trainer_from

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

_EMAIL_TAKEN = Conflict("Another account has this e-mail address.")
_LAST_ADMIN = Conflict("A school keeps at least one admin; make another one first.")
_NO_TRAINER = NotFound("There is no such trainer.")


class PostgresAccounts:
    def __init__(self, database: Database, known_logins: KnownLogins, late: LateStorage) -> None:
        self._database = database
        self._known_logins = known_logins
        self._late = late

    async def add_school(self, school: School) -> School:
        await self._database.execute(
            """
            INSERT INTO schools (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3)
            ON CONFLICT (id) DO NOTHING
            """,
            school.id,
            school.name,
            school.created_at,
        )
        return await self.find_school(school.id) or school

    async def find_school(self, school_id: UUID) -> School | None:
        row = await self._database.fetchrow("SELECT * FROM schools WHERE id = $1", school_id)
        return None if row is None else school_from(row)

    async def list_schools(self) -> Sequence[School]:
        rows = await self._database.fetch('SELECT * FROM schools ORDER BY name COLLATE "C", id')
        return [school_from(row) for row in rows]

    async def add_trainer(
        self, trainer: Trainer, password_hash: str
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict:
        try:
            async with self._database.transaction() as connection:
                version = await next_sync_version(connection, trainer.school_id, trainer.updated_at)
                await connection.execute(
                    """
                    INSERT INTO trainers
                        (id, school_id, email, password_hash, name, role, created_at, updated_at, version,
                         sync_version)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
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
                    version,
                )
        except asyncpg.UniqueViolationError:
            row = await self._database.fetchrow("SELECT * FROM trainers WHERE id = $1", trainer.id)
            if row is None:
                return _EMAIL_TAKEN
            known = trainer_from(row)
            if known.school_id != trainer.school_id:
                return Conflict("This id is taken; make a new one (a random UUID).")
            return AlreadyThere(known)
        return Added(trainer)

    async def find_trainer(self, school_id: UUID, trainer_id: UUID) -> Trainer | None:
        row = await self._database.fetchrow(
            "SELECT * FROM trainers WHERE id = $1 AND school_id = $2 AND deleted_at IS NULL",
            trainer_id,
            school_id,
        )
        return None if row is None else trainer_from(row)

    async def find_credentials(self, email: str) -> Credentials | None:
        row = await self._database.fetchrow("SELECT * FROM trainers WHERE email = $1 AND deleted_at IS NULL", email)
        return None if row is None else Credentials(trainer_from(row), row["password_hash"])

    async def list_trainers(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Trainer]:
        rows = await self._database.fetch(
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
        now: datetime,
    ) -> Trainer | NotFound | VersionMismatch | Conflict:
        try:
            async with self._database.transaction() as connection:
                version = await next_sync_version(connection, school_id, now)
                trainer = await _lock_trainer(connection, school_id, trainer_id)
                if trainer is None:
                    return _NO_TRAINER
                if expected_version is not None and expected_version != trainer.version:
                    return VersionMismatch(trainer.version)
                if change.role not in (None, "admin") and await _is_last_admin(connection, trainer):
                    return _LAST_ADMIN
                row = await connection.fetchrow(
                    """
                    UPDATE trainers SET
                        email = coalesce($2, email), name = coalesce($3, name), role = coalesce($4, role),
                        password_hash = coalesce($5, password_hash),
                        updated_at = $6, version = version + 1, sync_version = $7, last_client = NULL
                    WHERE id = $1 RETURNING *
                    """,
                    trainer_id,
                    change.email,
                    change.name,
                    change.role,
                    change.password_hash,
                    now,
                    version,
                )
        except asyncpg.UniqueViolationError:
            return _EMAIL_TAKEN
        self._known_logins.forget_trainer(trainer_id)
        return trainer_from(cast(asyncpg.Record, row))

    async def delete_trainer(self, school_id: UUID, trainer_id: UUID, now: datetime) -> Trainer | NotFound | Conflict:
        async with self._database.transaction() as connection:
            version = await next_sync_version(connection, school_id, now)
            trainer = await _lock_trainer(connection, school_id, trainer_id)
            if trainer is None:
                return _NO_TRAINER
            if await _is_last_admin(connection, trainer):
                return _LAST_ADMIN
            # The address is unique among all rows, so a tombstone gives it back.
            row = await connection.fetchrow(
                """
                UPDATE trainers SET
                    email = id::text || '@deleted.invalid', password_hash = '', deleted_at = $2, updated_at = $2,
                    version = version + 1, sync_version = $3, last_client = NULL
                WHERE id = $1 RETURNING *
                """,
                trainer_id,
                now,
                version,
            )
        self._known_logins.forget_trainer(trainer_id)
        return trainer_from(cast(asyncpg.Record, row))

    async def add_token(self, trainer_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime) -> None:
        await self._database.execute(
            "INSERT INTO trainer_tokens (token_hash, trainer_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            token_hash,
            trainer_id,
            now,
            expires_at,
        )

    async def find_access(self, token_hash: bytes, now: datetime) -> Access | None:
        return await self._late.ask(
            self._read_access(token_hash, now), lambda: self._known_logins.recall(token_hash, now)
        )

    async def delete_token(self, token_hash: bytes) -> None:
        self._known_logins.forget([token_hash])
        await self._database.execute("DELETE FROM trainer_tokens WHERE token_hash = $1", token_hash)
        # A check that began before the deletion may have ended meanwhile.
        self._known_logins.forget([token_hash])

    async def delete_tokens_of(self, trainer_id: UUID) -> Sequence[bytes]:
        self._known_logins.forget_trainer(trainer_id)
        rows = await self._database.fetch(
            "DELETE FROM trainer_tokens WHERE trainer_id = $1 RETURNING token_hash", trainer_id
        )
        self._known_logins.forget_trainer(trainer_id)
        return [row["token_hash"] for row in rows]

    async def delete_expired_tokens(self, now: datetime) -> int:
        rows = await self._database.fetch("DELETE FROM trainer_tokens WHERE expires_at <= $1 RETURNING true", now)
        return len(rows)

    async def live_tokens(self, token_hashes: Collection[bytes], now: datetime) -> frozenset[bytes]:
        rows = await self._database.fetch(
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
        row = await self._database.fetchrow(
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


async def _lock_trainer(connection: Connection, school_id: UUID, trainer_id: UUID) -> Trainer | None:
    row = await connection.fetchrow(
        "SELECT * FROM trainers WHERE id = $1 AND school_id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE",
        trainer_id,
        school_id,
    )
    return None if row is None else trainer_from(row)


async def _is_last_admin(connection: Connection, trainer: Trainer) -> bool:
    """True under the school's sync_head, which every such change takes first."""
    return trainer.role == "admin" and not await connection.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM trainers WHERE school_id = $1 AND role = 'admin' AND deleted_at IS NULL AND id <> $2
        )
        """,
        trainer.school_id,
        trainer.id,
    )
