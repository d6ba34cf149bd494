"""The one table that turns what a rule answers into the code and words that a client gets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from server.domain.outcomes import (
    ERRORS_TOLD,
    Conflict,
    DeviceRevoked,
    FieldError,
    Forbidden,
    HallRevoked,
    HomeworkOver,
    HomeworkWithdrawn,
    InvalidBody,
    InvalidFields,
    NotFound,
    NotHome,
    RateLimited,
    Refusal,
    ResyncRequired,
    SeatRemoved,
    SessionClosed,
    SessionExpired,
    SessionFull,
    TooLarge,
    Unauthenticated,
    VersionMismatch,
    WentOn,
)
from server.domain.timestamps import write_timestamp

Code = Literal[
    "invalid_body",
    "unauthenticated",
    "hall_revoked",
    "forbidden",
    "device_revoked",
    "not_found",
    "method_not_allowed",
    "conflict",
    "not_home",
    "resync_required",
    "session_closed",
    "session_expired",
    "removed",
    "full",
    "version_mismatch",
    "too_large",
    "unsupported_media_type",
    "invalid_fields",
    "rate_limited",
    "internal_error",
    "storage_unavailable",
]
CODES: tuple[Code, ...] = get_args(Code)

# The very same message, under the same id, may well be taken a moment later; all others stay refused until something
# else has happened (a login, a newer version, a person who changes what is sent).
PASSING: frozenset[Code] = frozenset({"rate_limited", "internal_error", "storage_unavailable"})

STORAGE_RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Refused:
    code: Code
    detail: str
    errors: tuple[FieldError, ...] | None = None
    retry_after_seconds: int | None = None
    hall: str | None = None
    """Where it is done instead: the name, for words in whichever language."""
    moved_to: str | None = None
    """The code of the session in which it goes on."""


STORAGE_UNAVAILABLE = Refused(
    "storage_unavailable",
    "The storage does not answer. Nothing was lost that was confirmed; try again in a moment.",
    retry_after_seconds=STORAGE_RETRY_SECONDS,
)
STOPPING = Refused(
    "storage_unavailable",
    "The server is stopping; connect again in a moment and send this again under the same id.",
    retry_after_seconds=STORAGE_RETRY_SECONDS,
)
BROKEN = Refused("internal_error", "Something went wrong here. It was written to the server's log.")


def refused(refusal: Refusal) -> Refused:  # noqa: C901 - one case for each outcome is the point
    match refusal:
        case InvalidFields(errors):
            told = errors[:ERRORS_TOLD]
            named = ", ".join(dict.fromkeys(error.field for error in told))
            return Refused("invalid_fields", f"Cannot be accepted: {named}.", told)
        case InvalidBody(detail):
            return Refused("invalid_body", detail)
        case TooLarge(detail):
            return Refused("too_large", detail)
        case Unauthenticated(detail):
            return Refused("unauthenticated", detail)
        case DeviceRevoked(detail):
            return Refused("device_revoked", detail)
        case Forbidden(detail):
            return Refused("forbidden", detail)
        case NotFound(detail):
            return Refused("not_found", detail)
        case Conflict(detail):
            return Refused("conflict", detail)
        case VersionMismatch(current):
            return Refused(
                "version_mismatch",
                f"Somebody changed it meanwhile: it is at version {current}. Read it again, then change it.",
            )
        case SessionClosed():
            return Refused("session_closed", "The trainer has closed this session.")
        case SessionExpired():
            return Refused("session_expired", "The time of this session is up.")
        case WentOn(over, code):
            return replace(
                refused(over),
                detail=f"This session is over and goes on in another one: join there by the code {code}.",
                moved_to=code,
            )
        case NotHome(hall):
            return Refused(
                "not_home",
                f'This session runs in the hall "{hall}", and what is done to it is done there. '
                "Here it can be watched, exported and debriefed.",
                hall=hall,
            )
        case HallRevoked():
            return Refused(
                "hall_revoked",
                "The token of this hall was taken back. Ask an admin of the school for a new one; what is recorded "
                "in the hall stays there until then.",
            )
        case HomeworkOver(until):
            return Refused(
                "session_expired",
                f"This homework could be begun until {write_timestamp(until)}; ask your trainer whether it is given "
                "again.",
            )
        case HomeworkWithdrawn():
            return Refused("session_closed", "This homework was taken back; ask your trainer for a new link.")
        case SeatRemoved():
            return Refused("removed", "The trainer has taken this seat away.")
        case SessionFull(seats):
            return Refused(
                "full",
                f"All {seats} seats of this session are taken. Ask your trainer, who can take seats away.",
            )
        case ResyncRequired():
            return Refused(
                "resync_required",
                "What this device has is not of this server's data as they are now. Begin again at 0, then send again "
                "what had been confirmed and is missing.",
            )
        case RateLimited(seconds, why):
            return Refused(
                "rate_limited",
                f"{why}; try again in {seconds} s.",
                retry_after_seconds=seconds,
            )
