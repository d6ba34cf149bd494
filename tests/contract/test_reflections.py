"""The trainees' own words: one of each seat, with its name or without any."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

from server.domain.case import Case, ChecklistItem
from server.domain.outcomes import InvalidFields
from server.domain.reflections import Reflection, ReflectionChange, ToldReflection, author_hash, first_reflection
from server.domain.session import Seat, Session
from server.ports.storage import Storage
from server.service.tokens import token_hash
from tests.support.houses import House, open_session
from tests.support.making import a_seat

CASE = Case(uuid4(), 1, "", (), (ChecklistItem("help", "Calls for help"),), ())


async def _seated(storage: Storage, session: Session, name: str = "Grace") -> tuple[Seat, str]:
    seat, token = a_seat(session, name), str(uuid4())
    await storage.sessions.add_seat(seat, token_hash(token))
    return seat, token


async def _say(storage: Storage, session: Session, seat: Seat, token: str, change: ReflectionChange) -> Reflection:
    first = first_reflection(session, seat, token, uuid4())
    said = await storage.reflections.change_reflection(first, seat, CASE, change)
    assert isinstance(said, Reflection), said
    return said


async def test_each_seat_has_one(storage: Storage, second_storage: Storage, session: Session) -> None:
    seat, token = await _seated(storage, session)
    said = await _say(storage, session, seat, token, ReflectionChange(" J’ai tardé 🚑 ", {"help": "na"}))
    assert (said.words, said.scores, said.seat_id) == ("J’ai tardé 🚑", {"help": "na"}, seat.id)
    more = await _say(second_storage, session, seat, token, ReflectionChange(scores={"help": 1}))
    assert more == replace(said, scores={"help": 1}, version=2)
    assert await storage.reflections.find_reflection(session.id, author_hash(token)) == more
    assert await storage.reflections.find_reflection(session.id, author_hash("x")) is None
    assert await second_storage.reflections.list_reflections(session.id) == [
        ToldReflection(said.id, seat.id, "Grace", "J’ai tardé 🚑", {"help": 1})
    ]
    wrong = await storage.reflections.change_reflection(more, seat, CASE, ReflectionChange(scores={"x": 1}))
    assert isinstance(wrong, InvalidFields)


async def test_without_a_name_nothing_leads_to_it(storage: Storage, house: House, session: Session) -> None:
    seat, token = await _seated(storage, session)
    said = await _say(storage, session, seat, token, ReflectionChange("With my name"))
    await _say(storage, session, seat, token, ReflectionChange("Without", is_anonymous=True))
    assert await storage.reflections.list_reflections(session.id) == [
        ToldReflection(said.id, None, None, "Without", {})
    ]
    assert author_hash(token) != token_hash(token)
    # The choice stays; its seat alone changes it.
    await _say(storage, session, seat, token, ReflectionChange("Still without"))
    assert await storage.reflections.list_reflections(session.id) == [
        ToldReflection(said.id, None, None, "Still without", {})
    ]
    await storage.sessions.rename_seat(seat, "Trainee 1")
    await _say(storage, session, seat, token, ReflectionChange(is_anonymous=False))
    (told,) = await storage.reflections.list_reflections(session.id)
    assert (told.seat_id, told.name) == (seat.id, "Trainee 1")


async def test_what_is_taken_back_is_not_told(storage: Storage, house: House, session: Session) -> None:
    seat, token = await _seated(storage, session)
    await _say(storage, session, seat, token, ReflectionChange("Something", {"help": 2}))
    await _say(storage, session, seat, token, ReflectionChange("", {}))
    assert await storage.reflections.list_reflections(session.id) == []
    other = await open_session(storage, house.trainer)
    assert await storage.reflections.list_reflections(other.id) == []


async def test_first_words_at_once_are_one(storage: Storage, second_storage: Storage, session: Session) -> None:
    seat, token = await _seated(storage, session)
    await asyncio.gather(
        *(
            _say(each, session, seat, token, ReflectionChange(f"{number}"))
            for number, each in enumerate([storage, second_storage] * 3)
        )
    )
    assert len(await storage.reflections.list_reflections(session.id)) == 1
