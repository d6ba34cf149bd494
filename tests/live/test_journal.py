"""The journal on a storage in the test's hand: groups, outages, doubt, and what is foreseen. No database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.events import EventDraft
from server.domain.outcomes import InvalidFields, NotFound, SessionClosed
from server.domain.people import Trainer
from server.domain.record import AlreadyRecorded, Recorded, record
from server.domain.session import Session
from server.domain.vitals import VitalsPatch
from server.live.backoff import Backoff
from server.live.journal import Journal
from server.live.known_sessions import KnownSessions
from server.live.settings import LiveSettings
from server.ports.results import StorageUnavailable
from tests.support.fake_records import FakeRecords
from tests.support.folding import folded
from tests.support.making import NOW, a_note, a_push, a_school, a_session, a_trainer, later
from tests.support.patience import PATIENCE_SECONDS

QUICK = LiveSettings(
    late_seconds=60.0,
    refused_after_seconds=60.0,
    retry=Backoff(0.0005, 0.002),
    holdup=Backoff(0.0005, 0.002),
)
LATE_AT_ONCE = replace(QUICK, late_seconds=0.001)


@dataclass
class FakeStorageJournal:
    journal: Journal
    known: KnownSessions
    records: FakeRecords
    trainer: Trainer

    def open(self, **fields: Any) -> Session:
        return self.records.add(a_session(self.trainer, **fields))

    def push(
        self,
        session: Session,
        draft: EventDraft | None = None,
        foresee: Callable[[Recorded], None] | None = None,
        second: float = 1,
    ) -> asyncio.Task[Any]:
        draft = draft or a_push(self.trainer)
        return asyncio.create_task(self.journal.append(session.id, self.trainer, draft, later(second), foresee))

    async def warm(self, *sessions: Session) -> None:
        """The sessions are known, as those that people use are."""
        for session in sessions:
            assert isinstance(await self.push(session), Recorded)

    async def away(self) -> None:
        """The storage is away, and the journal has found out."""
        self.records.is_away = True
        finding = self.push(self.open())
        with pytest.raises(StorageUnavailable):
            await finding

    def is_sound(self, session: Session) -> Session:
        stored, events = self.records.tables.sessions[session.id], self.records.tables.records[session.id]
        assert [event.seq for event in events] == list(range(1, stored.last_seq + 1))
        assert folded(events) == stored.last_values
        return stored


@asynccontextmanager
async def journal_in_hand(settings: LiveSettings = QUICK) -> AsyncGenerator[FakeStorageJournal]:
    records, known = FakeRecords(), KnownSessions(settings)
    journal = Journal(records, known, settings)
    try:
        yield FakeStorageJournal(journal, known, records, a_trainer(a_school()))
    finally:
        records.open_gate()
        await journal.close()


async def _all(*tasks: asyncio.Task[Any]) -> list[Any]:
    return await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_SECONDS)


# Groups


async def test_what_comes_during_a_group_goes_together_in_the_next() -> None:
    async with journal_in_hand() as at:
        sessions = [at.open() for _ in range(5)]
        await at.warm(*sessions)
        before = len(at.records.groups)
        at.records.close_gate()
        pushes = [at.push(sessions[0])]
        await at.records.until_groups(before + 1)
        pushes += [at.push(session) for session in sessions for _ in range(2)]
        await asyncio.sleep(0)
        at.records.open_gate()
        await _all(*pushes)
        assert [set(group) for group in at.records.groups[before:]] == [
            {sessions[0].id},
            {session.id for session in sessions},
        ]
        assert [at.is_sound(session).last_seq for session in sessions] == [4, 3, 3, 3, 3]


async def test_a_crowd_is_written_beside_a_group_under_way_and_never_the_same_session() -> None:
    async with journal_in_hand(replace(QUICK, crowd=4)) as at:
        sessions = [at.open() for _ in range(8)]
        await at.warm(*sessions)
        before = len(at.records.groups)
        at.records.close_gate()
        pushes = [at.push(sessions[0])]
        await at.records.until_groups(before + 1)
        pushes += [at.push(session) for session in sessions[:3]]
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(at.records.groups) == before + 1
        pushes += [at.push(session) for session in sessions[3:]]
        await at.records.until_groups(before + 2)
        assert sessions[0].id not in at.records.groups[before + 1]
        at.records.open_gate()
        await _all(*pushes)
        assert sum(at.is_sound(session).last_seq for session in sessions) == 8 + len(pushes)


async def test_nobody_waits_for_a_group_that_takes_too_long() -> None:
    async with journal_in_hand(LATE_AT_ONCE) as at:
        slow, other = at.open(), at.open()
        await at.warm(slow, other)
        before = len(at.records.groups)
        at.records.close_gate()
        pushes = [at.push(slow)]
        await at.records.until_groups(before + 1)
        pushes.append(at.push(other))
        await at.records.until_groups(before + 2)
        at.records.open_gate()
        await _all(*pushes)


async def test_a_session_that_somebody_holds_holds_up_no_other() -> None:
    async with journal_in_hand() as at:
        held, free = at.open(), at.open()
        await at.warm(held, free)
        at.records.held.add(held.id)
        waiting = [at.push(held) for _ in range(3)]
        for _ in range(3):
            await at.warm(free)
        assert not any(each.done() for each in waiting)
        at.records.held.clear()
        assert [each.event.seq for each in await _all(*waiting)] == [2, 3, 4]


# Somebody else writes


async def test_what_somebody_else_wrote_is_folded_in_and_a_refusal_is_the_records() -> None:
    async with journal_in_hand() as at:
        session = at.open()
        await at.warm(session)
        theirs = record(at.records.tables.sessions[session.id], _pressure(at, systolic=60, diastolic=30), NOW)
        assert isinstance(theirs, Recorded)
        at.records.tables.record(theirs)
        # By what is known here it would be below 120.
        refused, kept = await _all(at.push(session, _pressure(at, diastolic=80)), at.push(session))
        assert isinstance(refused, InvalidFields)
        assert kept.event.seq == 3
        # Refused by what is known, and known elsewhere: a repeat keeps its answer.
        again = replace(_pressure(at, diastolic=299), id=theirs.event.id)
        assert await at.push(session, again) == AlreadyRecorded(theirs.event)
        at.is_sound(session)


async def test_an_id_of_another_session_and_an_unknown_session() -> None:
    async with journal_in_hand() as at:
        with_it, without = at.open(), at.open()
        draft = a_push(at.trainer)
        stored = await at.push(with_it, draft)
        assert await at.push(with_it, draft) == AlreadyRecorded(stored.event)
        assert type(await at.push(without, draft)).__name__ == "Conflict"
        assert isinstance(await at.push(a_session(at.trainer)), NotFound)
        assert at.is_sound(without).last_seq == 0


def _pressure(at: FakeStorageJournal, **signs: int) -> EventDraft:
    return a_push(at.trainer, VitalsPatch(signs))  # type: ignore[arg-type]


# Outages


async def test_in_an_outage_pushes_are_foreseen_once_and_stored_in_order_when_it_ends() -> None:
    async with journal_in_hand() as at:
        session = at.open()
        await at.warm(session)
        await at.away()
        foreseen: list[Recorded] = []
        pushes = [at.push(session, _pressure(at, spo2=90 + number), foreseen.append) for number in range(5)]
        await _until(lambda: len(foreseen) == 5)
        assert [each.session.last_values.signs["spo2"] for each in foreseen] == [90, 91, 92, 93, 94]
        known = at.known.find(session.id)
        assert known is not None
        assert (known.last_seq, known.last_values.signs["spo2"]) == (1, 94)
        assert at.journal.waiting == 5
        at.records.is_away = False
        outcomes = await _all(*pushes)
        assert [each.event.seq for each in outcomes] == [2, 3, 4, 5, 6]
        assert len(foreseen) == 5
        assert not at.journal.is_late
        assert at.is_sound(session) == outcomes[-1].session


async def test_a_storage_that_answers_questions_and_takes_nothing_is_away() -> None:
    async with journal_in_hand() as at:
        session = at.open()
        await at.warm(session)
        at.records.is_read_only = True
        foreseen: list[Recorded] = []
        pushes = [at.push(session, foresee=foreseen.append) for _ in range(3)]
        await _until(lambda: len(foreseen) == 3)
        assert at.journal.is_refused
        at.records.is_read_only = False
        assert [each.event.seq for each in await _all(*pushes)] == [2, 3, 4]
        assert not at.journal.is_refused
        assert not at.journal.is_late


async def test_what_is_late_is_foreseen_before_it_is_stored() -> None:
    async with journal_in_hand(LATE_AT_ONCE) as at:
        session = at.open()
        await at.warm(session)
        at.records.close_gate()
        foreseen: list[Recorded] = []
        push = at.push(session, foresee=foreseen.append)
        await _until(lambda: foreseen != [])
        assert at.journal.is_late
        at.records.open_gate()
        assert await push == foreseen[0]


async def test_what_comes_after_something_late_of_its_session_is_foreseen_at_once_and_nothing_of_others() -> None:
    async with journal_in_hand(replace(LATE_AT_ONCE, late_seconds=2.0)) as at:
        late, other = at.open(), at.open()
        await at.warm(late)
        await at.warm(other)
        at.records.close_gate()
        foreseen: list[Recorded] = []
        of_other: list[Recorded] = []
        pushes = [at.push(late, foresee=foreseen.append)]
        await _until(lambda: foreseen != [])
        pushes += [at.push(late, foresee=foreseen.append), at.push(other, foresee=of_other.append)]
        await _until(lambda: len(foreseen) == 2)
        at.records.open_gate()
        await _all(*pushes)
        assert of_other == []


async def test_where_nothing_is_known_an_outage_is_told() -> None:
    async with journal_in_hand() as at:
        await at.away()
        with pytest.raises(StorageUnavailable):
            await at.push(at.open())
        assert at.journal.waiting == 0


async def test_a_push_whose_answer_was_lost_is_recorded_once_and_not_a_repeat() -> None:
    async with journal_in_hand() as at:
        session = at.open()
        await at.warm(session)
        at.records.lost_answers = 1
        outcomes = await _all(*(at.push(session, _pressure(at, spo2=70 + number)) for number in range(3)))
        assert [(type(each), each.event.seq) for each in outcomes] == [(Recorded, 2), (Recorded, 3), (Recorded, 4)]
        assert at.is_sound(session).last_seq == 4


async def test_what_is_refused_by_what_is_known_waits_for_the_record_and_then_no_longer() -> None:
    async with journal_in_hand(replace(LATE_AT_ONCE, refused_after_seconds=0.05)) as at:
        session = at.open()
        await at.warm(session)
        await at.away()
        refused = await asyncio.wait_for(at.push(session, _pressure(at, diastolic=150)), PATIENCE_SECONDS)
        assert isinstance(refused, InvalidFields)


async def test_a_draft_that_may_be_stored_is_not_refused_in_an_outage() -> None:
    """Its session has ended by now, but it may stand before the end."""
    async with journal_in_hand(replace(LATE_AT_ONCE, refused_after_seconds=0.01)) as at:
        session = at.open()
        await at.warm(session)
        at.records.lost_answers = 1
        # Away from that moment on, or it might be asked again, and answer, before this test has its turn.
        at.records.is_away_after_loss = True
        push = at.push(session)
        await _until(lambda: at.records.is_away)
        ended = replace(at.records.tables.sessions[session.id], closed_at=later(2), close_reason="closed", version=2)
        at.known.see(ended)
        await asyncio.sleep(0.1)
        assert not push.done()
        at.records.tables.sessions[session.id] = ended
        at.records.is_away = False
        outcome = await asyncio.wait_for(push, PATIENCE_SECONDS)
        assert (type(outcome), outcome.event.seq) == (Recorded, 2)
        assert isinstance(await at.push(session), SessionClosed)


async def test_at_the_bound_a_draft_is_refused_and_none_is_forgotten() -> None:
    async with journal_in_hand(replace(QUICK, session_waiting_events=3, waiting_events=5)) as at:
        mine, theirs = at.open(), at.open()
        await at.warm(mine, theirs)
        await at.away()
        pushes = [at.push(mine) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(StorageUnavailable):
            await at.push(mine)
        pushes += [at.push(theirs) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(StorageUnavailable):
            await at.push(theirs)
        at.records.is_away = False
        assert [each.event.seq for each in await _all(*pushes)] == [2, 3, 4, 2, 3]


async def test_who_gives_up_leaves_the_draft_and_whoever_asks_again_gets_its_answer() -> None:
    async with journal_in_hand() as at:
        session = at.open()
        await at.warm(session)
        at.records.close_gate()
        draft = a_push(at.trainer)
        given_up, again = at.push(session, draft), at.push(session, draft)
        await asyncio.sleep(0)
        given_up.cancel()
        at.records.open_gate()
        outcome = await asyncio.wait_for(again, PATIENCE_SECONDS)
        assert isinstance(outcome, AlreadyRecorded)
        assert outcome.event.id == draft.id
        assert at.is_sound(session).last_seq == 2


async def test_what_waits_when_the_journal_closes_is_told_so() -> None:
    async with journal_in_hand() as at:
        session = at.open()
        await at.warm(session)
        await at.away()
        push = at.push(session)
        await asyncio.sleep(0)
        await at.journal.close()
        with pytest.raises(StorageUnavailable):
            await push


# Faults that are no outage


async def test_one_that_cannot_be_written_fails_alone(expects_errors: list[logging.LogRecord]) -> None:
    async with journal_in_hand() as at:
        sessions = [at.open() for _ in range(4)]
        await at.warm(*sessions)
        bad = a_note(at.trainer)
        at.records.faulty.add(bad.id)
        at.records.close_gate()
        before = len(at.records.groups)
        pushes = [at.push(sessions[0])]
        await at.records.until_groups(before + 1)
        pushes += [at.push(session) for session in sessions]
        broken = at.push(sessions[2], bad)
        pushes += [at.push(session) for session in sessions]
        await asyncio.sleep(0)
        at.records.open_gate()
        await _all(*pushes)
        with pytest.raises(ValueError, match="cannot be written"):
            await broken
        assert [at.is_sound(session).last_seq for session in sessions] == [4, 3, 3, 3]
        assert [record.name for record in expects_errors] == ["shiller.journal"]


# Anything at any time


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), per_cent=st.sampled_from([0, 10, 40]))
async def test_whatever_fails_and_when_every_push_is_stored_once_in_order(seed: int, per_cent: int) -> None:
    chance = Random(seed)
    async with journal_in_hand(replace(LATE_AT_ONCE, crowd=3)) as at:
        sessions = [at.open() for _ in range(4)]
        await at.warm(*sessions)
        at.records.fails = lambda: chance.randrange(100) < per_cent
        foreseen: list[Recorded] = []
        pushes: dict[int, list[asyncio.Task[Any]]] = {number: [] for number in range(4)}
        for number in range(40):
            chosen = chance.randrange(4)
            draft = _pressure(at, spo2=number)
            pushes[chosen].append(at.push(sessions[chosen], draft, foreseen.append, second=number))
            at.records.held = {sessions[chance.randrange(4)].id} if chance.random() < 0.3 else set()
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
        at.records.held = set()
        for number, session in enumerate(sessions):
            outcomes = await _all(*pushes[number])
            assert [type(each) for each in outcomes] == [Recorded] * len(outcomes)
            assert [each.event.seq for each in outcomes] == list(range(2, len(outcomes) + 2))
            stored = at.is_sound(session)
            assert stored.last_seq == len(outcomes) + 1
            if outcomes:
                assert outcomes[-1].session == stored
        assert len({each.event.id for each in foreseen}) == len(foreseen)
        assert at.journal.waiting == 0


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.001)
