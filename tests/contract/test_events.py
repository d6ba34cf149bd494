"""append_event and events_after: one draft at a time."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from server.domain.events import (
    ActionTaken,
    AutomationSwitched,
    CaseEnded,
    CasePaused,
    CaseResumed,
    CaseStarted,
    Cause,
    ControlsTaken,
    EventDraft,
    NoteAdded,
    VitalsPushed,
)
from server.domain.outcomes import ID_TAKEN, Conflict, Forbidden, InvalidFields, NotFound, SessionClosed, SessionExpired
from server.domain.people import Trainer
from server.domain.record import AlreadyRecorded, Recorded
from server.domain.session import Seat, Session, SessionChange
from server.domain.vitals import Ramp, VitalsPatch
from server.ports.storage import Storage
from tests.support.folding import record_of, sound_session
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_note, a_push, a_seat, an_action, author, later


async def test_a_push_is_recorded_with_everything_it_named(storage: Storage, house: House, session: Session) -> None:
    patch = VitalsPatch(
        signs={
            "heart_rate": 140,
            "systolic": 85,
            "diastolic": 50,
            "spo2": 91,
            "respiratory_rate": 28,
            "etco2": 30,
            "temperature": 38.4,
        },
        rhythm="svt",
        flags={"cpr": True, "pulseless": False, "airway": "tube 7.5", "ecg_off": None},
        ramp_seconds=12.345,
    )
    draft = a_push(house.trainer, patch)
    outcome = await storage.sessions.append_event(session.id, house.trainer, draft, later(1))
    assert isinstance(outcome, Recorded)
    assert outcome.event.fact == VitalsPushed(patch)
    assert (outcome.event.id, outcome.event.seq, outcome.event.by) == (draft.id, 1, draft.by)
    assert outcome.event.created_at == later(1)
    assert await record_of(storage, session.id) == [outcome.event]
    stored = await sound_session(storage, session.id)
    assert stored == outcome.session
    assert stored.last_values.signs["temperature"] == 38.4
    assert stored.last_values.flags == {"cpr": True, "pulseless": False, "airway": "tube 7.5"}
    assert stored.last_values.ramps["heart_rate"] == Ramp(75, later(1), 12.345)
    assert stored.updated_at == later(1)
    assert stored.version == session.version, "a push does not make an edit of the session's fields stale"


async def test_every_kind_of_event_comes_back_as_it_went_in(storage: Storage, house: House, session: Session) -> None:
    seat = a_seat(session)
    await storage.sessions.add_seat(seat, b"seat")
    action = an_action(seat, "marker", at={"lead": "II", "deep": [1, [2.5, None, {"x": True}]]})
    because = Cause("sleepy", {"marker": "naloxone", "count": 1})
    facts = [
        NoteAdded("Adrenaline given"),
        NoteAdded(marker="adrenaline"),
        NoteAdded("by the team", "adrenaline"),
        VitalsPushed(VitalsPatch({"heart_rate": 140})),
        VitalsPushed(VitalsPatch(), "cue"),
        VitalsPushed(VitalsPatch({"spo2": 96}), "better", because),
        CaseStarted(),
        CasePaused(),
        CaseResumed(),
        AutomationSwitched(False),
        AutomationSwitched(True),
        ControlsTaken(),
        CaseEnded(because),
        CaseEnded(),
        ActionTaken("nibp_cycle", {"minutes": 2.5}),
    ]
    drafts: list[tuple[Trainer | Seat, EventDraft]] = [(seat, action)]
    drafts += [(house.trainer, EventDraft(uuid4(), author(house.trainer), fact)) for fact in facts]
    recorded = [await storage.sessions.append_event(session.id, actor, draft, NOW) for actor, draft in drafts]
    events = await record_of(storage, session.id)
    assert events == [each.event for each in recorded if isinstance(each, Recorded)]
    assert [each.fact for each in events] == [draft.fact for _, draft in drafts]
    assert [each.by for each in events] == [draft.by for _, draft in drafts]


async def test_the_temperature_stays_a_number_with_one_decimal(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    for tenths in range(250, 431, 7):
        push = a_push(house.trainer, VitalsPatch({"temperature": tenths / 10}))
        await storage.sessions.append_event(session.id, house.trainer, push, NOW)
    stored = await second_storage.sessions.find_session(session.id)
    events = await second_storage.sessions.events_after(session.id, 0, 200)
    read = [event.fact.patch.signs["temperature"] for event in events if isinstance(event.fact, VitalsPushed)]
    assert read == [tenths / 10 for tenths in range(250, 431, 7)]
    assert {type(value) for value in read} == {float}
    assert stored is not None
    assert repr(stored.last_values.as_json()["temperature"]) == "42.5"


async def test_two_pushes_of_one_millisecond_leave_the_moment_that_they_were_told(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    for _ in range(2):
        outcome = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
        assert isinstance(outcome, Recorded)
        assert await second_storage.sessions.find_session(session.id) == outcome.session


async def test_events_after_a_seq_come_in_order_up_to_the_limit(
    storage: Storage, house: House, session: Session
) -> None:
    for number in range(1, 8):
        await storage.sessions.append_event(session.id, house.trainer, a_note(house.trainer, str(number)), NOW)

    async def texts(after_seq: int, limit: int) -> list[str | None]:
        events = await storage.sessions.events_after(session.id, after_seq, limit)
        return [event.fact.text for event in events if isinstance(event.fact, NoteAdded)]

    assert await texts(0, 3) == ["1", "2", "3"]
    assert await texts(3, 3) == ["4", "5", "6"]
    assert await texts(6, 3) == ["7"]
    assert await texts(7, 3) == []
    assert await texts(2**31 - 1, 3) == []
    assert await storage.sessions.events_after(uuid4(), 0, 10) == []


async def test_the_same_id_again_is_the_same_event(storage: Storage, house: House, session: Session) -> None:
    first = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(1))
    assert isinstance(first, Recorded)
    other_words = a_note(house.trainer, "something else", first.event.id)
    again = await storage.sessions.append_event(session.id, house.trainer, other_words, later(9))
    assert again == AlreadyRecorded(first.event)
    assert await storage.sessions.find_session(session.id) == first.session
    await sound_session(storage, session.id)


async def test_nobody_is_answered_what_somebody_else_recorded(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    """A trainee may hear the ids of events, and sees no notes."""
    first = await storage.sessions.append_event(session.id, house.trainer, a_note(house.trainer), later(1))
    assert isinstance(first, Recorded)
    seat = a_seat(session)
    await storage.sessions.add_seat(seat, b"token")
    action, note = replace(an_action(seat), id=first.event.id), a_note(house.admin, event_id=first.event.id)
    for asked in (storage, second_storage):
        assert await asked.sessions.append_event(session.id, seat, action, later(2)) == ID_TAKEN
        assert await asked.sessions.append_event(session.id, house.admin, note, later(2)) == ID_TAKEN
    assert await record_of(storage, session.id) == [first.event]


async def test_a_repeat_keeps_its_answer_when_the_push_would_be_refused_by_now(
    storage: Storage, house: House, session: Session
) -> None:
    diastolic = a_push(house.trainer, VitalsPatch({"diastolic": 110}))
    first = await storage.sessions.append_event(session.id, house.trainer, diastolic, NOW)
    assert isinstance(first, Recorded)
    lower = a_push(house.trainer, VitalsPatch({"systolic": 60, "diastolic": 40}))
    await storage.sessions.append_event(session.id, house.trainer, lower, NOW)
    again = await storage.sessions.append_event(session.id, house.trainer, diastolic, NOW)
    assert again == AlreadyRecorded(first.event)


@pytest.mark.parametrize("known_here", [True, False])
async def test_a_repeat_after_the_end_is_the_same_event(
    storage: Storage, second_storage: Storage, house: House, session: Session, known_here: bool
) -> None:
    push = a_push(house.trainer)
    first = await storage.sessions.append_event(session.id, house.trainer, push, NOW)
    assert isinstance(first, Recorded)
    await second_storage.sessions.end_session(session.id, house.trainer, uuid4(), later(1))
    asked = storage if known_here else second_storage
    again = await asked.sessions.append_event(session.id, house.trainer, push, later(2))
    assert again == AlreadyRecorded(first.event)
    new = await asked.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(2))
    assert new == SessionClosed()
    assert (await sound_session(storage, session.id)).last_seq == 2


async def test_nothing_is_recorded_from_the_moment_of_expiry_on(storage: Storage, house: House) -> None:
    session = await open_session(storage, house.trainer, expires_at=later(60))
    push = a_push(house.trainer)
    before = await storage.sessions.append_event(session.id, house.trainer, push, later(59.999))
    assert isinstance(before, Recorded)
    for _ in range(2):
        at_expiry = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), later(60))
        assert at_expiry == SessionExpired()
    repeated = await storage.sessions.append_event(session.id, house.trainer, push, later(61))
    assert repeated == AlreadyRecorded(before.event)
    assert (await sound_session(storage, session.id)).last_seq == 1


async def test_an_id_that_stands_in_another_session_is_a_conflict(
    storage: Storage, house: House, session: Session
) -> None:
    other = await open_session(storage, house.trainer)
    first = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)
    assert isinstance(first, Recorded)
    taken = a_push(house.trainer, event_id=first.event.id)
    for _ in range(2):
        assert isinstance(await storage.sessions.append_event(other.id, house.trainer, taken, NOW), Conflict)
    assert await record_of(storage, other.id) == []
    assert await storage.sessions.find_session(other.id) == other
    assert await record_of(storage, session.id) == [first.event]


async def test_who_may_not_write_leaves_nothing(
    storage: Storage, house: House, other_house: House, session: Session
) -> None:
    elsewhere = await open_session(storage, house.trainer)
    known = await storage.sessions.append_event(session.id, house.trainer, a_push(house.trainer), NOW)
    assert isinstance(known, Recorded)
    strangers = [
        (house.observer, Forbidden),
        (other_house.trainer, NotFound),
        (other_house.admin, NotFound),
        (a_seat(elsewhere), NotFound),
    ]
    for actor, refusal in strangers:
        for draft in (replace(a_note(house.trainer), id=uuid4()), a_note(house.trainer, event_id=known.event.id)):
            assert isinstance(await storage.sessions.append_event(session.id, actor, draft, NOW), refusal)
    pushed = await storage.sessions.append_event(session.id, house.colleague, a_push(house.colleague), NOW)
    assert isinstance(pushed, Forbidden)
    unknown = await storage.sessions.append_event(uuid4(), house.trainer, a_push(house.trainer), NOW)
    assert isinstance(unknown, NotFound)
    assert await record_of(storage, session.id) == [known.event]
    assert await record_of(storage, elsewhere.id) == []
    by_admin = await storage.sessions.append_event(session.id, house.admin, a_push(house.admin), NOW)
    assert isinstance(by_admin, Recorded)
    assert by_admin.event.seq == 2


async def test_a_refused_draft_leaves_nothing_and_takes_no_seq(
    storage: Storage, house: House, session: Session
) -> None:
    refused = [
        VitalsPatch({"diastolic": 121}),
        VitalsPatch({"systolic": 79, "heart_rate": 1}, rhythm="asystole", flags={"cpr": True}),
        VitalsPatch(flags={f"flag_{number}": True for number in range(33)}),
    ]
    for second, patch in enumerate(refused, start=1):
        draft = a_push(house.trainer, patch)
        assert isinstance(
            await storage.sessions.append_event(session.id, house.trainer, draft, later(second)), InvalidFields
        )
        assert await storage.sessions.find_session(session.id) == session
        # The id is free still: a corrected push may carry it.
        fixed = a_note(house.trainer, "corrected", draft.id)
        outcome = await storage.sessions.append_event(session.id, house.trainer, fixed, later(second))
        assert isinstance(outcome, Recorded)
        session = outcome.session
    assert (await sound_session(storage, session.id)).last_seq == 3


async def test_moments_never_go_back_in_a_record(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    """Two processes write, and the clock of one is behind."""
    ramp = a_push(house.trainer, VitalsPatch(signs={"heart_rate": 175}, ramp_seconds=60))
    await storage.sessions.append_event(session.id, house.trainer, ramp, later(100))
    change = SessionChange(title="another")
    await second_storage.sessions.change_session(session.id, house.trainer, change, None, later(50))
    late = await second_storage.sessions.append_event(session.id, house.trainer, a_note(house.trainer), later(60))
    end = await second_storage.sessions.end_session(session.id, house.trainer, uuid4(), later(70))
    assert isinstance(late, Recorded)
    assert isinstance(end, Recorded)
    record = await record_of(storage, session.id)
    assert [event.created_at for event in record] == [later(100)] * 3
    assert end.session.closed_at == later(100)
    assert await sound_session(storage, session.id) == end.session
