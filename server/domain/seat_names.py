"""What trainees are called in a session: each so that a trainer tells them apart, also those who gave no name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from server.domain.names_out import TRAINEE
from server.domain.session import Seat
from server.domain.text import DISPLAY_NAME_LIMIT, is_seen, likeness


class SeatNames:
    """Those that a session has given so far. Giving one more costs the same however many there are."""

    def __init__(self, seats: Iterable[Seat] = ()) -> None:
        """`seats`: all of the session, the removed too."""
        self._seats: dict[UUID, Seat] = {}
        self._present: Counter[str] = Counter()
        self._ever: Counter[str] = Counter()
        self._last_number: dict[str, int] = {}
        self._last_nameless = 0
        self._removed = 0
        for seat in seats:
            self.put(seat)

    def __len__(self) -> int:
        """The removed too."""
        return len(self._seats)

    @property
    def present(self) -> int:
        """How many seats there are, without the removed."""
        return len(self._seats) - self._removed

    def find(self, seat_id: UUID) -> Seat | None:
        return self._seats.get(seat_id)

    def call(self, seat: Seat) -> Seat:
        """`seat`, under the name that it gets: the one that it has, numbered if another's is alike; a new one if it has
        none.
        """
        self._release(seat.id)
        called = replace(seat, name=self._apart(seat.name) if is_seen(seat.name) else self._numbered())
        self._take(called)
        return called

    def put(self, seat: Seat) -> None:
        """As it is stored, or as it was told by whoever did not know the others: it keeps its name."""
        if self._seats.get(seat.id) != seat:
            self._release(seat.id)
            self._take(seat)

    def _release(self, seat_id: UUID) -> None:
        before = self._seats.pop(seat_id, None)
        if before is None:
            return
        like = likeness(before.name)
        _discard(self._ever, like)
        if before.removed_at is not None:
            self._removed -= 1
            return
        _discard(self._present, like)
        name, _, number = before.name.rpartition(" ")
        if number.isdecimal() and self._last_number.get(likeness(name), 0) >= int(number):
            self._last_number[likeness(name)] = int(number) - 1

    def _take(self, seat: Seat) -> None:
        like = likeness(seat.name)
        self._seats[seat.id] = seat
        self._ever[like] += 1
        if seat.removed_at is None:
            self._present[like] += 1
        else:
            self._removed += 1

    def _numbered(self) -> str:
        """A number that nobody of the session ever had: a removed trainee stands in the record under theirs."""
        number = max(len(self._seats), self._last_nameless) + 1
        while likeness(f"{TRAINEE} {number}") in self._ever:
            number += 1
        self._last_nameless = number
        return f"{TRAINEE} {number}"

    def _apart(self, name: str) -> str:
        like = likeness(name)
        if like not in self._present:
            return name
        number = max(self._last_number.get(like, 1), 1) + 1
        while likeness(_with_number(name, number)) in self._present:
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


def _discard(names: Counter[str], name: str) -> None:
    names[name] -= 1
    if not names[name]:
        del names[name]
