"""Whether an edit that a device made on a copy of its own is taken: one pure rule for everything that devices edit.

The order of the questions is part of the rule (docs/api.md, Sync): simpler sets of them lost edits in a property test.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, get_args

from server.domain.outcomes import FieldError, InvalidFields
from server.domain.sync import REST, FieldWrite, FieldWrites

Operation = Literal["CREATE", "UPDATE", "DELETE"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
ConflictReason = Literal["unknown_version", "changed_since", "deleted", "missing", "merge_invalid"]
RejectionReason = Literal[
    "superseded", "invalid_fields", "forbidden", "unknown_type", "id_taken", "session_over", "not_home", "seq_taken"
]

Entity = TypeVar("Entity")


@dataclass(frozen=True, slots=True)
class Row(Generic[Entity]):
    """A row of the school's log, as the storage has it; a tombstone too."""

    entity: Entity
    is_deleted: bool
    version: int
    first_version: int
    written: FieldWrites


@dataclass(frozen=True, slots=True)
class Edit:
    """What a device wants: `named` are the fields of which it sent a value, `changed` those that it says it changed.

    `local_version` is the version of the row on which it was made, 0 for one that the device thinks is new.
    `seq` grows with each edit of one client.
    """

    operation: Operation
    client: str
    seq: int | None
    local_version: int
    named: frozenset[str] = frozenset()
    changed: frozenset[str] | None = None

    @property
    def written(self) -> frozenset[str]:
        """The fields that it writes, if it is taken."""
        if self.operation == "UPDATE" and self.changed is not None:
            return self.changed & self.named
        return self.named


@dataclass(frozen=True, slots=True)
class Merged(Generic[Entity]):
    """The row's entity with the edit on it; `is_same`: it is what was there."""

    entity: Entity
    is_same: bool


@dataclass(frozen=True, slots=True)
class Taken(Generic[Entity]):
    entity: Entity


@dataclass(frozen=True, slots=True)
class AlreadyThus:
    """It is so already: acknowledged with the row's version (0 if there is none), and nobody becomes its writer."""

    version: int


@dataclass(frozen=True, slots=True)
class Conflicting:
    reason: ConflictReason


@dataclass(frozen=True, slots=True)
class Rejected:
    reason: RejectionReason
    errors: tuple[FieldError, ...] = ()


Verdict = Taken[Entity] | AlreadyThus | Conflicting | Rejected


def judge(
    row: Row[Entity] | None,
    edit: Edit,
    fields: Collection[str],
    newest: int,
    since: int,
    merge: Callable[[], Merged[Entity] | InvalidFields],
) -> Verdict[Entity]:
    """`fields` are all of this kind of entity. `newest` is the newest version in the school, `since` the one that was
    so when the call began: what is above was written by this very call.

    `merge` gives the whole that would be there; it is asked only if the edit may be taken.
    """
    asked = edit.changed if edit.operation == "UPDATE" and edit.changed is not None else fields
    writes = [] if row is None else list(_last_writes(row.written, asked))
    if any(_supersedes(write, edit) for write in writes):
        return Rejected("superseded")
    if edit.operation == "DELETE" and (row is None or row.is_deleted):
        return AlreadyThus(0 if row is None else row.version)
    merged = _merge(row, edit, merge)
    if row is not None and isinstance(merged, Merged) and merged.is_same:
        return AlreadyThus(row.version)
    if edit.local_version > newest and not (edit.operation == "CREATE" and row is None):
        return Conflicting("unknown_version")
    if any(write.version > edit.local_version and not _is_own(write, edit, since) for write in writes):
        return Conflicting("changed_since")
    match merged:
        case "missing" | "deleted":
            return Conflicting(merged)
        case InvalidFields(errors):
            # Of a new entity nobody else has written a part.
            return Rejected("invalid_fields", errors) if row is None else Conflicting("merge_invalid")
        case Merged(entity):
            return Taken(entity)


def version_made_on(row: Row[Entity], writes: int, known: int, newest: int) -> int:
    """The log's version on which an edit was made, of which is only known that the row had been written `known` times.

    It has been written `writes` times by now. The writes since then are among those that its fields tell of, but for
    those that were written over; so this may be an older version than it was, which makes somebody look at a conflict,
    but never a newer one, which would lose an edit.
    """
    since = writes - known
    if since < 0:
        return newest + 1
    if since == 0:
        return row.version
    told = sorted({write.version for write in row.written.values()}, reverse=True)
    return told[min(since, len(told)) - 1] - 1


def _merge(
    row: Row[Entity] | None, edit: Edit, merge: Callable[[], Merged[Entity] | InvalidFields]
) -> Merged[Entity] | InvalidFields | Literal["missing", "deleted"]:
    if edit.operation == "UPDATE" and row is None:
        return "missing"
    if edit.operation == "UPDATE" and row is not None and row.is_deleted:
        return "deleted"
    return merge()


def _last_writes(written: FieldWrites, fields: Collection[str]) -> Iterable[FieldWrite]:
    return {written.get(name, written[REST]) for name in fields}


def _supersedes(write: FieldWrite, edit: Edit) -> bool:
    return write.client == edit.client and write.seq is not None and edit.seq is not None and write.seq >= edit.seq


def _is_own(write: FieldWrite, edit: Edit, since: int) -> bool:
    """Whether the device knew of this write when it made the edit: by their seq or, without one, in one call only."""
    if write.client != edit.client:
        return False
    return write.version > since or (write.seq is not None and edit.seq is not None)
