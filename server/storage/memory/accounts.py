"""Schools, trainers and their tokens in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.audit import AuditEntry, author_of, entry_of_edit, entry_of_ended_login
from server.domain.events import Author
from server.domain.outcomes import Conflict, NotFound, Unchanged, VersionMismatch
from server.domain.people import (
    NO_LOGIN,
    NO_TRAINER,
    NOT_THE_FIRST,
    Access,
    Credentials,
    Login,
    School,
    Trainer,
    TrainerChange,
    changed_trainer_fields,
    ends_logins,
    judge_new_trainer,
    judge_trainer_change,
    judge_trainer_removal,
)
from server.ports.people import EditedTrainer
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.storage.memory.tables import Tables, Token, page_of


class MemoryAccounts:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_school(self, school: School) -> School:
        await asyncio.sleep(0)
        return self._tables.schools.setdefault(school.id, school)

    async def find_school(self, school_id: UUID) -> School | None:
        await asyncio.sleep(0)
        return self._tables.schools.get(school_id)

    async def list_schools(self) -> Sequence[School]:
        await asyncio.sleep(0)
        return sorted(self._tables.schools.values(), key=lambda school: (school.name, school.id))

    async def has_accounts(self) -> bool:
        await asyncio.sleep(0)
        return bool(self._tables.trainers)

    async def add_first_trainer(self, trainer: Trainer, password_hash: str, school: School) -> Trainer | Conflict:
        await asyncio.sleep(0)
        if self._tables.trainers:
            return NOT_THE_FIRST
        self._tables.schools.setdefault(school.id, school)
        self._write(trainer, password_hash, entry_of_edit(uuid4(), "added", trainer, author_of(trainer)))
        return trainer

    async def add_trainer(
        self, trainer: Trainer, password_hash: str, by: Author, new_school: School | None = None
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict | School:
        await asyncio.sleep(0)
        if new_school is not None:
            for school in self._tables.schools.values():
                if school.name == new_school.name:
                    return school
        known = self._tables.trainers.get(trainer.id)
        outcome = judge_new_trainer(trainer, known, is_email_taken=self._by_email(trainer.email) is not None)
        if not isinstance(outcome, Trainer):
            return outcome
        if known is not None:
            return AlreadyThere(known)
        if new_school is not None:
            self._tables.schools.setdefault(new_school.id, new_school)
        self._write(trainer, password_hash, entry_of_edit(uuid4(), "added", trainer, by))
        return Added(trainer)

    async def find_trainer(self, school_id: UUID, trainer_id: UUID) -> Trainer | None:
        await asyncio.sleep(0)
        return self._find(school_id, trainer_id)

    async def find_credentials(self, email: str) -> Credentials | None:
        await asyncio.sleep(0)
        trainer = self._by_email(email)
        return None if trainer is None else Credentials(trainer, self._tables.passwords[trainer.id])

    async def list_trainers(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[Trainer]:
        await asyncio.sleep(0)
        rows = [row for row in self._live_trainers() if row.school_id == school_id]
        return page_of(rows, limit, after)

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
        await asyncio.sleep(0)
        trainer = self._find(school_id, trainer_id)
        if trainer is None:
            return NO_TRAINER
        namesake = None if change.email is None else self._by_email(change.email)
        changed = judge_trainer_change(
            trainer,
            change,
            expected_version,
            now,
            is_email_taken=namesake is not None and namesake.id != trainer_id,
            has_other_admin=self._has_other_admin(school_id, trainer_id),
        )
        if not isinstance(changed, Trainer):
            return changed
        fields = changed_trainer_fields(trainer, changed, change)
        entry = entry_of_edit(uuid4(), "changed", changed, by, fields)
        self._write(changed, change.password_hash, entry, fields)
        return EditedTrainer(changed, self._end_logins(trainer_id, keeping) if ends_logins(fields) else ())

    async def delete_trainer(
        self, school_id: UUID, trainer_id: UUID, expected_version: int | None, by: Author, now: datetime
    ) -> EditedTrainer | NotFound | VersionMismatch | Conflict:
        await asyncio.sleep(0)
        deleted = judge_trainer_removal(
            self._find(school_id, trainer_id),
            expected_version,
            now,
            has_other_admin=self._has_other_admin(school_id, trainer_id),
        )
        if not isinstance(deleted, Trainer):
            return deleted
        self._write(deleted, "", entry_of_edit(uuid4(), "deleted", deleted, by))
        return EditedTrainer(deleted, self._end_logins(trainer_id))

    async def add_token(
        self, credentials: Credentials, token_hash: bytes, now: datetime, expires_at: datetime, agent: str = ""
    ) -> bool:
        await asyncio.sleep(0)
        trainer_id = credentials.trainer.id
        is_there = self._find(credentials.trainer.school_id, trainer_id) is not None
        if not is_there or self._tables.passwords[trainer_id] != credentials.password_hash:
            return False
        self._tables.tokens[token_hash] = Token(trainer_id, now, expires_at, agent)
        return True

    async def find_access(self, token_hash: bytes, now: datetime) -> Access | None:
        await asyncio.sleep(0)
        return self._access(token_hash, now)

    async def list_logins(self, trainer: Trainer, now: datetime) -> Sequence[Login]:
        await asyncio.sleep(0)
        logins = [each for each in self._logins_of(trainer) if each.expires_at > now]
        return sorted(logins, key=lambda each: (each.created_at, each.token_hash), reverse=True)

    async def end_login(self, trainer: Trainer, login_id: UUID, now: datetime) -> Login | NotFound:
        await asyncio.sleep(0)
        login = next((each for each in self._logins_of(trainer) if each.id == login_id), None)
        if login is None:
            return NO_LOGIN
        del self._tables.tokens[login.token_hash]
        self._tables.logs[trainer.school_id].audit.append(entry_of_ended_login(uuid4(), trainer, now))
        return login

    async def delete_token(self, token_hash: bytes) -> None:
        await asyncio.sleep(0)
        self._tables.tokens.pop(token_hash, None)

    async def delete_expired_tokens(self, now: datetime) -> int:
        await asyncio.sleep(0)
        gone = [hash_ for hash_, token in self._tables.tokens.items() if token.expires_at <= now]
        for token_hash in gone:
            del self._tables.tokens[token_hash]
        return len(gone)

    async def live_tokens(self, token_hashes: Collection[bytes], now: datetime) -> frozenset[bytes]:
        await asyncio.sleep(0)
        return frozenset(hash_ for hash_ in token_hashes if self._access(hash_, now) is not None)

    def _logins_of(self, trainer: Trainer) -> Sequence[Login]:
        return [
            Login(hash_, token.created_at, token.expires_at, token.agent)
            for hash_, token in self._tables.tokens.items()
            if token.trainer_id == trainer.id
        ]

    def _end_logins(self, trainer_id: UUID, keeping: bytes | None = None) -> Sequence[bytes]:
        hashes = [
            hash_ for hash_, token in self._tables.tokens.items() if token.trainer_id == trainer_id and hash_ != keeping
        ]
        for token_hash in hashes:
            del self._tables.tokens[token_hash]
        return hashes

    def _access(self, token_hash: bytes, now: datetime) -> Access | None:
        token = self._tables.tokens.get(token_hash)
        if token is None or token.expires_at <= now:
            return None
        trainer = self._tables.trainers[token.trainer_id]
        return None if trainer.deleted_at else Access(trainer, token_hash, token.expires_at)

    def _find(self, school_id: UUID, trainer_id: UUID) -> Trainer | None:
        trainer = self._tables.trainers.get(trainer_id)
        if trainer is None or trainer.school_id != school_id or trainer.deleted_at is not None:
            return None
        return trainer

    def _live_trainers(self) -> Iterable[Trainer]:
        return (trainer for trainer in self._tables.trainers.values() if trainer.deleted_at is None)

    def _by_email(self, email: str) -> Trainer | None:
        return next((trainer for trainer in self._live_trainers() if trainer.email == email), None)

    def _has_other_admin(self, school_id: UUID, trainer_id: UUID) -> bool:
        return any(
            other.role == "admin" and other.school_id == school_id and other.id != trainer_id
            for other in self._live_trainers()
        )

    def _write(
        self, trainer: Trainer, password_hash: str | None, entry: AuditEntry, fields: Collection[str] | None = None
    ) -> None:
        self._tables.trainers[trainer.id] = trainer
        if password_hash is not None:
            self._tables.passwords[trainer.id] = password_hash
        self._tables.logs[trainer.school_id].edited(entry, fields)
