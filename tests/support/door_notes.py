"""What the door before the server told, as it tells the metrics of a whole one."""

from __future__ import annotations

from collections.abc import Callable

from server.front.refusals import Reason


class DoorNotes:
    def __init__(self) -> None:
        self.reasons: list[Reason] = []
        self.count: Callable[[], float] = lambda: -1

    def cut(self, reason: Reason) -> None:
        self.reasons.append(reason)

    def count_connections(self, count: Callable[[], float]) -> None:
        self.count = count
