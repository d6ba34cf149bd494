"""Every way a rule can refuse. Transports turn these into problems and acks in one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Item = TypeVar("Item", covariant=True)

# Somebody who sends thousands of wrong fields is told of some: a refusal shall not be larger than what it refuses.
ERRORS_TOLD = 50


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that cannot be accepted; `field` is its dotted path in what the client sent."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class InvalidFields:
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class InvalidBody:
    detail: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    detail: str


@dataclass(frozen=True, slots=True)
class Unauthenticated:
    detail: str = "Log in first: the token is missing, unknown or has run out."


@dataclass(frozen=True, slots=True)
class Forbidden:
    detail: str


@dataclass(frozen=True, slots=True)
class DeviceRevoked(Forbidden):
    """Its trainer may, this device may not, and another id of its own making would not be in its admin's sense."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """Also what another school's things are answered with: existence is not told."""

    detail: str


@dataclass(frozen=True, slots=True)
class Conflict:
    detail: str


@dataclass(frozen=True, slots=True)
class VersionMismatch:
    current: int


def version_mismatch(expected: int | None, current: int) -> VersionMismatch | None:
    """`expected` is None where any version will do."""
    return None if expected in (None, current) else VersionMismatch(current)


@dataclass(frozen=True, slots=True)
class SessionClosed:
    pass


@dataclass(frozen=True, slots=True)
class SessionExpired:
    pass


@dataclass(frozen=True, slots=True)
class NotHome:
    """The session runs in a hall of this name, whose server alone writes to it; here it is only read."""

    hall: str


@dataclass(frozen=True, slots=True)
class SeatRemoved:
    pass


@dataclass(frozen=True, slots=True)
class SessionFull:
    """Every one of its seats is taken: whoever has one keeps it, nobody gets a new one."""

    seats: int


@dataclass(frozen=True, slots=True)
class RateLimited:
    """`why`: the beginning of the sentence that says when to try again."""

    retry_after_seconds: int
    why: str = "Too many tries"


@dataclass(frozen=True, slots=True)
class ResyncRequired:
    """What the device has is not of this server's data as they are now: it begins again at 0."""


@dataclass(frozen=True, slots=True)
class HallRevoked:
    """The hall's token was good once, and was taken back."""


@dataclass(frozen=True, slots=True)
class HomeworkOver:
    """Its date has passed: what was begun before goes on, nothing more is begun."""

    until: datetime


@dataclass(frozen=True, slots=True)
class HomeworkWithdrawn:
    """Its trainer took it back, or nobody is there any more who could have given it."""


@dataclass(frozen=True, slots=True)
class Unchanged(Generic[Item]):
    """No refusal: what was asked for is so already. Nothing was written, and nobody is told."""

    item: Item


SessionOver = SessionClosed | SessionExpired


@dataclass(frozen=True, slots=True)
class WentOn:
    """The session is over, and its team was sent to another one, which is open under this code."""

    over: SessionOver
    code: str


Refusal = (
    InvalidFields
    | InvalidBody
    | TooLarge
    | Unauthenticated
    | Forbidden
    | NotFound
    | Conflict
    | VersionMismatch
    | SessionClosed
    | SessionExpired
    | NotHome
    | SeatRemoved
    | SessionFull
    | RateLimited
    | ResyncRequired
    | HallRevoked
    | HomeworkOver
    | HomeworkWithdrawn
    | WentOn
)


ID_TAKEN = Conflict("This id is taken; make a new one (a random UUID).")


def invalid(field: str, message: str) -> InvalidFields:
    return InvalidFields((FieldError(field, message),))
