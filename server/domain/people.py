"""Schools and the accounts that belong to them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from server.domain.outcomes import (
    ID_TAKEN,
    Conflict,
    FieldError,
    NotFound,
    Unchanged,
    VersionMismatch,
    version_mismatch,
)
from server.domain.passwords import password_error
from server.domain.text import NAME_LIMIT, holds_unseen, is_storable, line_error

Role = Literal["admin", "trainer", "observer"]
ROLES: tuple[Role, ...] = get_args(Role)

EMAIL_LIMIT = 254  # RFC 5321, section 4.5.3.1.3

EMAIL_TAKEN = Conflict("Another account has this e-mail address.")
LAST_ADMIN = Conflict("A school keeps at least one admin; make another one first.")
NO_TRAINER = NotFound("There is no such trainer.")
NO_LOGIN = NotFound("There is no such login of yours; it may have ended already.")
NOT_THE_FIRST = Conflict("This server has an account already: its link for the first admin opens nothing any more.")

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
# A hash of less work is soon guessed; one of more holds up the logins of everybody else.
HASH_COSTS = range(10, 15)
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a school keeps what its sessions leave behind (`domain/retention.py`): names, and whole records.

    `records_months` is None for as long as the school wants; nothing is done before `begins_at`, if there is one.
    """

    names_months: int = 12
    records_months: int | None = None
    begins_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class School:
    id: UUID
    name: str
    created_at: datetime
    retention: Retention = Retention()


@dataclass(frozen=True, slots=True)
class Trainer:
    id: UUID
    school_id: UUID
    email: str
    name: str
    role: Role
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Credentials:
    trainer: Trainer
    password_hash: str


@dataclass(frozen=True, slots=True)
class Access:
    """A trainer, as proved by a token that has not run out."""

    trainer: Trainer
    token_hash: bytes
    expires_at: datetime


AGENT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Login:
    """A token that opens the door; `agent` is what the browser or program called itself."""

    token_hash: bytes
    created_at: datetime
    expires_at: datetime
    agent: str

    @property
    def id(self) -> UUID:
        """It tells nothing of the token, whose hash this is a part of."""
        return UUID(bytes=self.token_hash[:16])


@dataclass(frozen=True, slots=True)
class TrainerChange:
    """What is None stays as it is."""

    email: str | None = None
    name: str | None = None
    role: Role | None = None
    password_hash: str | None = None


def judge_new_trainer(trainer: Trainer, known: Trainer | None, *, is_email_taken: bool) -> Trainer | Conflict:
    """Who stands under the new one's id from now on; `known` is who did so before. A deleted one never comes back."""
    if known is not None:
        return known if known.school_id == trainer.school_id and known.deleted_at is None else ID_TAKEN
    return EMAIL_TAKEN if is_email_taken else trainer


def judge_trainer_change(
    trainer: Trainer | None,
    change: TrainerChange,
    expected_version: int | None,
    now: datetime,
    *,
    is_email_taken: bool,
    has_other_admin: bool,
) -> Trainer | Unchanged[Trainer] | NotFound | VersionMismatch | Conflict:
    """`is_email_taken`: another account has the address that is wished for. `has_other_admin`: the school has.

    A password is always a change, for nobody knows whether it is the one that there was.
    """
    if trainer is None or trainer.deleted_at is not None:
        return NO_TRAINER
    if mismatch := version_mismatch(expected_version, trainer.version):
        return mismatch
    if trainer.role == "admin" and change.role not in (None, "admin") and not has_other_admin:
        return LAST_ADMIN
    if is_email_taken:
        return EMAIL_TAKEN
    wished = replace(
        trainer,
        email=change.email or trainer.email,
        name=change.name or trainer.name,
        role=change.role or trainer.role,
    )
    if wished == trainer and change.password_hash is None:
        return Unchanged(trainer)
    return replace(wished, updated_at=now, version=trainer.version + 1)


def judge_trainer_removal(
    trainer: Trainer | None, expected_version: int | None, now: datetime, *, has_other_admin: bool
) -> Trainer | NotFound | VersionMismatch | Conflict:
    """The tombstone: an address belongs to one account, so it is given back."""
    if trainer is None or trainer.deleted_at is not None:
        return NO_TRAINER
    if mismatch := version_mismatch(expected_version, trainer.version):
        return mismatch
    if trainer.role == "admin" and not has_other_admin:
        return LAST_ADMIN
    return replace(
        trainer,
        email=f"{trainer.id}@deleted.invalid",
        deleted_at=now,
        updated_at=now,
        version=trainer.version + 1,
    )


def changed_trainer_fields(before: Trainer, after: Trainer, change: TrainerChange) -> tuple[str, ...]:
    fields = [name for name in ("name", "email", "role") if getattr(before, name) != getattr(after, name)]
    return (*fields, "password") if change.password_hash is not None else tuple(fields)


def ends_logins(fields: Collection[str]) -> bool:
    """Whether a change of these fields ends every login that the trainer has."""
    return "role" in fields or "password" in fields


def agent_text(sent: str) -> str:
    """What a client calls itself, as it is kept."""
    return "".join(character for character in sent if character.isprintable())[:AGENT_LIMIT].strip()


def is_admin(trainer: Trainer) -> bool:
    return trainer.role == "admin" and trainer.deleted_at is None


def normal_email(email: str) -> str:
    """How an address is stored and looked up: without surrounding space, in lower case."""
    return email.strip().lower()


def account_errors(
    *,
    email: str | None = None,
    name: str | None = None,
    password: str | None = None,
    password_hash: str | None = None,
    is_stored: bool = False,
) -> list[FieldError]:
    """What is wrong with the parts of an account; None means «not sent».

    `is_stored`: it is an account of some Shiller already, maybe since before there was a rule on what nobody sees.
    """
    errors: list[FieldError] = []
    if email is not None and not (
        is_storable(email) and len(email) <= EMAIL_LIMIT and _EMAIL.fullmatch(normal_email(email))
    ):
        errors.append(FieldError("email", f"must be an e-mail address of at most {EMAIL_LIMIT} characters"))
    elif email is not None and not is_stored and holds_unseen(email):
        errors.append(FieldError("email", "holds a character that nobody sees; type the address anew"))
    if name is not None and (error := line_error("name", name, NAME_LIMIT, is_stored=is_stored)):
        errors.append(error)
    if password is not None and (message := password_error(password)):
        errors.append(FieldError("password", message))
    if password_hash is not None and (message := _hash_error(password_hash, password)):
        errors.append(FieldError("password_hash", message))
    return errors


def _hash_error(password_hash: str, password: str | None) -> str | None:
    if password is not None:
        return "cannot come with a password: send one of the two"
    bcrypt = _BCRYPT.fullmatch(password_hash)
    if bcrypt is None or int(bcrypt[1]) not in HASH_COSTS:
        return f"must be a hash by bcrypt, of a cost from {HASH_COSTS[0]} to {HASH_COSTS[-1]}"
    return None
