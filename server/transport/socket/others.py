"""What this process tells the other server processes. Nothing depends on their hearing it."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from server.live.delivery import RecordedMessage
from server.transport.wire.shapes import VitalsPushedMessage


class Others(Protocol):
    def recorded(self, message: RecordedMessage) -> None:
        """A new event, for their clients of that session."""
        ...

    def foreseen(self, pushed: VitalsPushedMessage) -> None:
        """Vitals that are about to be stored, or are not after all, for their clients of that session."""
        ...

    def look_again(self) -> None:
        """A session was changed or ended, a seat was taken away, a login was ended: read the storage now."""
        ...

    def seats_changed(self, session_id: UUID) -> None:
        """Other seats of this session are connected here than before, or it has other seats."""
        ...


class Nobody:
    """There is one process."""

    def recorded(self, message: RecordedMessage) -> None: ...

    def foreseen(self, pushed: VitalsPushedMessage) -> None: ...

    def look_again(self) -> None: ...

    def seats_changed(self, session_id: UUID) -> None: ...
