"""Invitations in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from server.domain.events import Author
from server.domain.invitations import (
    ACCOUNT_MADE_MEANWHILE,
    EMAIL_HAS_ACCOUNT,
    NO_INVITATION,
    Invitation,
    entry_of_acceptance,
    entry_of_invitation,
    judge_acceptance,
    judge_withdrawal,
)
from server.domain.outcomes import Conflict, InvalidFields, NotFound, Unchanged
from server.domain.people import Trainer
from server.ports.results import Cursor, Page
from server.storage.postgres.accounts import insert_trainer
from server.storage.postgres.database import Database
from server.storage.postgres.rows import author_from, optional_moment, page_of, plain_moment, plain_uuid
from server.storage.postgres.school_transaction import SchoolChange, SchoolTransactions, audit_values, insert_audit

_ADD = """
INSERT INTO invitations (id, school_id, token_hash, email, name, role, by_id, by_name, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_WITHDRAW_EARLIER = """
UPDATE invitations SET withdrawn_at = $3
WHERE school_id = $1 AND email = $2 AND accepted_at IS NULL AND withdrawn_at IS NULL
"""
_LIST = """
SELECT * FROM invitations
WHERE school_id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL
  AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
ORDER BY created_at DESC, id DESC LIMIT $4
"""


class PostgresInvitations:
    def __init__(self, database: Database, schools: SchoolTransactions) -> None:
        self._database = database
        self._schools = schools

    async def add_invitation(self, invitation: Invitation, token_hash: bytes) -> Invitation | InvalidFields:
        async def add(school: SchoolChange) -> Invitation | InvalidFields:
            async with school.everywhere():
                account = await school.fetchrow(
                    "SELECT FROM trainers WHERE email = $1 AND deleted_at IS NULL", invitation.email
                )
            if account is not None:
                return EMAIL_HAS_ACCOUNT
            await school.execute(_WITHDRAW_EARLIER, invitation.school_id, invitation.email, invitation.created_at)
            entry = entry_of_invitation(uuid4(), "invited", invitation, invitation.by, invitation.created_at)
            await school.edit(
                entry,
                _ADD,
                invitation.id,
                invitation.school_id,
                token_hash,
                invitation.email,
                invitation.name,
                invitation.role,
                invitation.by.id,
                invitation.by.name,
                invitation.created_at,
                invitation.expires_at,
            )
            return invitation

        return await self._schools.change(invitation.school_id, invitation.created_at, add)

    async def find_invitation(self, token_hash: bytes) -> Invitation | None:
        row = await self._database.every_school.fetchrow("SELECT * FROM invitations WHERE token_hash = $1", token_hash)
        return None if row is None else _invitation_from(row)

    async def list_invitations(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Invitation]:
        rows = await self._database.of(school_id).fetch(
            _LIST, school_id, after.created_at if after else None, after.id if after else None, limit + 1
        )
        return page_of(rows, limit, _invitation_from)

    async def withdraw_invitation(
        self, school_id: UUID, invitation_id: UUID, by: Author, now: datetime
    ) -> Invitation | Unchanged[Invitation] | NotFound | Conflict:
        async with self._database.of(school_id).transaction() as connection:
            row = await connection.fetchrow("SELECT * FROM invitations WHERE id = $1 FOR UPDATE", invitation_id)
            outcome = judge_withdrawal(None if row is None else _invitation_from(row), school_id, now)
            if isinstance(outcome, Invitation):
                await connection.execute("UPDATE invitations SET withdrawn_at = $2 WHERE id = $1", invitation_id, now)
                entry = entry_of_invitation(uuid4(), "withdrawn", outcome, by, now)
                await connection.execute(insert_audit(), *audit_values(entry))
        return outcome

    async def accept_invitation(
        self, token_hash: bytes, trainer_id: UUID, password_hash: str, now: datetime
    ) -> Trainer | NotFound | Conflict:
        known = await self.find_invitation(token_hash)
        if known is None:
            return NO_INVITATION

        async def accept(school: SchoolChange) -> Trainer | NotFound | Conflict:
            row = await school.fetchrow("SELECT * FROM invitations WHERE id = $1 FOR UPDATE", known.id)
            accepted = judge_acceptance(None if row is None else _invitation_from(row), now)
            if not isinstance(accepted, Invitation):
                return accepted
            trainer = accepted.account(trainer_id, now)
            await school.execute("UPDATE invitations SET accepted_at = $2 WHERE id = $1", accepted.id, now)
            await insert_trainer(school, trainer, password_hash, entry_of_acceptance(uuid4(), trainer, accepted))
            return trainer

        try:
            return await self._schools.change(known.school_id, now, accept)
        except asyncpg.UniqueViolationError:
            return ACCOUNT_MADE_MEANWHILE


def _invitation_from(row: asyncpg.Record) -> Invitation:
    return Invitation(
        id=plain_uuid(row["id"]),
        school_id=plain_uuid(row["school_id"]),
        email=row["email"],
        name=row["name"],
        role=row["role"],
        by=author_from(row["by_id"], row["by_name"]),
        created_at=plain_moment(row["created_at"]),
        expires_at=plain_moment(row["expires_at"]),
        accepted_at=optional_moment(row["accepted_at"]),
        withdrawn_at=optional_moment(row["withdrawn_at"]),
    )
