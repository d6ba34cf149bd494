"""A hall server and its central one: what of a row waits to be sent, and what is taken of what the central tells.

There is no outbox. Of each row it is kept which of its versions here the central has answered, and at which version
the central has it; what waits follows from that. The same state that is sent again has the same id, so the central
answers what it answered before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID, uuid5

from server.domain.judging import Operation, Row
from server.domain.sync import REST

# Who wrote a row here that came from the central.
CENTRAL = "upstream"
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
# A clock that is off by more is told in status and doctor; by far more, before a session is opened.
OFFSET_WARNED_MS = 2_000
OFFSET_TOLD_MS = 300_000

Entity = TypeVar("Entity")
ProblemKind = Literal[
    "no_connection",
    "clock",
    "certificate",
    "login_page",
    "wrong_token",
    "revoked",
    "central_too_old",
    "another_school",
    "busy",
    "refused",
    "central_failed",
]
# Trying again changes nothing until a person has done something.
LASTING: frozenset[ProblemKind] = frozenset(("wrong_token", "revoked", "central_too_old", "another_school"))


@dataclass(frozen=True, slots=True)
class LinkProblem:
    """Why a round ended early. `detail` is for people who run servers."""

    kind: ProblemKind
    detail: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """The central server, the school of both, and who this hall is there: known from the first hello on."""

    school_id: UUID
    hall_id: UUID
    epoch: str


@dataclass(frozen=True, slots=True)
class Link:
    """How a hall stands with its central server. `epoch` and `cursor` are of its pulls; the rest is told to people."""

    client_id: str
    token_hash: bytes
    school_id: UUID | None = None
    hall_id: UUID | None = None
    hall_name: str | None = None
    epoch: str | None = None
    cursor: int = 0
    is_pulling_whole: bool = False
    """Everything is pulled anew; what is not named by its end the central has not got, or this hall may not have."""
    contacted_at: datetime | None = None
    completed_at: datetime | None = None
    """The last round that came to its end."""
    next_try_at: datetime | None = None
    problem: LinkProblem | None = None
    offset_ms: int | None = None
    """The central's clock minus this one's."""
    release: str | None = None
    """Of the central."""

    @property
    def met(self) -> Met:
        if self.school_id is None or self.hall_id is None or self.epoch is None:
            raise AssertionError("nothing is sent or taken before the hello")
        return Met(self.school_id, self.hall_id, self.epoch)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a row at the central, and in which of its epochs it was told.

    `pushed`: the version here up to which the central has answered. `central_version`: 0 while it has not got the row.
    """

    pushed: int = 0
    central_version: int = 0
    epoch: str = ""


NO_MARK = Mark()


@dataclass(frozen=True, slots=True)
class SentEdit:
    """An edit as it is sent."""

    id: UUID
    operation: Operation
    local_version: int
    seq: int
    changed: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Told:
    """What comes of something that the central told of a row: its new mark, and whether it is written here.

    `goes_again`: it gets a new version as it is, or the central would take it for what it has answered already.
    """

    mark: Mark
    is_taken: bool = False
    goes_again: bool = False


def event_id(hall_id: UUID, epoch: str, entity_type: str, entity_id: UUID, version: int | str) -> UUID:
    """Of the same state it is the same; after the central was restored another one, for it has forgotten answers."""
    return uuid5(hall_id, f"{epoch}/{entity_type}/{entity_id}/{version}")


def waits(row: Row[Entity], mark: Mark) -> bool:
    return row.version > mark.pushed


def outgoing(
    hall_id: UUID, epoch: str, entity_type: str, entity_id: UUID, row: Row[Entity], mark: Mark, fields: Collection[str]
) -> SentEdit:
    """The one edit that brings the central what it has not got of this row."""
    sent_id = event_id(hall_id, epoch, entity_type, entity_id, f"{row.version}/{mark.central_version}")
    if row.is_deleted:
        return SentEdit(sent_id, "DELETE", mark.central_version, row.version, None)
    if mark.central_version == 0 or row.first_version > mark.pushed:
        return SentEdit(sent_id, "CREATE", mark.central_version, row.version, None)
    changed = frozenset(name for name in fields if row.written.get(name, row.written[REST]).version > mark.pushed)
    return SentEdit(sent_id, "UPDATE", mark.central_version, row.version, changed or frozenset(fields))


def answered(
    row: Row[Entity] | None,
    mark: Mark,
    sent_version: int,
    epoch: str,
    central_version: int,
    *,
    has_data: bool,
) -> Told:
    """What comes of an answer to what was sent at `sent_version`. `has_data`: the central has something else there."""
    if not has_data:
        return Told(Mark(sent_version, central_version, epoch))
    if row is None or row.version == sent_version:
        return Told(Mark(sent_version, central_version, epoch), is_taken=True)
    # It was edited meanwhile, on what it was before: that edit is sent as one on the old version, and judged so.
    return Told(replace(mark, pushed=sent_version, epoch=epoch))


def pulled(row: Row[Entity] | None, mark: Mark, central_version: int, epoch: str, *, is_same: bool) -> Told:
    """What comes of a row that a pull names. `is_same`: it says what stands here."""
    known = replace(mark, epoch=epoch)
    if row is None:
        return Told(Mark(0, central_version, epoch), is_taken=True)
    if central_version == mark.central_version or (central_version < mark.central_version and mark.epoch == epoch):
        return Told(known)
    if is_same:
        return Told(Mark(row.version, central_version, epoch))
    if central_version < mark.central_version:
        # The central was restored from before it had this: it gets it again, as an edit of what it has.
        return Told(Mark(0, central_version, epoch), goes_again=True)
    if waits(row, mark):
        return Told(known)
    if mark.epoch not in (epoch, "") and _is_own(row):
        # Restored, and edited there since: a person shall see both sides.
        return Told(Mark(0, mark.central_version, epoch), goes_again=True)
    return Told(Mark(row.version, central_version, epoch), is_taken=True)


def unnamed(mark: Mark, epoch: str) -> Mark:
    """Of a row that was not named by a whole pull: the central gets it again as something new."""
    return Mark(0, 0, epoch)


def _is_own(row: Row[Entity]) -> bool:
    return any(write.client != CENTRAL for write in row.written.values())


def pause_seconds(failures: int, chance: float) -> float:
    """After so many failures in a row, 1 for the first; half of it by `chance`, from 0 to 1, so that halls that were
    cut off together do not come back together.
    """
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 20))
    return longest * (0.5 + 0.5 * chance)


def offset_ms(server_time: datetime, asked_at: datetime, answered_at: datetime) -> int:
    """The other clock minus this one, as of the middle of the question."""
    middle = asked_at + (answered_at - asked_at) / 2
    return round((server_time - middle).total_seconds() * 1000)


def is_older(release: str, than: str) -> bool:
    """Of two releases such as 1.4.2; what is no number counts as 0."""
    return _numbers(release) < _numbers(than)


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in (release.split("+")[0].split(".") + ["0"] * 3)[:3])
