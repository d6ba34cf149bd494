"""Who is connected, kept by what the sockets say of each connection."""

from __future__ import annotations

from uuid import uuid4

import pytest

from server.live.audience import Audience
from tests.support.making import a_school, a_seat, a_session, a_trainer

TRAINER = a_trainer(a_school())
SESSION, OTHER = a_session(TRAINER), a_session(TRAINER)


def test_whoever_is_let_in_is_live_and_hears_when_it_has_joined() -> None:
    audience, seat = Audience(), a_seat(SESSION)
    audience.let_in_trainee("a", seat)
    assert audience.live_sessions() == {SESSION.id}
    assert audience.live_seats() == {seat.id}
    assert not audience.hears(SESSION.id)
    audience.join("a")
    assert audience.hears(SESSION.id)
    audience.trainee_left("a")
    assert not audience.hears(SESSION.id)
    assert not audience.live_sessions()
    assert not audience.live_seats()


def test_a_trainer_watches_several_sessions_until_it_unwatches_or_leaves() -> None:
    audience = Audience()
    audience.let_in_trainer("t", b"token", uuid4(), uuid4())
    audience.watch("t", SESSION.id)
    audience.watch("t", OTHER.id)
    assert set(audience.watched_sessions()) == {SESSION.id, OTHER.id}
    assert audience.unwatch("t", SESSION.id)
    assert not audience.unwatch("t", SESSION.id)
    assert not audience.is_watched(SESSION.id)
    audience.trainer_left("t")
    assert not audience.live_sessions()
    assert not audience.live_logins()


def test_an_end_leaves_nobody_who_hears_and_names_the_trainees() -> None:
    audience = Audience()
    for name in "ab":
        audience.let_in_trainee(name, a_seat(SESSION))
        audience.join(name)
    audience.let_in_trainee("late", a_seat(SESSION))
    audience.let_in_trainer("t", b"token", uuid4(), uuid4())
    audience.watch("t", SESSION.id)
    audience.watch("t", OTHER.id)
    assert set(audience.end(SESSION.id)) == {"a", "b"}
    assert not audience.hears(SESSION.id)
    assert set(audience.end(SESSION.id)) == set()
    assert not audience.unwatch("t", SESSION.id)
    assert audience.is_watched(OTHER.id)
    # Those that are still to be cut, and the one that is to hear of the end when it has joined, are there.
    assert audience.live_sessions() == {SESSION.id, OTHER.id}


def test_connections_are_found_by_their_seats_and_logins() -> None:
    audience, seat = Audience(), a_seat(SESSION)
    audience.let_in_trainee("a", seat)
    audience.let_in_trainee("b", seat)
    audience.let_in_trainee("c", a_seat(SESSION))
    audience.let_in_trainer("t", b"token", uuid4(), uuid4())
    assert list(audience.connections_of_seats([seat.id, uuid4()])) == ["a", "b"]
    assert list(audience.connections_of_logins([b"token", b"other"])) == ["t"]


def test_of_what_ended_so_much_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.live.audience.ENDED_KEPT", 2)
    audience, seats = Audience(), [a_seat(SESSION) for _ in range(3)]
    for seat in seats:
        audience.never_again([seat.id])
    assert [audience.let_in_trainee("a", seat) for seat in seats] == [True, False, False]
