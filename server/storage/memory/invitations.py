"""Invitations in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.events import Author
from server.domain.invitations import (
    ACCOUNT_MADE_MEANWHILE,
    EMAIL_HAS_ACCOUNT,
    Invitation,
    entry_of_acceptance,
    entry_of_invitation,
    judge_acceptance,
    judge_withdrawal,
)
from server.domain.outcomes import Conflict, InvalidFields, NotFound, Unchanged
from server.domain.people import Trainer
from server.ports.results import Cursor, Page
from server.storage.memory.tables import Tables, page_of


class MemoryInvitations:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_invitation(self, invitation: Invitation, token_hash: bytes) -> Invitation | InvalidFields:
        await asyncio.sleep(0)
        if self._has_account(invitation.email):
            return EMAIL_HAS_ACCOUNT
        for earlier in self._waiting(invitation.school_id):
            if earlier.email == invitation.email:
                self._tables.invitations[earlier.id] = replace(earlier, withdrawn_at=invitation.created_at)
        self._tables.invitations[invitation.id] = invitation
        self._tables.invitation_tokens[token_hash] = invitation.id
        entry = entry_of_invitation(uuid4(), "invited", invitation, invitation.by, invitation.created_at)
        self._tables.logs[invitation.school_id].audit.append(entry)
        return invitation

    async def find_invitation(self, token_hash: bytes) -> Invitation | None:
        await asyncio.sleep(0)
        return self._find(token_hash)

    async def list_invitations(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Invitation]:
        await asyncio.sleep(0)
        return page_of(self._waiting(school_id), limit, after, newest_first=True)

    async def withdraw_invitation(
        self, school_id: UUID, invitation_id: UUID, by: Author, now: datetime
    ) -> Invitation | Unchanged[Invitation] | NotFound | Conflict:
        await asyncio.sleep(0)
        outcome = judge_withdrawal(self._tables.invitations.get(invitation_id), school_id, now)
        if isinstance(outcome, Invitation):
            self._tables.invitations[invitation_id] = outcome
            entry = entry_of_invitation(uuid4(), "withdrawn", outcome, by, now)
            self._tables.logs[school_id].audit.append(entry)
        return outcome

    async def accept_invitation(
        self, token_hash: bytes, trainer_id: UUID, password_hash: str, now: datetime
    ) -> Trainer | NotFound | Conflict:
        await asyncio.sleep(0)
        accepted = judge_acceptance(self._find(token_hash), now)
        if not isinstance(accepted, Invitation):
            return accepted
        if self._has_account(accepted.email):
            return ACCOUNT_MADE_MEANWHILE
        trainer = accepted.account(trainer_id, now)
        self._tables.invitations[accepted.id] = accepted
        self._tables.trainers[trainer.id] = trainer
        self._tables.passwords[trainer.id] = password_hash
        self._tables.logs[trainer.school_id].edited(entry_of_acceptance(uuid4(), trainer, accepted))
        return trainer

    def _find(self, token_hash: bytes) -> Invitation | None:
        invitation_id = self._tables.invitation_tokens.get(token_hash)
        return None if invitation_id is None else self._tables.invitations[invitation_id]

    def _waiting(self, school_id: UUID) -> list[Invitation]:
        return [each for each in self._tables.invitations.values() if each.school_id == school_id and each.is_waiting]

    def _has_account(self, email: str) -> bool:
        return any(each.email == email and each.deleted_at is None for each in self._tables.trainers.values())
