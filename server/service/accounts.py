"""Schools, trainers, and who somebody is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.events import Author
from server.domain.outcomes import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unchanged,
    VersionMismatch,
)
from server.domain.people import (
    EMAIL_LIMIT,
    NO_TRAINER,
    Access,
    Role,
    School,
    Trainer,
    TrainerChange,
    account_errors,
    normal_email,
)
from server.domain.permissions import KEPT_AT_CENTRAL, judge_school_action
from server.domain.text import NAME_LIMIT, is_storable, line_error, one_line
from server.ports.broadcast import Publisher
from server.ports.people import AccountStore, EditedTrainer
from server.ports.results import Added, AlreadyThere, Cursor, Page
from server.service.devices import Devices
from server.service.guessing import LoginLimits
from server.service.passwords import WORKERS, PasswordHasher
from server.service.tokens import new_token, token_hash
from server.service.upstream import HallLink

# The same text whether or not the address exists.
WRONG_LOGIN = Unauthenticated("The e-mail address or the password is wrong.")

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """`device`: what this device shows from now on at its logins."""

    token: str
    expires_at: datetime
    trainer: Trainer
    device: str


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


class Accounts:
    def __init__(
        self,
        store: AccountStore,
        publisher: Publisher,
        passwords: PasswordHasher,
        devices: Devices,
        token_life: timedelta,
        look_again: Callable[[], None],
        hall: HallLink | None = None,
    ) -> None:
        """`look_again` makes the jobs look at once whose login has ended. A `hall` has its accounts from elsewhere."""
        self._store = store
        self._publisher = publisher
        self._passwords = passwords
        self._devices = devices
        self._token_life = token_life
        self._look_again = look_again
        self._hall = hall
        self._limits = LoginLimits()
        self._turns = asyncio.Semaphore(WORKERS)
        self._turns_of_known_devices = asyncio.Semaphore(WORKERS)

    async def login(
        self, email: str, password: str, address: str, kept: str | None, now: datetime
    ) -> LoggedIn | Unauthenticated | Forbidden | RateLimited:
        """`kept`: what the device was given at its logins until now."""
        # What cannot be an address is nobody's; cut short, so that the counters stay small.
        email = normal_email(email)[: EMAIL_LIMIT + 1] if is_storable(email) else ""
        device = self._devices.find_logged_in(email, kept, now)
        if self._hall is not None and (refusal := await self._hall.judge_login(now)):
            return refusal
        # Asked in turn, so that guesses sent side by side find the failures of those before them. A device that is
        # known does not wait behind the others.
        async with self._turns if device is None else self._turns_of_known_devices:
            if refusal := self._limits.refusal(email, address, device, now):
                return refusal
            credentials = await self._store.find_credentials(email)
            # At a hall that may not know it any more it is empty.
            known_hash = None if credentials is None else credentials.password_hash or None
            if not await self._passwords.matches(password, known_hash) or credentials is None:
                self._limits.failed(email, address, device, now)
                return WRONG_LOGIN
        token = new_token()
        expires_at = now + self._token_life
        if not await self._store.add_token(credentials, token_hash(token), now, expires_at):
            # The password was changed while it was compared.
            return WRONG_LOGIN
        self._limits.succeeded(email, address)
        return LoggedIn(token, expires_at, credentials.trainer, self._devices.logged_in(email, kept, now))

    async def identify(self, token: str | None, now: datetime) -> Access | Unauthenticated:
        if not token:
            return Unauthenticated()
        return await self._store.find_access(token_hash(token), now) or Unauthenticated()

    async def logout(self, access: Access) -> None:
        try:
            await self._store.delete_token(access.token_hash)
        finally:
            # In an outage too: this process forgets the login, though only the storage can end it for good.
            await self._publisher.tokens_revoked([access.token_hash])

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
        password_hash = await self._hash(new.password, new.password_hash)
        assert password_hash is not None  # noqa: S101 - `_errors_of` was asked
        return await self._store.add_trainer(trainer, password_hash, by, new_school)

    async def _hash(self, password: str | None, given: str | None) -> str | None:
        return given if password is None else await self._passwords.hash(password)

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
            password_hash=await self._hash(edit.password, edit.password_hash),
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

    async def _cutting(self, editing: Awaitable[EditedTrainer | Outcome]) -> Trainer | Outcome:
        """The trainer as edited, after the connections of the logins that ended with it are cut."""
        try:
            edited = await editing
            if not isinstance(edited, EditedTrainer):
                return edited
            if edited.ended_logins:
                await self._publisher.tokens_revoked(edited.ended_logins)
        except BaseException:
            # Its answer was lost, or nobody waits for it any more: it may be stored all the same.
            self._look_again()
            raise
        return edited.trainer


def _errors_of(new: NewTrainer) -> list[FieldError]:
    errors = account_errors(email=new.email, name=new.name, password=new.password, password_hash=new.password_hash)
    if new.password is None and new.password_hash is None:
        errors.append(FieldError("password", "is required"))
    return errors
