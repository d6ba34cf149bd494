"""Schools and the accounts that belong to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from server.domain.outcomes import FieldError
from server.domain.text import NAME_LIMIT, is_storable, line_error

Role = Literal["admin", "trainer", "observer"]
ROLES: tuple[Role, ...] = get_args(Role)

PASSWORD_MIN_CHARACTERS = 8
PASSWORD_MAX_BYTES = 72  # bcrypt reads no further, so a longer one would be silently cut
EMAIL_LIMIT = 254  # RFC 5321, section 4.5.3.1.3

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class School:
    id: UUID
    name: str
    created_at: datetime


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


@dataclass(frozen=True, slots=True)
class TrainerChange:
    """What is None stays as it is."""

    email: str | None = None
    name: str | None = None
    role: Role | None = None
    password_hash: str | None = None


def normal_email(email: str) -> str:
    """How an address is stored and looked up: without surrounding space, in lower case."""
    return email.strip().lower()


def account_errors(
    *, email: str | None = None, name: str | None = None, password: str | None = None
) -> list[FieldError]:
    """What is wrong with the parts of an account; None means «not sent»."""
    errors: list[FieldError] = []
    if email is not None and not (
        is_storable(email) and len(email) <= EMAIL_LIMIT and _EMAIL.fullmatch(normal_email(email))
    ):
        errors.append(FieldError("email", f"must be an e-mail address of at most {EMAIL_LIMIT} characters"))
    if name is not None and (error := line_error("name", name, NAME_LIMIT)):
        errors.append(error)
    if password is not None and (message := password_error(password)):
        errors.append(FieldError("password", message))
    return errors


def password_error(password: str) -> str | None:
    if not is_storable(password):
        return "holds a character that cannot be used in a password"
    if len(password) < PASSWORD_MIN_CHARACTERS:
        return f"must have at least {PASSWORD_MIN_CHARACTERS} characters"
    if len(password.encode("utf-8")) > PASSWORD_MAX_BYTES:
        return f"must have at most {PASSWORD_MAX_BYTES} bytes (accented letters take two)"
    return None
