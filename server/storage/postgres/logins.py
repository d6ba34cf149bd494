"""The logins of trainers in PostgreSQL: what opens the door, and until when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from server.domain.audit import entry_of_ended_login
from server.domain.outcomes import NotFound
from server.domain.people import NO_LOGIN, Access, Credentials, Login, Trainer
from server.domain.timestamps import to_milliseconds
from server.live.known_logins import KnownLogins
from server.live.late_storage import LateStorage
from server.storage.postgres.database import Database
from server.storage.postgres.rows import plain_moment, trainer_from
from server.storage.postgres.school_transaction import SchoolChange, audit_values, insert_audit

# None where somebody else has ended it meanwhile.
_END_LOGIN = "DELETE FROM trainer_tokens WHERE token_hash = $1 RETURNING true"


class PostgresLogins:
    def __init__(self, database: Database, known_logins: KnownLogins, late: LateStorage) -> None:
        self._database = database
        self._known_logins = known_logins
        self._late = late

    async def add_token(
        self, credentials: Credentials, token_hash: bytes, now: datetime, expires_at: datetime, agent: str = ""
    ) -> bool:
        # FOR SHARE waits for a change of the password that is under way, and holds up one that comes: whoever is first,
        # the change finds this token and deletes it, or this finds the new password.
        row = await self._database.of(credentials.trainer.school_id).fetchrow(
            """
            INSERT INTO trainer_tokens (token_hash, trainer_id, created_at, expires_at, agent)
            SELECT $1, id, $2, $3, $6 FROM trainers
            WHERE id = $4 AND password_hash = $5 AND deleted_at IS NULL FOR SHARE
            RETURNING true
            """,
            token_hash,
            now,
            expires_at,
            credentials.trainer.id,
            credentials.password_hash,
            agent,
        )
        return row is not None

    async def find_access(self, token_hash: bytes, now: datetime) -> Access | None:
        return await self._late.ask(
            self._read_access(token_hash, now), lambda: self._known_logins.recall(token_hash, now)
        )

    async def list_logins(self, trainer: Trainer, now: datetime) -> Sequence[Login]:
        rows = await self._database.of(trainer.school_id).fetch(
            """
            SELECT * FROM trainer_tokens WHERE trainer_id = $1 AND expires_at > $2
            ORDER BY created_at DESC, token_hash DESC
            """,
            trainer.id,
            now,
        )
        return [_login_from(row) for row in rows]

    async def end_login(self, trainer: Trainer, login_id: UUID, now: datetime) -> Login | NotFound:
        try:
            async with self._database.of(trainer.school_id).transaction() as connection:
                rows = await connection.fetch("SELECT * FROM trainer_tokens WHERE trainer_id = $1", trainer.id)
                login = next((each for each in map(_login_from, rows) if each.id == login_id), None)
                if login is None or await connection.fetchrow(_END_LOGIN, login.token_hash) is None:
                    return NO_LOGIN
                entry = entry_of_ended_login(uuid4(), trainer, now)
                await connection.execute(insert_audit(), *audit_values(entry))
            return login
        finally:
            # After a lost answer, too: it may be committed.
            self._known_logins.forget_trainer(trainer.id)

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


async def end_logins(school: SchoolChange, trainer_id: UUID, keeping: bytes | None = None) -> Sequence[bytes]:
    rows = await school.fetch(
        "DELETE FROM trainer_tokens WHERE trainer_id = $1 AND token_hash IS DISTINCT FROM $2 RETURNING token_hash",
        trainer_id,
        keeping,
    )
    return [row["token_hash"] for row in rows]


def _login_from(row: asyncpg.Record) -> Login:
    return Login(row["token_hash"], plain_moment(row["created_at"]), plain_moment(row["expires_at"]), row["agent"])
