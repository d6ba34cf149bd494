"""What the attempts at one case are compared by, read for many sessions at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.case import Case
from server.domain.events import Event
from server.domain.scores import ScoreSheet


@dataclass(frozen=True, slots=True)
class EndedSession:
    """As much of it as a comparison needs. `seats`: how many people had one, without those who were removed."""

    id: UUID
    opened_at: datetime
    ended_at: datetime
    last_seq: int
    seats: int


class ComparisonStore(Protocol):
    async def ended_sessions(
        self,
        school_id: UUID,
        template_id: UUID,
        since: datetime | None,
        until: datetime | None,
        limit: int,
        now: datetime,
    ) -> Sequence[EndedSession]:
        """Those that were opened from the template, at `since` or later and before `until`, newest first.

        Without forks, which begin in the middle of a case, and without sessions that nobody joined.
        """
        ...

    async def cases_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Case]:
        """As they were stored with the sessions, without their steps."""
        ...

    async def key_events_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Event]]:
        """What `for_times` leaves of their records, in seq order; a session of which it leaves nothing is missing."""
        ...

    async def marked_annotations_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Annotation]]:
        """Those with a marker, without the deleted, in the order of adding; a session without any is missing."""
        ...

    async def sheets_of(self, session_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ScoreSheet]]:
        """In the order in which they were begun; a session without any is missing."""
        ...
