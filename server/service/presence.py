"""Which seats have a live connection in this process. No record: a restart begins with nobody there."""

from __future__ import annotations

from collections import Counter
from uuid import UUID


class Presence:
    def __init__(self) -> None:
        self._connections: Counter[UUID] = Counter()

    def arrived(self, seat_id: UUID) -> None:
        self._connections[seat_id] += 1

    def left(self, seat_id: UUID) -> None:
        self._connections[seat_id] -= 1
        if self._connections[seat_id] <= 0:
            del self._connections[seat_id]

    def is_connected(self, seat_id: UUID) -> bool:
        return seat_id in self._connections
