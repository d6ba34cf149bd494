"""What the clients of this process are told: every event once, in order, and nothing that is not so in the end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.bus.alone import AloneBus
from server.domain.events import SYSTEM, Event, EventKind
from server.domain.record import Recorded, record
from server.domain.session import Seat, Session
from server.domain.vitals import VitalsPatch
from server.live.audience import Audience
from server.live.delivery import Delivery
from server.live.presence import OwnPresence
from server.live.trainee_lists import TraineeLists
from server.live.trainer_lists import TrainerLists, Watching
from server.ports.broadcast import ToldEvent, ToldVitals, Trainee
from server.storage.memory import MemoryStorage
from tests.support.making import a_note, a_push, a_school, a_seat, a_session, a_trainer, later

TRAINER = a_trainer(a_school())


@dataclass
class Screens:
    """A `Broadcast` that keeps what is told."""

    told: list[tuple[str, object]] = field(default_factory=list[tuple[str, object]])
    cut: list[str] = field(default_factory=list[str])

    def encode_event(self, event: Event) -> str:
        return json.dumps(event.seq)

    def encode_vitals(self, session: Session, seq: int | None, at: datetime) -> str:
        return json.dumps([seq, session.last_values.signs["spo2"]])

    def tell_event(self, session_id: UUID, encoded: str) -> None:
        self.told.append(("event", json.loads(encoded)))

    def tell_vitals(self, session_id: UUID, encoded: str) -> None:
        self.told.append(("vitals", tuple(json.loads(encoded))))

    def tell_session(self, session: Session) -> None:
        self.told.append(("session", session.version))

    def encode_trainee(self, trainee: Trainee) -> str:
        return json.dumps([trainee.seat.name, trainee.is_connected])

    def tell_trainees(self, session_id: UUID, encoded: Sequence[str]) -> None:
        self.told.append(("trainees", dict(map(json.loads, encoded))))

    def tell_trainers(self, session_id: UUID, trainer_ids: Sequence[UUID]) -> None:
        self.told.append(("trainers", len(trainer_ids)))

    def tell_school_changed(self, school_id: UUID, version: int) -> None:
        self.told.append(("school", version))

    def tell_end(self, session: Session) -> None:
        self.told.append(("end", session.close_reason))

    async def cut_trainees(self, connections: Collection[str]) -> None:
        self.cut += connections

    async def cut_trainers(self, connections: Collection[str]) -> None:
        self.cut += connections

    def of(self, kind: str) -> list[object]:
        return [what for name, what in self.told if name == kind]


class Others(AloneBus):
    """What was said to them."""

    def __init__(self, is_up: bool | None = True) -> None:
        self.is_up = is_up  # type: ignore[assignment]
        self.events: list[ToldEvent] = []
        self.vitals: list[ToldVitals] = []

    def event_recorded(self, told: ToldEvent) -> None:
        self.events.append(told)

    def vitals_ahead(self, told: ToldVitals) -> None:
        self.vitals.append(told)


class Counts:
    def event_recorded(self, kind: EventKind) -> None: ...

    def vitals_foreseen(self) -> None: ...


@dataclass
class Room:
    """A session with a watcher and a trainee here, on a storage that other processes write to."""

    storage: MemoryStorage
    session: Session
    seat: Seat
    audience: Audience
    screens: Screens
    others: Others
    delivery: Delivery
    there: set[str]
    """The other processes."""

    async def write(self, spo2: int | None = None) -> Recorded:
        """Stored, and nobody told yet."""
        draft = a_note(TRAINER) if spo2 is None else a_push(TRAINER, VitalsPatch({"spo2": spo2}))
        outcome = await self.storage.sessions.append_event(self.session.id, TRAINER, draft, later(1))
        assert isinstance(outcome, Recorded)
        return outcome

    async def now(self) -> Session:
        session = await self.storage.sessions.find_session(self.session.id)
        assert session is not None
        return session

    async def settled(self) -> None:
        """Whatever has to be read was read."""
        for _ in range(50):
            await asyncio.sleep(0)


async def room() -> Room:
    storage, session = MemoryStorage(), a_session(TRAINER)
    await storage.accounts.add_school(a_school())
    await storage.sessions.add_session(session, None, SYSTEM)
    seat = a_seat(session)
    audience, screens, others = Audience(), Screens(), Others()
    audience.let_in_trainer("watcher", b"token", uuid4(), uuid4())
    audience.watch("watcher", session.id)
    audience.let_in_trainee("trainee", seat)
    audience.join("trainee")
    lists = TraineeLists(audience, OwnPresence(), storage.sessions, screens, others)
    trainers = TrainerLists(Watching(audience), screens, others)
    there = set[str]()
    delivery = Delivery(
        audience, storage.sessions, screens, others, lists, trainers, Counts(), is_there=there.__contains__
    )
    delivery.follow(session)
    return Room(storage, session, seat, audience, screens, others, delivery, there)


def _elsewhere(it: Room, recorded: Recorded) -> ToldEvent:
    """As another process says it."""
    event = recorded.event
    pushed = it.screens.encode_vitals(recorded.session, event.seq, event.created_at) if event.kind == "vitals" else None
    return ToldEvent(it.session.id, event.seq, it.screens.encode_event(event), pushed)


async def test_an_event_is_encoded_once_for_the_clients_here_and_the_other_processes() -> None:
    it = await room()
    await it.delivery.event_recorded(await it.write(spo2=80))
    assert it.screens.told == [("vitals", (1, 80)), ("event", 1)]
    assert it.others.events == [ToldEvent(it.session.id, 1, "1", "[1, 80]")]


@pytest.mark.parametrize(("is_up", "said"), [(None, 0), (False, 1), (True, 1)])
async def test_what_nobody_can_hear_is_not_even_encoded(is_up: bool | None, said: int) -> None:
    it = await room()
    others = Others(is_up)
    lists = TraineeLists(it.audience, OwnPresence(), it.storage.sessions, it.screens, others)
    trainers = TrainerLists(Watching(it.audience), it.screens, others)
    delivery = Delivery(it.audience, it.storage.sessions, it.screens, others, lists, trainers, Counts())
    await delivery.event_recorded(await it.write(spo2=80))
    assert it.screens.told == []
    assert len(others.events) == said


async def test_who_was_judged_while_a_seat_or_a_login_was_ended_is_not_let_in() -> None:
    it = await room()
    await it.delivery.seat_removed(it.session.id, it.seat.id)
    await it.delivery.tokens_revoked([b"token"])
    assert it.screens.cut == ["trainee", "watcher"]
    assert not it.audience.let_in_trainee("judged meanwhile", it.seat)
    assert not it.audience.let_in_trainer("judged meanwhile", b"token", uuid4(), uuid4())
    assert it.audience.live_seats() == {it.seat.id}
    assert it.audience.let_in_trainee("another", a_seat(it.session))


async def test_a_gap_is_read_and_told_in_order_and_vitals_do_not_wait_for_it() -> None:
    it = await room()
    events = [await it.write(), await it.write(spo2=70), await it.write(spo2=60)]
    it.delivery.event_recorded_elsewhere(_elsewhere(it, events[2]))
    assert it.screens.told == [("vitals", (3, 60))]
    await it.settled()
    assert it.screens.of("event") == [1, 2, 3]
    for each in events:
        it.delivery.event_recorded_elsewhere(_elsewhere(it, each))
    await it.settled()
    assert it.screens.of("event") == [1, 2, 3]
    assert it.screens.of("vitals") == [(3, 60)]


async def test_an_end_that_is_found_before_the_refusal_takes_back_what_was_shown_ahead() -> None:
    """The push was shown, the session was closed elsewhere, and the jobs find that before the journal does."""
    it = await room()
    await it.delivery.event_recorded(await it.write(spo2=91))
    foreseen = record(await it.now(), a_push(TRAINER, VitalsPatch({"spo2": 40})), later(2))
    assert isinstance(foreseen, Recorded)
    await it.delivery.vitals_foreseen(foreseen)
    assert it.screens.told[-1] == ("vitals", (None, 40))
    await it.storage.sessions.end_session(it.session.id, TRAINER, uuid4(), later(3))
    closed = await it.now()
    await it.delivery.session_moved(closed)
    assert it.screens.told[-2:] == [("vitals", (2, 91)), ("end", "closed")]
    assert it.screens.cut == ["trainee"]
    # The refusal comes when nobody hears of this session any more.
    assert not it.audience.hears(it.session.id)
    await it.delivery.session_moved(closed)
    assert it.screens.of("end") == ["closed"]


async def test_what_is_taken_back_late_takes_nothing_back_that_was_told_meanwhile() -> None:
    it = await room()
    await it.delivery.event_recorded(await it.write(spo2=91))
    before = await it.now()
    await it.delivery.event_recorded(await it.write(spo2=80))
    await it.delivery.vitals_taken_back(before, later(1))
    assert it.screens.of("vitals") == [(1, 91), (2, 80), (2, 80)]


async def test_an_end_with_nothing_shown_ahead_repeats_no_vitals() -> None:
    it = await room()
    await it.delivery.event_recorded(await it.write(spo2=91))
    await it.storage.sessions.end_session(it.session.id, TRAINER, uuid4(), later(3))
    await it.delivery.session_ended(await it.now())
    assert it.screens.told == [("vitals", (1, 91)), ("event", 1), ("event", 2), ("end", "closed")]


async def test_vitals_foreseen_by_a_process_that_is_gone_are_put_right_by_looking() -> None:
    it = await room()
    it.delivery.vitals_ahead_elsewhere(ToldVitals(it.session.id, later(1), True, "[null, 40]"), "gone")
    assert it.delivery.seen()[it.session.id].last_seq == -1
    await it.delivery.session_moved(await it.now())
    assert it.screens.told == [("vitals", (None, 40)), ("vitals", (0, it.session.last_values.signs["spo2"]))]
    assert it.delivery.seen()[it.session.id].last_seq == 0


@pytest.mark.parametrize("how_it_ends", ["it goes", "something was missed", "it takes them back", "it has stored them"])
async def test_vitals_foreseen_elsewhere_stay_on_the_screens_while_the_process_that_did_is_there(
    how_it_ends: str,
) -> None:
    """Its writes may wait for long, and what is read meanwhile is what its own clients have left behind."""
    it = await room()
    it.there.add("waiting")
    before = it.session.last_values.signs["spo2"]
    it.delivery.vitals_ahead_elsewhere(ToldVitals(it.session.id, later(1), True, "[null, 40]"), "waiting")
    for _ in range(3):
        assert it.delivery.seen()[it.session.id].last_seq == 0
        await it.delivery.session_moved(await it.now())
    assert it.screens.told == [("vitals", (None, 40))]
    match how_it_ends:
        case "it goes":
            it.there.clear()
        case "something was missed":
            # Its last word may be among that.
            it.delivery.seats_changed_elsewhere(None)
        case "it takes them back":
            back = ToldVitals(it.session.id, later(2), False, f"[0, {before}]")
            it.delivery.vitals_ahead_elsewhere(back, "waiting")
        case _:
            stored = await it.write(spo2=40)
            it.delivery.event_recorded_elsewhere(_elsewhere(it, stored))
    await it.delivery.session_moved(await it.now())
    assert it.screens.of("vitals")[1:] == [(1, 40) if how_it_ends == "it has stored them" else (0, before)]


async def test_a_session_with_nobody_here_is_told_to_nobody_and_followed_no_longer() -> None:
    it = await room()
    it.audience.trainee_left("trainee")
    it.audience.trainer_left("watcher")
    assert dict(it.delivery.seen()) == {}
    await it.delivery.event_recorded(await it.write(spo2=80))
    await it.delivery.session_updated(replace(await it.now(), version=2))
    assert it.screens.told == []
    assert len(it.others.events) == 1


@pytest.mark.parametrize("is_older", [True, False])
async def test_an_edit_is_told_once(is_older: bool) -> None:
    it = await room()
    edited = replace(it.session, version=1 if is_older else 2)
    for _ in range(2):
        await it.delivery.session_updated(edited)
    assert it.screens.of("session") == ([] if is_older else [2])


@given(seed=st.integers(0, 2**32))
async def test_however_the_news_arrive_every_event_is_told_once_and_in_order(seed: int) -> None:
    """Late, twice, out of order or never; whoever looks fills in the rest."""
    chance, it = Random(seed), await room()
    news: list[Recorded] = []
    for number in range(20):
        news.append(await it.write(spo2=number if chance.random() < 0.7 else None))
        for _ in range(chance.randrange(3)):
            each = chance.choice(news)
            if chance.random() < 0.5:
                it.delivery.event_recorded_elsewhere(_elsewhere(it, each))
            else:
                await it.delivery.event_recorded(each)
            if chance.random() < 0.5:
                await asyncio.sleep(0)
    await it.settled()
    await it.delivery.session_moved(await it.now())
    assert it.screens.of("event") == list(range(1, 21))
    seqs = [told[0] for told in it.screens.of("vitals") if isinstance(told, tuple)]
    assert seqs == sorted(set(seqs))
    shown = [each for each in news if each.event.kind == "vitals"]
    if shown:
        assert it.screens.of("vitals")[-1] == (shown[-1].event.seq, shown[-1].session.last_values.signs["spo2"])
