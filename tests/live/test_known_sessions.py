"""What this process knows of a session's record without asking."""

from __future__ import annotations

from uuid import uuid4

from server.domain.events import SYSTEM, CasePaused, CaseStarted, EventDraft, Fact
from server.domain.record import Recorded, record
from server.domain.session import Session
from server.live.known_sessions import KnownSessions
from server.live.settings import LIVE_SETTINGS
from tests.support.making import NOW, a_school, a_session, a_trainer


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
