"""The seats of one session as those who watch it are told: each is encoded once, and again when it has changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.domain.session import Seat
from server.ports.broadcast import Trainee

Encode = Callable[[Trainee], str]


@dataclass(slots=True)
class _Line:
    seat: Seat
    is_connected: bool
    encoded: str


class Roster:
    def __init__(self, seats: Iterable[Seat], encode: Encode, removed: set[UUID] | None = None) -> None:
        """`seats`: in the order of joining, without the removed.

        `removed`: what was taken away by what an earlier roster has heard; kept up to date with what this one hears.
        """
        self._encode = encode
        self._removed = set[UUID]() if removed is None else removed
        self._lines = {seat.id: self._line(seat, is_connected=False) for seat in seats if seat.id not in self._removed}

    def __len__(self) -> int:
        return len(self._lines)

    def put(self, seat: Seat) -> None:
        """New, renamed or taken away, by whoever. What was taken away stays so, whatever is heard of it later."""
        line = self._lines.get(seat.id)
        if seat.removed_at is not None:
            self._removed.add(seat.id)
            self._lines.pop(seat.id, None)
        elif seat.id in self._removed:
            return
        elif line is None:
            is_last = not self._lines or _place(next(reversed(self._lines.values()))) <= (seat.joined_at, seat.id)
            self._lines[seat.id] = self._line(seat, is_connected=False)
            if not is_last:
                self._lines = dict(sorted(self._lines.items(), key=lambda item: _place(item[1])))
        elif line.seat != seat:
            self._lines[seat.id] = self._line(seat, is_connected=line.is_connected)

    def knows(self, connected: Collection[UUID]) -> bool:
        """Whether all of these have their seats in it."""
        return self._lines.keys() >= set(connected)

    def encoded(self, connected: Collection[UUID]) -> Sequence[str]:
        """In the order of joining, as it is while these are connected."""
        for seat_id, line in self._lines.items():
            if (seat_id in connected) != line.is_connected:
                line.is_connected = not line.is_connected
                line.encoded = self._encode(Trainee(line.seat, line.is_connected))
        return [line.encoded for line in self._lines.values()]

    def _line(self, seat: Seat, *, is_connected: bool) -> _Line:
        return _Line(seat, is_connected, self._encode(Trainee(seat, is_connected)))


def _place(line: _Line) -> tuple[object, UUID]:
    return line.seat.joined_at, line.seat.id
