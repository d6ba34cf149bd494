"""What waits for a client that does not take it."""

from __future__ import annotations

from collections.abc import Hashable

import pytest

from server.engine.outgoing import Frame, Outgoing
from server.engine.settings import Silent


class Stuck:
    """A WebSocket whose client reads nothing, until it does."""

    can_write = False
    is_open = True

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def send(self, frame: bytes, /) -> int:
        return 0

    def write(self, frame: bytes) -> None:
        self.written.append(frame)

    def write_rest(self, frame: bytes, sent: int) -> None: ...

    def unsent(self) -> int:
        return 0

    def close(self, code: int, reason: str = "") -> None: ...

    def hold(self, why: int) -> None: ...


class Counts(Silent):
    def __init__(self) -> None:
        self.states = 0

    def skipped(self, states: int) -> None:
        self.states += states


class Looked(Frame):
    """Counts how often anybody looks what it is."""

    looks = 0

    @property
    def key(self) -> Hashable:  # type: ignore[override]
        Looked.looks += 1
        return self._own_key

    @key.setter
    def key(self, key: Hashable) -> None:
        self._own_key = key


def _cut() -> None:
    pytest.fail("it was cut")


def test_of_a_state_the_newest_is_told_in_its_place() -> None:
    wire, counts = Stuck(), Counts()
    outgoing = Outgoing(10_000, counts, _cut)
    outgoing.attach(wire)
    told = [Frame("pulse 1", key="pulse"), Frame("note"), Frame("spo2 1", key="spo2"), Frame("pulse 2", key="pulse")]
    for frame in (*told, Frame("note"), Frame("pulse 3", key="pulse")):
        outgoing.tell(frame)
    texts = [b"note", b"spo2 1", b"note", b"pulse 3"]
    assert outgoing.held_bytes == sum(Frame(text.decode()).size for text in texts)
    assert counts.states == 2
    wire.can_write = True
    outgoing.drain()
    assert [frame[3:] for frame in wire.written] == texts
    assert (outgoing.is_empty, outgoing.held_bytes) == (True, 0)


def test_who_polls_is_told_all_while_it_is_little_and_then_the_newest() -> None:
    counts = Counts()
    outgoing = Outgoing(10_000, counts, _cut)
    states = [Frame(f"pulse {number}", key="pulse", limit=10 * Frame("pulse 0").size) for number in range(10)]
    for frame in states:
        outgoing.tell(frame)
    assert outgoing.fetch(10_000, 16) == [*states[:5], states[-1]]
    assert counts.states == 4


def test_who_polls_fetches_so_much_and_so_many_at_once_and_the_rest_behind_it() -> None:
    outgoing = Outgoing(10_000, Counts(), _cut)
    notes = [Frame(f"note {number}") for number in range(7)]
    for frame in notes:
        outgoing.tell(frame)
    assert outgoing.fetch(10_000, 3) == notes[:3]
    assert outgoing.fetch(2 * notes[3].size, 3) == notes[3:5]
    assert outgoing.fetch(1, 3) == [notes[5]]
    assert not outgoing.is_empty
    assert outgoing.fetch(10_000, 3) == [notes[6]]
    assert outgoing.is_empty


@pytest.mark.parametrize("key", [None, "pulse"])
def test_what_is_held_is_not_looked_through_for_what_comes(key: str | None) -> None:
    """Whoever watches a session and stops reading would slow every push of it."""
    outgoing = Outgoing(10**9, Silent(), _cut)
    outgoing.attach(Stuck())
    looks: list[int] = []
    for count in (10, 1000):
        for number in range(count):
            outgoing.tell(Looked(f"note {number}"))
        before = Looked.looks
        outgoing.tell(Looked("newer", key=key))
        looks.append(Looked.looks - before)
    assert looks[0] == looks[1]
