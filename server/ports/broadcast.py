"""How the services tell the clients. Called after the commit, once, and only for what is new; but for what is
foreseen while the storage is late.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.session import Recorded, Session


class Publisher(Protocol):
    async def event_recorded(self, recorded: Recorded) -> None:
        """A new event: `event:added` to watchers, and `vitals:pushed` to everybody if it moved vitals."""
        ...

    async def vitals_foreseen(self, foreseen: Recorded) -> None:
        """About to be stored, and the storage is late: `vitals:pushed` without a seq, marked as provisional."""
        ...

    async def vitals_taken_back(self, session: Session, at: datetime) -> None:
        """What was foreseen at `at` is not stored after all: `vitals:pushed` with what is."""
        ...

    async def session_updated(self, session: Session) -> None: ...

    async def session_ended(self, session: Session) -> None:
        """`session:closed` to everybody; trainees are then disconnected. Telling it twice tells nobody twice."""
        ...

    async def trainees_changed(self, session_id: UUID) -> None: ...

    async def seat_removed(self, session_id: UUID, seat_id: UUID) -> None:
        """Cut the trainee that sits there."""
        ...

    async def tokens_revoked(self, token_hashes: Collection[bytes]) -> None:
        """Cut the trainers' connections that were opened with these."""
        ...


class SilentPublisher:
    """Tells nobody: for the command line, whose changes a running server finds by itself."""

    async def event_recorded(self, recorded: Recorded) -> None: ...

    async def vitals_foreseen(self, foreseen: Recorded) -> None: ...

    async def vitals_taken_back(self, session: Session, at: datetime) -> None: ...

    async def session_updated(self, session: Session) -> None: ...

    async def session_ended(self, session: Session) -> None: ...

    async def trainees_changed(self, session_id: UUID) -> None: ...

    async def seat_removed(self, session_id: UUID, seat_id: UUID) -> None: ...

    async def tokens_revoked(self, token_hashes: Collection[bytes]) -> None: ...
