"""Schools, trainers and their tokens in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from server.domain.outcomes import (
    Conflict,
    NotFound,
    VersionMismatch,
)
from server.domain.people import Access, Credentials, School, Trainer, TrainerChange
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.memory.tables import Tables, Token, page_of, repeated


class MemoryAccounts:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_school(self, school: School) -> School:
        return self._tables.schools.setdefault(school.id, school)

    async def find_school(self, school_id: UUID) -> School | None:
        return self._tables.schools.get(school_id)

    async def list_schools(self) -> Sequence[School]:
        return sorted(self._tables.schools.values(), key=lambda school: (school.name, school.id))

    async def add_trainer(
        self, trainer: Trainer, password_hash: str
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict:
        known = self._tables.trainers.get(trainer.id)
        if known is not None:
            return repeated(known, trainer.school_id)
        if self._by_email(trainer.email) is not None:
            return Conflict("Another account has this e-mail address.")
        self._tables.trainers[trainer.id] = trainer
        self._tables.passwords[trainer.id] = password_hash
        return Added(trainer)

    async def find_trainer(self, school_id: UUID, trainer_id: UUID) -> Trainer | None:
        trainer = self._tables.trainers.get(trainer_id)
        if trainer is None or trainer.school_id != school_id or trainer.deleted_at is not None:
            return None
        return trainer

    async def find_credentials(self, email: str) -> Credentials | None:
        trainer = self._by_email(email)
        return None if trainer is None else Credentials(trainer, self._tables.passwords[trainer.id])

    async def list_trainers(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Trainer]:
        rows = [row for row in self._live_trainers() if row.school_id == school_id]
        return page_of(rows, limit, after)

    async def change_trainer(
        self,
        school_id: UUID,
        trainer_id: UUID,
        change: TrainerChange,
        expected_version: int | None,
        now: datetime,
    ) -> Trainer | NotFound | VersionMismatch | Conflict:
        trainer = await self.find_trainer(school_id, trainer_id)
        if trainer is None:
            return NotFound("There is no such trainer.")
        if expected_version is not None and expected_version != trainer.version:
            return VersionMismatch(trainer.version)
        if change.email is not None and change.email != trainer.email and self._by_email(change.email):
            return Conflict("Another account has this e-mail address.")
        if change.role not in (None, "admin") and self._is_last_admin(trainer):
            return Conflict("A school keeps at least one admin; make another one first.")
        changed = replace(
            trainer,
            email=change.email or trainer.email,
            name=change.name or trainer.name,
            role=change.role or trainer.role,
            updated_at=now,
            version=trainer.version + 1,
        )
        self._tables.trainers[trainer_id] = changed
        if change.password_hash is not None:
            self._tables.passwords[trainer_id] = change.password_hash
        return changed

    async def delete_trainer(self, school_id: UUID, trainer_id: UUID, now: datetime) -> Trainer | NotFound | Conflict:
        trainer = await self.find_trainer(school_id, trainer_id)
        if trainer is None:
            return NotFound("There is no such trainer.")
        if self._is_last_admin(trainer):
            return Conflict("A school keeps at least one admin; make another one first.")
        email = f"{trainer_id}@deleted.invalid"
        deleted = replace(trainer, email=email, deleted_at=now, updated_at=now, version=trainer.version + 1)
        self._tables.trainers[trainer_id] = deleted
        self._tables.passwords[trainer_id] = ""
        return deleted

    async def add_token(self, trainer_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime) -> None:
        self._tables.tokens[token_hash] = Token(trainer_id, expires_at)

    async def find_access(self, token_hash: bytes, now: datetime) -> Access | None:
        token = self._tables.tokens.get(token_hash)
        if token is None or token.expires_at <= now:
            return None
        trainer = self._tables.trainers[token.trainer_id]
        return None if trainer.deleted_at else Access(trainer, token_hash, token.expires_at)

    async def delete_token(self, token_hash: bytes) -> None:
        self._tables.tokens.pop(token_hash, None)

    async def delete_tokens_of(self, trainer_id: UUID) -> Sequence[bytes]:
        hashes = [hash_ for hash_, token in self._tables.tokens.items() if token.trainer_id == trainer_id]
        for token_hash in hashes:
            del self._tables.tokens[token_hash]
        return hashes

    async def delete_expired_tokens(self, now: datetime) -> int:
        gone = [hash_ for hash_, token in self._tables.tokens.items() if token.expires_at <= now]
        for token_hash in gone:
            del self._tables.tokens[token_hash]
        return len(gone)

    async def live_tokens(self, token_hashes: Collection[bytes], now: datetime) -> frozenset[bytes]:
        return frozenset([hash_ for hash_ in token_hashes if await self.find_access(hash_, now)])

    def _live_trainers(self) -> Iterable[Trainer]:
        return (trainer for trainer in self._tables.trainers.values() if trainer.deleted_at is None)

    def _by_email(self, email: str) -> Trainer | None:
        return next((trainer for trainer in self._live_trainers() if trainer.email == email), None)

    def _is_last_admin(self, trainer: Trainer) -> bool:
        return trainer.role == "admin" and not any(
            other.role == "admin" and other.school_id == trainer.school_id and other.id != trainer.id
            for other in self._live_trainers()
        )
