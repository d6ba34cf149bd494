"""Events: the immutable, persisted facts of a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from server.domain.vitals import VitalsPatch

EventKind = Literal["vitals", "note", "action", "lifecycle"]
AuthorRole = Literal["trainer", "trainee", "system"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who did it, as they were called at that moment; `id` is a trainer's or a seat's, None for the system."""

    role: AuthorRole
    id: UUID | None
    name: str


SYSTEM = Author("system", None, "Shiller")


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What somebody wants recorded, under an id that its maker chose.

    `patch` is for `vitals`; `text` is a note's text or an action's name.
    """

    id: UUID
    kind: EventKind
    by: Author
    patch: VitalsPatch | None = None
    text: str | None = None
    details: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    id: UUID
    session_id: UUID
    seq: int
    kind: EventKind
    created_at: datetime
    by: Author
    patch: VitalsPatch | None
    text: str | None
    details: Mapping[str, object] | None
