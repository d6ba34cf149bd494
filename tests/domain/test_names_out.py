"""Names go out of a record: who is called what, and what of the texts is left."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.audit import author_of
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.events import SYSTEM, ActionTaken, Author, Event, Fact, NoteAdded, read_fact, write_fact
from server.domain.free_texts import Named, WrittenBeside, free_texts
from server.domain.names_beside import Texts
from server.domain.names_out import LOCKED, STILL_OPEN, TAKEN_OUT, NamesOut, names_out, refuse_names_out
from server.domain.outcomes import Forbidden, InvalidFields
from server.domain.reflections import ToldReflection
from server.domain.renaming import renaming_of
from server.domain.scores import ItemScore, ScoreSheet
from server.domain.session import Seat, Session, SessionLock
from tests.support.making import NOW, a_school, a_seat, a_session, a_trainer, an_annotation, later

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "names_out.json").read_text("utf-8"))
SCHOOL = a_school()
TRAINER = a_trainer(SCHOOL, name="Bruno Lefèvre")
SESSION = replace(
    a_session(TRAINER, title="Réa de Marie", trainee_name="Équipe bleue"), closed_at=later(99), close_reason="closed"
)
MARIE, JEAN = a_seat(SESSION, "Marie Dupont", NOW), a_seat(SESSION, "Jean Dupont", later(1))
ZOE = a_seat(SESSION, "zoé", later(2))
REFLECTION = uuid4()


def _by(seat: Seat) -> Author:
    return Author("trainee", seat.id, seat.name)


def _event(seq: int, by: Author, fact: Fact) -> Event:
    return Event(uuid4(), SESSION.id, seq, later(seq), later(seq), by, fact)


def _out(*events: Event, texts: Texts | None = None, session: Session = SESSION) -> NamesOut:
    out = names_out(Named(session, (JEAN, ZOE, MARIE), events, ()), texts or {}, later(100))
    assert isinstance(out, NamesOut)
    return out


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["text"])
def test_names_are_found_where_they_stand_as_words(vector: dict[str, Any]) -> None:
    """The screens, which mark them, are held to the same."""
    seats = [a_seat(SESSION, name, later(at)) for at, name in enumerate(VECTORS["seats"])]
    renaming = renaming_of(replace(SESSION, trainee_name=VECTORS["trainee_name"]), seats)
    assert renaming.text(vector["text"]) == vector["left"]
    assert renaming.found.findall(vector["text"]) == vector["found"]


def test_trainers_keep_their_names() -> None:
    assert renaming_of(SESSION, (JEAN, ZOE, MARIE)).text("Bruno Lefèvre observe") == "Bruno Lefèvre observe"


def test_trainees_are_numbered_as_they_joined_and_nothing_else_moves() -> None:
    events = (
        _event(1, SYSTEM, NoteAdded(None, "adrenaline")),
        _event(2, _by(JEAN), ActionTaken("call", {"who": "Marie Dupont", "list": [{"n": "zoé"}], "dose": 1})),
        _event(3, author_of(TRAINER), NoteAdded("Jean masse bien", "cpr_started")),
        _event(4, _by(MARIE), ActionTaken("nibp_start")),
    )
    out = _out(*events)
    assert out.session == replace(
        SESSION,
        title="Réa de Trainee 1",
        trainee_name=None,
        names_out_at=later(100),
        updated_at=later(100),
        version=SESSION.version + 1,
    )
    assert {seat.id: seat.name for seat in out.seats} == {
        MARIE.id: "Trainee 1",
        JEAN.id: "Trainee 2",
        ZOE.id: "Trainee 3",
    }
    details = {"who": "Trainee 1", "list": [{"n": "Trainee 3"}], "dose": 1}
    assert out.events == [
        replace(events[1], by=replace(_by(JEAN), name="Trainee 2"), fact=ActionTaken("call", details)),
        replace(events[2], fact=NoteAdded("Trainee 2 masse bien", "cpr_started")),
        replace(events[3], by=replace(_by(MARIE), name="Trainee 1")),
    ]


def test_texts_are_replaced_as_given_or_taken_out() -> None:
    one, other, marked = (
        _event(1, author_of(TRAINER), NoteAdded("La fille de la réa 2 hésite")),
        _event(2, author_of(TRAINER), NoteAdded("Elle était en retard")),
        _event(3, author_of(TRAINER), NoteAdded("Encore elle", "adrenaline")),
    )
    out = _out(one, other, marked, texts={one.id: " Marie hésite ", other.id: None, marked.id: None})
    assert [event.fact for event in out.events] == [
        NoteAdded("Marie hésite"),
        NoteAdded(None, is_redacted=True),
        NoteAdded(None, "adrenaline", is_redacted=True),
    ]
    written = write_fact(out.events[1].fact)
    assert (written.text, written.details) == (None, {"redacted": True})
    assert read_fact(written) == out.events[1].fact


def test_what_somebody_typed_at_the_bedside_is_a_text_and_the_rest_of_an_action_is_not() -> None:
    typed = _event(1, _by(JEAN), ActionTaken("marker", {"text": "Sa voisine crie", "dose": 1}))
    reworded, long = "Quelqu’un crie", "€" * 2000
    for text, details in ((None, {"dose": 1, "redacted": True}), (f" {reworded} ", {"text": reworded, "dose": 1})):
        (event,) = _out(typed, texts={typed.id: text}).events
        assert event.fact == ActionTaken("marker", details)
    # 2,000 letters are short enough for a text, and their bytes too many for the details of an action.
    refused = names_out(Named(SESSION, (), (typed,), ()), {typed.id: long}, NOW)
    assert isinstance(refused, InvalidFields)
    assert [error.field for error in refused.errors] == [f"texts.{typed.id}"]


def _beside(words: str = "Sa sœur dormait", name: str | None = None) -> WrittenBeside:
    items = {"help": ItemScore(1, later(5), "Elle hésite"), "oxygen": ItemScore(2)}
    sheet = ScoreSheet(SESSION.id, SCHOOL.id, author_of(TRAINER), items, "Une équipe calme", NOW, later(50))
    said = ToldReflection(REFLECTION, None if name is None else MARIE.id, name, words, {})
    edit = MomentEdit(SESSION.id, SCHOOL.id, 3, "arrest", is_hidden=False, title="Sa chute", updated_at=later(60))
    return WrittenBeside([sheet], [said], [edit, replace(edit, seq=4, title=None)])


def test_every_text_is_listed_once_with_its_kind_and_an_id() -> None:
    note, marked = _event(1, author_of(TRAINER), NoteAdded("Rien")), _event(2, SYSTEM, NoteAdded(None, "adrenaline"))
    typed, silent = _event(3, _by(JEAN), ActionTaken("marker", {"text": "ici"})), _event(4, _by(JEAN), ActionTaken("x"))
    kept = an_annotation(SESSION, TRAINER, "À revoir")
    gone = replace(an_annotation(SESSION, TRAINER, "Supprimée"), deleted_at=later(3))
    bare = replace(an_annotation(SESSION, TRAINER), kind="bookmark", text="")
    session = replace(SESSION, public_title="Le tour de Marie")
    texts = free_texts(Named(session, (), (note, marked, typed, silent), (kept, gone, bare), _beside()))
    by = TRAINER.name
    assert [(each.kind, each.text, each.longest, each.at, each.by) for each in texts] == [
        ("title", "Réa de Marie", 200, SESSION.created_at, None),
        ("public_title", "Le tour de Marie", 200, SESSION.created_at, None),
        ("note", "Rien", 2000, later(1), by),
        ("action", "ici", 2000, later(3), JEAN.name),
        ("annotation", "À revoir", 2000, kept.at, by),
        ("score", "Une équipe calme", 2000, later(50), by),
        ("score", "Elle hésite", 1000, later(5), by),
        ("words", "Sa sœur dormait", 2000, None, None),
        ("moment", "Sa chute", 200, later(60), None),
    ]
    assert len({each.id for each in texts}) == len(texts)
    assert [each.id for each in texts[2:5]] == [note.id, typed.id, kept.id]


def test_what_is_written_anew_has_another_id_and_nobody_is_told_under_which_words_are_kept() -> None:
    """That one stays: whoever knew it from before would know of words without a name whose they are."""

    def of_words(beside: WrittenBeside) -> UUID:
        return next(each.id for each in free_texts(Named(SESSION, (), (), (), beside)) if each.kind == "words")

    assert of_words(_beside("Autre chose")) != of_words(_beside())
    stale = names_out(Named(SESSION, (), (), (), _beside("Autre chose")), {of_words(_beside()): None}, NOW)
    assert isinstance(stale, InvalidFields)
    assert REFLECTION not in {each.id for each in free_texts(Named(SESSION, (), (), (), _beside()))}


def test_texts_beside_the_record_are_taken_out_or_written_anew() -> None:
    beside = _beside()
    named = Named(SESSION, (MARIE,), (), (), beside)
    by_text = {each.text: each.id for each in free_texts(named)}
    texts: dict[UUID, str | None] = dict.fromkeys(by_text.values()) | {
        by_text["Elle hésite"]: " Hésite ",
        by_text["Sa chute"]: "La  chute",
    }
    out = names_out(named, texts, later(100))
    assert isinstance(out, NamesOut)
    assert out.changes_beside
    assert (out.session.title, out.session.public_title) == ("", "")
    (sheet,), (said,), (edit, bare) = beside.sheets, beside.words, beside.moments
    written = out.rewriting.sheet(sheet, later(100))
    assert (written.comment, written.items["help"].comment, written.version) == ("", "Hésite", 2)
    assert (written.items["help"].score, written.items["oxygen"]) == (1, sheet.items["oxygen"])
    assert out.rewriting.words(said.id, said.words) == ""
    assert (out.rewriting.title(edit), out.rewriting.title(bare)) == ("La chute", None)
    again = names_out(replace(named, session=out.session, seats=out.seats, beside=WrittenBeside([written])), {}, NOW)
    assert isinstance(again, NamesOut)
    assert again.is_nothing_new


def test_too_long_a_text_is_refused_where_it_would_stand() -> None:
    named = Named(replace(SESSION, public_title="Le tour de Marie"), (), (), (), _beside())
    for each in free_texts(named):
        assert isinstance(names_out(named, {each.id: "x" * each.longest}, NOW), NamesOut)
        refused = names_out(named, {each.id: "x" * (each.longest + 1)}, NOW)
        assert isinstance(refused, InvalidFields)
        assert [error.field for error in refused.errors] == [f"texts.{each.id}"]
        # A title is one line, and holds nothing that has no place in one.
        odd = names_out(named, {each.id: "a\x01b"}, NOW)
        assert isinstance(odd, InvalidFields) == (each.kind in ("title", "public_title", "moment"))


def test_a_text_of_something_else_is_refused_by_its_id() -> None:
    action, note = _event(1, _by(JEAN), ActionTaken("call")), _event(2, author_of(TRAINER), NoteAdded("x"))
    strange = uuid4()
    texts: dict[UUID, str | None] = {action.id: "x", strange: None, note.id: " "}
    refused = names_out(Named(SESSION, (), (action, note), ()), texts, NOW)
    assert isinstance(refused, InvalidFields)
    assert {error.field for error in refused.errors} == {f"texts.{each}" for each in texts}


def test_annotations_lose_names_too_and_one_that_is_taken_out_is_deleted() -> None:
    kept = an_annotation(SESSION, TRAINER, "Rien à dire")
    named = replace(an_annotation(SESSION, TRAINER, "Jean a bien vu"), deleted_at=later(3))
    gone = an_annotation(SESSION, TRAINER, "Sa voisine aussi")
    out = names_out(Named(SESSION, (MARIE, JEAN), (), (kept, named, gone)), {gone.id: None}, later(100))
    assert isinstance(out, NamesOut)
    assert out.annotations == [
        replace(named, text="Trainee 2 a bien vu", updated_at=later(100), version=2),
        replace(gone, text=TAKEN_OUT, deleted_at=later(100), updated_at=later(100), version=2),
    ]


def test_whoever_came_twice_under_a_name_has_one_number() -> None:
    again = a_seat(SESSION, "marie  dupont", later(9))
    assert renaming_of(SESSION, (again, JEAN, MARIE)).by_seat == {
        MARIE.id: "Trainee 1",
        again.id: "Trainee 1",
        JEAN.id: "Trainee 2",
    }


names = (
    st.text(st.sampled_from("abéÉz '-.1K"), min_size=1, max_size=12).map(str.strip).filter(lambda name: len(name) > 2)
)


@given(st.lists(names, min_size=1, max_size=6), st.lists(st.text("abéz '-.1K,", max_size=20), max_size=6))
def test_no_name_stays_and_once_more_changes_nothing(called: list[str], words: list[str]) -> None:
    seats = [a_seat(SESSION, name, later(at)) for at, name in enumerate(called)]
    texts = [f"{word} {name} {word}" for name in called for word in words]
    events = [_event(1 + at, author_of(TRAINER), NoteAdded(text)) for at, text in enumerate(texts)]
    events += [_event(900, _by(seat), ActionTaken("call")) for seat in seats]
    out = names_out(Named(SESSION, seats, events, ()), {}, NOW)
    assert isinstance(out, NamesOut)
    by_id = {event.id: event for event in events} | {event.id: event for event in out.events}
    for event in by_id.values():
        if isinstance(event.fact, NoteAdded):
            for name in called:
                found = rf"(?<!\w){re.escape(name)}(?!\w)"
                assert event.fact.text is not None
                assert not re.search(found, event.fact.text.replace("Trainee", "")), (name, event.fact.text)
        else:
            assert event.by.name.startswith("Trainee ")
    renamed = {seat.id: seat for seat in seats} | {seat.id: seat for seat in out.seats}
    again = names_out(Named(out.session, list(renamed.values()), list(by_id.values()), ()), {}, later(9))
    assert isinstance(again, NamesOut)
    assert (again.seats, again.events, again.session.names_out_at) == ([], [], NOW)


def test_whose_seat_is_not_here_yet_loses_the_name_all_the_same() -> None:
    event = _event(1, _by(JEAN), ActionTaken("call"))
    out = names_out(Named(SESSION, (MARIE,), (event,), ()), {}, NOW)
    assert isinstance(out, NamesOut)
    assert [each.by.name for each in out.events] == ["Trainee 2"]


def test_who_may_and_when() -> None:
    admin = a_trainer(SCHOOL, "admin")
    assert refuse_names_out(SESSION, TRAINER) is None
    assert refuse_names_out(SESSION, admin) is None
    assert isinstance(refuse_names_out(SESSION, a_trainer(SCHOOL)), Forbidden)
    assert refuse_names_out(replace(SESSION, closed_at=None, close_reason=None), TRAINER) == STILL_OPEN
    lock = SessionLock("A complaint", author_of(admin), NOW)
    assert refuse_names_out(replace(SESSION, lock=lock), admin) == LOCKED
