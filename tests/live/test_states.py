"""What a draft and a known session may become, and that nothing else is taken quietly."""

from __future__ import annotations

from uuid import uuid4

import pytest

from server.live.known_seats import KnownSeats
from server.live.known_sessions import Finding, KnownSession, Trust, Turn
from server.live.pending_draft import IllegalTransition, PendingDraft, Showing, Storing
from tests.support.making import NOW, a_note, a_school, a_session, a_trainer

TRAINER = a_trainer(a_school())


async def _pending() -> PendingDraft:
    return PendingDraft(uuid4(), TRAINER, a_note(TRAINER), NOW, None)


def _known() -> KnownSession:
    return KnownSession(uuid4(), KnownSeats(10))


async def test_a_draft_is_answered_once_and_for_good() -> None:
    for storing in Storing:
        pending = await _pending()
        pending.move(Storing.ANSWERED)
        with pytest.raises(IllegalTransition):
            pending.move(storing)


async def test_what_may_be_stored_is_looked_up_before_it_is_sent_again() -> None:
    pending = await _pending()
    pending.move(Storing.SENT)
    pending.move(Storing.IN_DOUBT)
    with pytest.raises(IllegalTransition):
        pending.move(Storing.SENT)
    pending.move(Storing.LOOKED_UP)
    pending.move(Storing.SENT)


async def test_a_draft_is_foreseen_once() -> None:
    pending = await _pending()
    pending.show(Showing.HELD_BACK)
    pending.show(Showing.FORESEEN)
    for showing in Showing:
        with pytest.raises(IllegalTransition):
            pending.show(showing)


def test_no_session_is_in_two_groups() -> None:
    known = _known()
    known.move(Turn.READY)
    known.move(Turn.UNDER_WAY)
    for turn in (Turn.READY, Turn.UNDER_WAY):
        with pytest.raises(IllegalTransition):
            known.move(turn)


def test_drafts_are_judged_on_what_is_sound_only() -> None:
    known, session = _known(), a_session(TRAINER)
    assert known.judgeable is None
    known.read(session)
    assert known.judgeable == session
    known.find(Finding.LOST)
    assert known.judgeable is None
    # Seen by another statement meanwhile: that does not tell what became of the write.
    known.see(session)
    assert known.judgeable is None
    known.read(session)
    known.find(Finding.FAULTY)
    known.read(session)
    assert (known.trust, known.judgeable) == (Trust.ALONE, session)
    known.find(Finding.LOST)
    assert known.trust is Trust.SUSPECT
    with pytest.raises(IllegalTransition):
        known.find(Finding.WRITTEN)
