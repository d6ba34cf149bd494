"""What this process knows of a session's record without asking."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import pytest

from server.domain.events import SYSTEM, CasePaused, CaseStarted, EventDraft, Fact
from server.domain.record import Recorded, record
from server.domain.session import Session
from server.live.known_seats import KnownSeats
from server.live.known_sessions import KnownSessions
from server.live.settings import LIVE_SETTINGS
from tests.support.making import NOW, a_school, a_seat, a_session, a_trainer


def _recorded(session: Session, fact: Fact) -> Recorded:
    recorded = record(session, EventDraft(uuid4(), SYSTEM, fact), NOW)
    assert isinstance(recorded, Recorded)
    return recorded


def test_what_was_said_of_a_case_is_known_only_where_every_event_is() -> None:
    known, session = KnownSessions(LIVE_SETTINGS), a_session(a_trainer(a_school()))
    assert known.last_case_event(session.id, ("started",)) is None
    known.opened(session, None)
    assert known.last_case_event(session.id, ("started",)) == (None,)
    started = _recorded(session, CaseStarted())
    paused = _recorded(started.session, CasePaused())
    for each in (started, paused):
        known.recorded(each)
    assert known.last_case_event(session.id, ("started",)) == (started.event,)
    assert known.last_case_event(session.id, ("started", "paused")) == (paused.event,)
    # Written by another process: whether it was about the case nobody here knows.
    known.see(_recorded(paused.session, CaseStarted()).session)
    assert known.last_case_event(session.id, ("started",)) is None


def test_a_seat_is_found_by_its_token_without_a_look_at_other_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    known, sessions = KnownSessions(LIVE_SETTINGS), [a_session(a_trainer(a_school())) for _ in range(20)]
    seats = [a_seat(session) for session in sessions]
    for number, seat in enumerate(seats):
        known.see(sessions[number])
        known.seats(seat.session_id).took(seat, bytes([number]))
    looked_at = list[bytes]()
    find = KnownSeats.find

    def counted(one: KnownSeats, token_hash: bytes) -> object:
        looked_at.append(token_hash)
        return find(one, token_hash)

    monkeypatch.setattr(KnownSeats, "find", counted)
    assert known.find_seat(b"made up") is None
    assert looked_at == []
    assert [known.find_seat(bytes([number])) for number in range(20)] == seats
    assert len(looked_at) == 20
    known.forget(sessions[3].id)
    assert known.find_seat(bytes([3])) is None


def test_of_too_many_seats_the_oldest_is_found_no_more() -> None:
    known, session = KnownSessions(replace(LIVE_SETTINGS, seats_known=2)), a_session(a_trainer(a_school()))
    seats = [a_seat(session) for _ in range(3)]
    for number, seat in enumerate(seats):
        known.seats(session.id).took(seat, bytes([number]))
    assert [known.find_seat(bytes([number])) for number in range(3)] == [None, *seats[1:]]


def test_what_another_process_told_last_is_gone_by_until_the_storage_says_more() -> None:
    known, session = KnownSessions(LIVE_SETTINGS), a_session(a_trainer(a_school()))

    def heart_rate() -> object:
        found, seen = known.find(session.id), known.of(session.id).session
        assert found is not None
        assert seen is not None
        assert found.last_seq == seen.last_seq, "what is stored is what was seen in the storage"
        return found.last_values.signs["heart_rate"]

    def told(value: int) -> str:
        return json.dumps({"last_values": {**session.last_values.as_json(), "heart_rate": value}})

    known.hear(session.id, 7, told(107))
    assert known.find(session.id) is None, "nobody here has read it"
    known.see(session)
    known.hear(session.id, 7, told(107))
    assert heart_rate() == 107
    known.hear(session.id, 6, told(106))
    assert heart_rate() == 107, "it was late"
    known.see(replace(session, last_seq=6))
    assert heart_rate() == 107, "it was read before"
    known.hear(session.id, None, told(150))
    assert heart_rate() == 150
    known.see(replace(session, last_seq=7))
    assert heart_rate() == session.last_values.signs["heart_rate"], (
        "whoever foresaw it tells it again, or it is not stored"
    )
    known.hear(session.id, 7, told(107))
    assert heart_rate() == session.last_values.signs["heart_rate"]
