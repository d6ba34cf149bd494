"""Everything about one seat: what colleagues wrote is in it where it names whoever sat there."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from server.domain.events import ActionTaken, Author, Event
from server.domain.free_texts import Named, WrittenBeside
from server.domain.reflections import ToldReflection
from server.domain.seat_export import NamedBy, seat_export
from server.domain.session import Seat
from tests.support.making import NOW, a_school, a_seat, a_session, a_trainer, later

SESSION = replace(a_session(a_trainer(a_school())), closed_at=later(99), close_reason="closed")
MARIE, JEAN = a_seat(SESSION, "Marie Dupont", NOW), a_seat(SESSION, "Jean", later(1))


def _said(words: str, seat: Seat | None) -> ToldReflection:
    return ToldReflection(uuid4(), seat and seat.id, seat and seat.name, words, {})


def _typed(seq: int, seat: Seat, text: str) -> Event:
    fact = ActionTaken("marker", {"text": text})
    return Event(uuid4(), SESSION.id, seq, later(seq), later(seq), Author("trainee", seat.id, seat.name), fact)


def test_what_colleagues_wrote_of_somebody_is_in_their_file() -> None:
    words = [
        _said("I, Marie, froze", MARIE),
        _said("Marie froze", JEAN),
        _said("marie dupont shouted at us", None),
        _said("Mariette was calm", JEAN),
    ]
    events = [_typed(1, MARIE, "Marie here"), _typed(2, JEAN, "Marie at the head"), _typed(3, JEAN, "Airway")]
    named = Named(SESSION, (MARIE, JEAN), events, (), WrittenBeside(words=words))
    assert seat_export(named, MARIE, ()).named_by == [
        NamedBy("action", later(2), "Jean", "Marie at the head"),
        NamedBy("words", None, "Jean", "Marie froze"),
        # That somebody wrote it, and not what: they gave no name, and how it is worded would tell theirs.
        NamedBy("words", None, None, None),
    ]
    assert seat_export(named, JEAN, ()).named_by == []
