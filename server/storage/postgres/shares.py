"""Links to debriefs in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg

from server.domain.audit import AuditAction
from server.domain.events import Author
from server.domain.session import Session
from server.domain.shares import READER, TOLD_AGAIN_AFTER, Share, entry_of_share
from server.storage.postgres.database import Database
from server.storage.postgres.rows import optional_moment, plain_moment, plain_uuid
from server.storage.postgres.school_transaction import audit_values, insert_audit

if TYPE_CHECKING:
    from server.storage.postgres.database import Connection

_ADD = """
INSERT INTO shares (id, session_id, school_id, token_hash, by_id, by_name, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_END = """
UPDATE shares SET ended_at = $2 WHERE session_id = $1 AND ended_at IS NULL AND expires_at > $2 RETURNING true
"""
_OPENED = """
UPDATE shares SET opened_at = $2 WHERE id = $1 AND (opened_at IS NULL OR opened_at <= $3) RETURNING true
"""


class PostgresShares:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_share(self, share: Share, token_hash: bytes, session: Session) -> None:
        values = (share.id, share.session_id, share.school_id, token_hash, share.by.id, share.by.name)
        async with self._database.of(session.school_id).transaction() as connection:
            await connection.execute(_ADD, *values, share.created_at, share.expires_at)
            await _tell(connection, "shared", session, share.by, share.created_at)

    async def find_share(self, token_hash: bytes) -> Share | None:
        row = await self._database.every_school.fetchrow("SELECT * FROM shares WHERE token_hash = $1", token_hash)
        return None if row is None else _share_from(row)

    async def list_shares(self, session: Session) -> Sequence[Share]:
        sql = "SELECT * FROM shares WHERE session_id = $1 ORDER BY created_at, id"
        return [_share_from(row) for row in await self._database.of(session.school_id).fetch(sql, session.id)]

    async def end_shares(self, session: Session, by: Author, now: datetime) -> int:
        async with self._database.of(session.school_id).transaction() as connection:
            ended = await connection.fetch(_END, session.id, now)
            if ended:
                await _tell(connection, "share_ended", session, by, now)
        return len(ended)

    async def tell_opened(self, share: Share, session: Session, now: datetime) -> None:
        async with self._database.of(session.school_id).transaction() as connection:
            if await connection.fetchval(_OPENED, share.id, now, now - TOLD_AGAIN_AFTER):
                await _tell(connection, "share_opened", session, READER, now)


async def _tell(connection: Connection, action: AuditAction, session: Session, by: Author, now: datetime) -> None:
    await connection.execute(insert_audit(), *audit_values(entry_of_share(uuid4(), action, session, by, now)))


def _share_from(row: asyncpg.Record) -> Share:
    return Share(
        id=plain_uuid(row["id"]),
        session_id=plain_uuid(row["session_id"]),
        school_id=plain_uuid(row["school_id"]),
        by=Author("trainer", plain_uuid(row["by_id"]), row["by_name"]),
        created_at=plain_moment(row["created_at"]),
        expires_at=plain_moment(row["expires_at"]),
        ended_at=optional_moment(row["ended_at"]),
        opened_at=optional_moment(row["opened_at"]),
    )
