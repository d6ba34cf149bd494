"""Who is there, as those who watch are told: as it is, however the news came, and without reading it again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.session import Seat
from server.live import trainee_lists
from server.live.audience import Audience
from server.live.presence import SharedPresence
from server.live.roster import Roster
from server.live.trainee_lists import TraineeLists
from server.ports.broadcast import Trainee
from server.ports.results import StorageUnavailable
from tests.support.making import NOW, later
from tests.support.patience import PATIENCE_SECONDS

SESSION = uuid4()


def _seat(name: str, second: int = 0) -> Seat:
    return Seat(uuid4(), SESSION, name, later(second))


@dataclass
class Ward:
    """A session that is watched here: its storage, the other processes, and the screens of those who watch."""

    audience: Audience = field(default_factory=Audience)
    presence: SharedPresence = field(default_factory=SharedPresence)
    stored: list[Seat] = field(default_factory=list[Seat])
    reads: int = 0
    under_way: int = 0
    at_once: int = 0
    """The most reads that were under way together."""
    is_down: bool = False
    is_up: bool | None = None
    told: list[list[tuple[str, bool]]] = field(default_factory=list[list[tuple[str, bool]]])
    said: list[Seat] = field(default_factory=list[Seat])
    reading: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.audience.let_in_trainer("watcher", b"token", uuid4(), uuid4())
        self.audience.watch("watcher", SESSION)
        self.lists = TraineeLists(self.audience, self.presence, self, self, self)  # type: ignore[arg-type]

    async def list_seats(self, session_id: UUID) -> Sequence[Seat]:
        self.reads += 1
        self.under_way += 1
        self.at_once = max(self.at_once, self.under_way)
        try:
            return await self._list()
        finally:
            self.under_way -= 1

    async def _list(self) -> Sequence[Seat]:
        if self.is_down:
            raise StorageUnavailable("down")
        seats = sorted((seat for seat in self.stored if seat.removed_at is None), key=lambda seat: seat.joined_at)
        self.reading()
        for _ in range(3):
            await asyncio.sleep(0)
        return seats

    def encode_trainee(self, trainee: Trainee) -> str:
        return json.dumps([trainee.seat.name, trainee.is_connected])

    def tell_trainees(self, session_id: UUID, encoded: Sequence[str]) -> None:
        self.told.append([(name, is_connected) for name, is_connected in map(json.loads, encoded)])

    def seats_changed(self, session_id: UUID, seats: Sequence[Seat]) -> None:
        self.said += seats

    def join(self, seat: Seat) -> None:
        self.stored.append(seat)
        self.presence.arrived(seat)
        self.lists.changed_here(SESSION, (seat,))

    async def until(self, *expected: tuple[str, bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.told or self.told[-1] != list(expected):
                await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainee_lists, "TRAINEES_TOLD_EVERY_SECONDS", 0)
    monkeypatch.setattr(trainee_lists, "STORAGE_PAUSE_SECONDS", 0)
    monkeypatch.setattr(trainee_lists, "TRUSTED_SECONDS", 10**9)


async def test_it_is_read_once_and_then_kept_with_what_changes() -> None:
    ward, ann, bea = Ward(), _seat("Ann"), _seat("Bea", 1)
    ward.join(ann)
    await ward.until(("Ann", True))
    ward.join(bea)
    await ward.until(("Ann", True), ("Bea", True))
    ward.presence.left(ann)
    ward.lists.changed_here(SESSION)
    await ward.until(("Ann", False), ("Bea", True))
    ward.lists.changed_here(SESSION, [replace(bea, name="Cea"), replace(ann, removed_at=NOW)])
    await ward.until(("Cea", True))
    assert ward.reads == 1
    assert ward.said == [ann, bea, replace(bea, name="Cea"), replace(ann, removed_at=NOW)]
    # Nobody watches for a while: what happens then is not kept, and read by the next who does.
    ward.audience.unwatch("watcher", SESSION)
    ward.join(_seat("Dea", 2))
    ward.audience.watch("watcher", SESSION)
    ward.stored = [replace(bea, name="Cea"), *ward.stored[2:]]
    ward.lists.changed_here(SESSION)
    await ward.until(("Cea", True), ("Dea", True))
    assert ward.reads == 2
    await ward.lists.close()


async def test_a_class_that_joins_at_once_is_told_a_few_times() -> None:
    ward, seats = Ward(), [_seat(f"Trainee {number}", number) for number in range(40)]
    for seat in seats:
        ward.join(seat)
    await ward.until(*((seat.name, True) for seat in seats))
    assert len(ward.told) <= 2
    assert ward.reads == 1
    await ward.lists.close()


async def test_what_comes_while_it_is_read_is_not_lost_and_an_outage_is_waited_for() -> None:
    ward, ann, bea = Ward(is_down=True), _seat("Ann"), _seat("Bea", 1)
    ward.join(ann)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while ward.reads < 3:
            await asyncio.sleep(0)

    def meanwhile() -> None:
        ward.reading = lambda: None
        ward.join(bea)

    ward.reading, ward.is_down = meanwhile, False
    await ward.until(("Ann", True), ("Bea", True))
    await ward.lists.close()


async def test_what_other_processes_do_is_told_and_read_again_where_it_was_not_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ward, ann, bea, cea = Ward(is_up=True), _seat("Ann"), _seat("Bea", 1), _seat("Cea", 2)
    ward.join(ann)
    await ward.until(("Ann", True))
    ward.presence.heard_of("other", {SESSION: [bea.id]}, 0.0)
    ward.lists.changed_elsewhere(SESSION, [bea])
    await ward.until(("Ann", True), ("Bea", True))
    assert (ward.reads, ward.said) == (1, [ann])
    # Somebody sits there of whom nobody has said anything.
    ward.stored = [ann, bea, cea]
    ward.presence.heard_of("other", {SESSION: [bea.id, cea.id]}, 0.0)
    ward.lists.changed_elsewhere(SESSION)
    await ward.until(("Ann", True), ("Bea", True), ("Cea", True))
    assert ward.reads == 2
    ward.stored = [replace(ann, name="Dea"), bea, cea]
    ward.lists.missed_something()
    await ward.until(("Dea", True), ("Bea", True), ("Cea", True))
    ward.stored = [replace(ann, name="Eve"), bea, cea]
    monkeypatch.setattr(trainee_lists, "TRUSTED_SECONDS", 0)
    ward.lists.changed_elsewhere(SESSION)
    await ward.until(("Eve", True), ("Bea", True), ("Cea", True))
    await ward.lists.close()


async def test_what_was_missed_while_it_is_read_makes_it_read_again() -> None:
    """The seats may have been read before what was missed, and would be trusted for half a minute."""
    ward, ann, bea = Ward(is_up=True), _seat("Ann"), _seat("Bea", 1)

    def meanwhile() -> None:
        ward.reading = lambda: None
        # In another process, whose line opens only now.
        ward.stored.append(bea)
        ward.lists.missed_something()

    ward.reading = meanwhile
    ward.join(ann)
    await ward.until(("Ann", True), ("Bea", False))
    # Nor is it told as it was before that.
    assert ward.told == [[("Ann", True), ("Bea", False)]]
    await ward.lists.close()


async def test_who_joins_while_it_is_read_and_nobody_watches_for_a_moment_is_there_when_somebody_does_again() -> None:
    """The watcher's line drops and comes back within one reading: what nobody kept is not in what was read."""
    ward, ann, bea = Ward(), _seat("Ann"), _seat("Bea", 1)

    def meanwhile() -> None:
        ward.reading = lambda: None
        ward.audience.unwatch("watcher", SESSION)
        ward.join(bea)
        ward.audience.watch("watcher", SESSION)

    ward.reading = meanwhile
    ward.join(ann)
    await ward.until(("Ann", True), ("Bea", True))
    await ward.lists.close()


async def test_when_something_was_missed_the_sessions_are_read_a_few_at_a_time() -> None:
    """All at once would take every connection to the storage, for which whoever joins then has to wait."""
    ward, sessions = Ward(is_up=True), [uuid4() for _ in range(20)]
    for session_id in sessions:
        ward.audience.watch("watcher", session_id)
    ward.lists.missed_something()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(ward.told) < len(sessions) + 1:
            await asyncio.sleep(0)
    assert ward.reads == len(sessions) + 1
    assert ward.at_once == trainee_lists.READ_AT_A_TIME
    await ward.lists.close()


async def test_what_is_read_and_lacks_somebody_who_is_there_takes_nobody_off_the_screens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The storage is late, and answers by what this process knows: not by the seats that another has given."""
    ward, ann, bea, cea = Ward(is_up=True), _seat("Ann"), _seat("Bea", 1), _seat("Cea", 2)
    ward.join(ann)
    ward.presence.heard_of("other", {SESSION: [bea.id]}, 0.0)
    ward.lists.changed_elsewhere(SESSION, [bea])
    await ward.until(("Ann", True), ("Bea", True))
    monkeypatch.setattr(trainee_lists, "TRUSTED_SECONDS", 0)
    told = len(ward.told)
    ward.join(cea)
    await ward.until(("Ann", True), ("Bea", True), ("Cea", True))
    assert [("Ann", True), ("Cea", True)] not in ward.told[told:]
    # Nothing is kept that could stand for them: they are told as soon as the storage has them.
    ward.lists.missed_something()
    await ward.until(("Ann", True), ("Cea", True))
    ward.stored = [ann, bea, cea]
    await ward.until(("Ann", True), ("Bea", True), ("Cea", True))
    await ward.lists.close()


async def test_who_was_taken_away_stays_so_when_the_seats_are_read_anew() -> None:
    """Renamed in the moment of the removal: the later word is the older truth, and what was kept is kept no longer."""
    ward, ann, bea = Ward(is_up=True), _seat("Ann"), _seat("Bea", 1)
    ward.join(ann)
    ward.join(bea)
    await ward.until(("Ann", True), ("Bea", True))
    ward.presence.left(ann)
    ward.lists.changed_here(SESSION, [replace(ann, removed_at=NOW)])
    await ward.until(("Bea", True))
    ward.stored = [bea]
    ward.lists.missed_something()
    told = len(ward.told)
    ward.lists.changed_here(SESSION, [replace(ann, name="Cea")])
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(ward.told) == told:
            await asyncio.sleep(0)
    assert ward.told[-1] == [("Bea", True)]
    await ward.lists.close()


@given(seed=st.integers(0, 2**32))
def test_a_roster_is_what_a_new_one_would_be(seed: int) -> None:
    chance = Random(seed)

    def encode(trainee: Trainee) -> str:
        return f"{trainee.seat.name} {trainee.is_connected}"

    def place(seat: Seat) -> tuple[object, UUID]:
        return seat.joined_at, seat.id

    roster, seats = Roster([], encode), dict[UUID, Seat]()
    for number in range(30):
        seat = (
            chance.choice(list(seats.values())) if seats and chance.random() < 0.5 else _seat("", chance.randrange(9))
        )
        seat = replace(seat, name=str(number), removed_at=seat.removed_at or (NOW if chance.random() < 0.2 else None))
        seats[seat.id] = seat
        roster.put(seat)
        if seat.removed_at is not None:
            roster.put(replace(seat, removed_at=None))
        connected = {each for each in seats if chance.random() < 0.5}
        there = sorted((each for each in seats.values() if each.removed_at is None), key=place)
        assert roster.encoded(connected) == [encode(Trainee(each, each.id in connected)) for each in there]
        assert len(roster) == len(there)
        assert roster.knows([each.id for each in there])
        assert not roster.knows([uuid4()])
