"""What trainees are called in a session: each so that a trainer tells them apart, also those who gave no name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from server.domain.names_out import TRAINEE
from server.domain.session import Seat
from server.domain.text import DISPLAY_NAME_LIMIT, is_seen, likeness


class SeatNames:
    """Those that a session has given so far."""

    def __init__(self, seats: Iterable[Seat]) -> None:
        """`seats`: all of the session, the removed too."""
        self._seats = {seat.id: seat for seat in seats}
        self._present = Counter(likeness(seat.name) for seat in self._seats.values() if seat.removed_at is None)
        self._ever = {likeness(seat.name) for seat in self._seats.values()}
        self._last_number: dict[str, int] = {}

    def call(self, seat: Seat) -> Seat:
        """`seat`, under the name that it gets: the one that it has, numbered if another's is alike; a new one if it has
        none.
        """
        self._release(seat)
        called = replace(seat, name=self._apart(seat.name) if is_seen(seat.name) else self._numbered())
        self._take(called)
        return called

    def took(self, seat: Seat) -> None:
        """It was told its name already, by a process that did not know the others."""
        self._release(seat)
        self._take(seat)

    def _release(self, seat: Seat) -> None:
        before = self._seats.get(seat.id)
        if before is not None and before.removed_at is None:
            self._present[likeness(before.name)] -= 1

    def _take(self, seat: Seat) -> None:
        self._seats[seat.id] = seat
        self._present[likeness(seat.name)] += 1
        self._ever.add(likeness(seat.name))

    def _numbered(self) -> str:
        """A number that nobody of the session ever had: a removed trainee stands in the record under theirs."""
        number = len(self._seats) + 1
        while likeness(f"{TRAINEE} {number}") in self._ever:
            number += 1
        return f"{TRAINEE} {number}"

    def _apart(self, name: str) -> str:
        like = likeness(name)
        if not self._present[like]:
            return name
        number = self._last_number.get(like, 1) + 1
        while self._present[likeness(_with_number(name, number))]:
            number += 1
        self._last_number[like] = number
        return _with_number(name, number)


def is_called_so(seat: Seat, name: str) -> bool:
    """Whether the seat got its name when its trainee gave this one: it may have been numbered."""
    number = seat.name.rpartition(" ")[2]
    return name == seat.name or (number.isdecimal() and seat.name == _with_number(name, int(number)))


def _with_number(name: str, number: int) -> str:
    """Cut where it would grow over what a name may have."""
    return f"{name[: DISPLAY_NAME_LIMIT - len(str(number)) - 1].rstrip()} {number}"
