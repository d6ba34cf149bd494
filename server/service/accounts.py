"""Schools, and the accounts of those who work in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.events import Author
from server.domain.outcomes import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    Unchanged,
    VersionMismatch,
)
from server.domain.people import (
    NO_TRAINER,
    Role,
    School,
    Trainer,
    TrainerChange,
    account_errors,
    normal_email,
)
from server.domain.permissions import KEPT_AT_CENTRAL, judge_school_action
from server.domain.text import NAME_LIMIT, line_error, one_line
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.service.logins import Logins


@dataclass(frozen=True, slots=True)
class NewTrainer:
    """`password_hash` stands in place of a password."""

    email: str
    name: str
    password: str | None
    role: Role
    id: UUID | None = None
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class TrainerEdit:
    """What is None stays as it is."""

    email: str | None = None
    name: str | None = None
    role: Role | None = None
    password: str | None = None
    password_hash: str | None = None


class Accounts(Logins):
    async def list_colleagues(self, trainer: Trainer, limit: int, after: Cursor | None) -> Page[Trainer]:
        """Whoever works in the school; the addresses of others are told to admins alone (`list_trainers`)."""
        return await self._store.list_trainers(trainer.school_id, limit, after)

    async def list_trainers(self, admin: Trainer, limit: int, after: Cursor | None) -> Page[Trainer] | Forbidden:
        if refusal := judge_school_action(admin, "manage_trainers"):
            return refusal
        return await self._store.list_trainers(admin.school_id, limit, after)

    async def find_trainer(self, admin: Trainer, trainer_id: UUID) -> Trainer | Forbidden | NotFound:
        if refusal := judge_school_action(admin, "manage_trainers"):
            return refusal
        trainer = await self._store.find_trainer(admin.school_id, trainer_id)
        return trainer or NO_TRAINER

    async def add_trainer(
        self, admin: Trainer, new: NewTrainer, now: datetime
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Forbidden | Conflict | InvalidFields:
        if refusal := judge_school_action(admin, "manage_trainers"):
            return refusal
        if self._hall is not None:
            return KEPT_AT_CENTRAL
        return await self.enrol(admin.school_id, new, author_of(admin), now)

    async def enrol(
        self, school_id: UUID, new: NewTrainer, by: Author, now: datetime
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict | InvalidFields:
        """Add an account without asking who wants it: for the command line and the seeds."""
        if errors := _errors_of(new):
            return InvalidFields(tuple(errors))
        return await self._add(school_id, new, by, now)

    async def enrol_at(
        self, school_name: str, new_school_id: UUID, new: NewTrainer, by: Author, now: datetime
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict | InvalidFields:
        """`enrol`, in the school of that name. If there is none it is made together with the account, or not at all."""
        school_name = one_line(school_name)
        error = line_error("school", school_name, NAME_LIMIT)
        errors = [*([error] if error else []), *_errors_of(new)]
        if errors:
            return InvalidFields(tuple(errors))
        for school in await self.list_schools():
            if school.name == school_name:
                return await self._add(school.id, new, by, now)
        added = await self._store_new(new_school_id, new, by, now, School(new_school_id, school_name, now))
        return await self._add(added.id, new, by, now) if isinstance(added, School) else added

    async def _add(
        self, school_id: UUID, new: NewTrainer, by: Author, now: datetime
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict:
        added = await self._store_new(school_id, new, by, now)
        assert not isinstance(added, School)  # noqa: S101 - only a new one can be there already
        return added

    async def _store_new(
        self, school_id: UUID, new: NewTrainer, by: Author, now: datetime, new_school: School | None = None
    ) -> Added[Trainer] | AlreadyThere[Trainer] | Conflict | School:
        trainer = Trainer(
            id=new.id or uuid4(),
            school_id=school_id,
            email=normal_email(new.email),
            name=one_line(new.name),
            role=new.role,
            created_at=now,
            updated_at=now,
        )
        password_hash = await self._hash(new.password, new.password_hash, school_id)
        assert password_hash is not None  # noqa: S101 - `_errors_of` was asked
        return await self._store.add_trainer(trainer, password_hash, by, new_school)

    async def _hash(self, password: str | None, given: str | None, school_id: UUID) -> str | None:
        return given if password is None else await self._passwords.hash(password, str(school_id))

    async def change_trainer(
        self, admin: Trainer, trainer_id: UUID, edit: TrainerEdit, expected_version: int | None, now: datetime
    ) -> Trainer | Forbidden | NotFound | VersionMismatch | Conflict | InvalidFields:
        """A new role or password ends every login of that trainer."""
        if refusal := judge_school_action(admin, "manage_trainers"):
            return refusal
        if self._hall is not None:
            return KEPT_AT_CENTRAL
        return await self.amend(admin.school_id, trainer_id, edit, expected_version, author_of(admin), now)

    async def amend(
        self,
        school_id: UUID,
        trainer_id: UUID,
        edit: TrainerEdit,
        expected_version: int | None,
        by: Author,
        now: datetime,
    ) -> Trainer | NotFound | VersionMismatch | Conflict | InvalidFields:
        """Change an account without asking who wants it: for the command line."""
        errors = account_errors(
            email=edit.email, name=edit.name, password=edit.password, password_hash=edit.password_hash
        )
        if errors:
            return InvalidFields(tuple(errors))
        change = TrainerChange(
            email=None if edit.email is None else normal_email(edit.email),
            name=None if edit.name is None else one_line(edit.name),
            role=edit.role,
            password_hash=await self._hash(edit.password, edit.password_hash, school_id),
        )
        changed = await self._cutting(
            self._store.change_trainer(school_id, trainer_id, change, expected_version, by, now)
        )
        return changed.item if isinstance(changed, Unchanged) else changed

    async def delete_trainer(
        self, admin: Trainer, trainer_id: UUID, expected_version: int | None, now: datetime
    ) -> Trainer | Forbidden | NotFound | VersionMismatch | Conflict:
        if refusal := judge_school_action(admin, "manage_trainers"):
            return refusal
        if self._hall is not None:
            return KEPT_AT_CENTRAL
        return await self._cutting(
            self._store.delete_trainer(admin.school_id, trainer_id, expected_version, author_of(admin), now)
        )

    async def add_school(self, school: School) -> School:
        return await self._store.add_school(school)

    async def list_schools(self) -> Sequence[School]:
        return await self._store.list_schools()


def _errors_of(new: NewTrainer) -> list[FieldError]:
    errors = account_errors(email=new.email, name=new.name, password=new.password, password_hash=new.password_hash)
    if new.password is None and new.password_hash is None:
        errors.append(FieldError("password", "is required"))
    return errors
