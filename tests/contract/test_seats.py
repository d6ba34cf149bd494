"""Seats: a trainee's place in a session."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

from server.domain.outcomes import SessionFull
from server.domain.session import Seat, Session
from server.domain.text import likeness
from server.ports.storage import Storage
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_seat, later


async def test_a_seat_is_found_by_its_token(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    other = a_seat(await open_session(storage, house.trainer))
    seat = a_seat(session)
    await storage.sessions.add_seat(other, b"another")
    await storage.sessions.add_seat(seat, b"token")
    assert await second_storage.sessions.find_seat(b"token") == seat
    assert await storage.sessions.find_seat(b"another") == other
    assert await storage.sessions.find_seat(b"tokem") is None


async def test_a_seat_is_renamed(storage: Storage, session: Session) -> None:
    seat, other = a_seat(session, "Grace"), a_seat(session, "Grace", later(1))
    await storage.sessions.add_seat(seat, b"one")
    await storage.sessions.add_seat(other, b"two")
    await storage.sessions.rename_seat(seat, "Grâce 🚑")
    assert await storage.sessions.list_seats(session.id) == [replace(seat, name="Grâce 🚑"), other]


async def test_a_removed_seat_is_known_but_not_listed(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    other = await open_session(storage, house.trainer)
    seat = a_seat(session)
    await storage.sessions.add_seat(seat, b"token")
    assert await storage.sessions.remove_seat(other.id, seat.id, later(1)) is None
    assert await storage.sessions.remove_seat(session.id, uuid4(), later(1)) is None
    assert await storage.sessions.list_seats(session.id) == [seat]
    removed = replace(seat, removed_at=later(2))
    assert await storage.sessions.remove_seat(session.id, seat.id, later(2)) == removed
    assert await second_storage.sessions.remove_seat(session.id, seat.id, later(9)) == removed
    assert await storage.sessions.list_seats(session.id) == []
    assert await storage.sessions.find_seat(b"token") == removed


async def test_seats_are_listed_in_the_order_of_joining(storage: Storage, house: House, session: Session) -> None:
    other = await open_session(storage, house.trainer)
    seats = [a_seat(session, f"Trainee {number}", later(number)) for number in (5, 1, 4, 2, 3)]
    together = [a_seat(session, f"Together {number}", later(9)) for number in range(3)]
    for number, seat in enumerate([*seats, *together, a_seat(other)]):
        await storage.sessions.add_seat(seat, f"token {number}".encode())
    listed = await storage.sessions.list_seats(session.id)
    ordered = sorted([*seats, *together], key=lambda seat: (seat.joined_at, seat.id))
    assert listed == ordered
    assert await storage.sessions.list_seats(uuid4()) == []


async def test_a_seat_outlives_the_end_of_its_session(storage: Storage, house: House, session: Session) -> None:
    seat = a_seat(session)
    await storage.sessions.add_seat(seat, b"token")
    await storage.sessions.end_session(session.id, house.trainer, uuid4(), NOW)
    assert await storage.sessions.find_seat(b"token") == seat
    assert await storage.sessions.list_seats(session.id) == [seat]


async def test_removed_among_names_those_that_were_taken_away_or_never_written(
    storage: Storage, second_storage: Storage, session: Session
) -> None:
    kept, removed, not_asked = [a_seat(session, f"Trainee {number}") for number in range(3)]
    for seat in (kept, removed, not_asked):
        await storage.sessions.add_seat(seat, seat.id.bytes)
    for seat in (removed, not_asked):
        await second_storage.sessions.remove_seat(session.id, seat.id, later(1))
    never = uuid4()
    assert await storage.sessions.removed_among([kept.id, removed.id, never]) == {removed.id, never}
    assert await storage.sessions.removed_among([]) == frozenset()


async def test_names_are_told_apart_however_many_join_at_once_and_wherever(
    storage: Storage, second_storage: Storage, session: Session
) -> None:
    stores = (storage.sessions, second_storage.sessions)
    wished = [("", "Ann", "aNN")[number % 3] for number in range(30)]
    taken = await asyncio.gather(
        *(
            stores[number % 2].take_seat(a_seat(session, name), f"{number}".encode(), 1000)
            for number, name in enumerate(wished)
        )
    )
    seats = [seat for seat in taken if isinstance(seat, Seat)]
    assert len({likeness(seat.name) for seat in seats}) == 30
    assert all(name.casefold() in seat.name.casefold() for name, seat in zip(wished, seats, strict=True))
    listed = await second_storage.sessions.list_seats(session.id)
    assert sorted(listed, key=lambda seat: seat.id) == sorted(seats, key=lambda seat: seat.id)
    # The same seat again is the same; a new name is told apart, too; a number that was given is given to nobody else.
    assert await storage.sessions.take_seat(replace(seats[1], name="Bea"), b"1", 1000) == seats[1]
    assert (await storage.sessions.rename_seat(seats[1], "Bea", is_told_apart=True)).name == "Bea"
    assert (await second_storage.sessions.rename_seat(seats[2], "bea", is_told_apart=True)).name == "bea 2"
    for seat in seats[:30:3]:
        await storage.sessions.remove_seat(session.id, seat.id, later(1))
    nameless = await second_storage.sessions.take_seat(a_seat(session, ""), b"new", 1000)
    assert isinstance(nameless, Seat)
    assert nameless.name not in {seat.name for seat in seats}


async def test_a_full_session_stays_as_full_as_it_is(
    storage: Storage, second_storage: Storage, house: House, session: Session
) -> None:
    """50 join at the limit at once, by two processes; and who has a seat keeps it, whatever it does."""
    stores = (storage.sessions, second_storage.sessions)

    async def join(numbers: range) -> list[Seat | SessionFull]:
        return await asyncio.gather(
            *(stores[number % 2].take_seat(a_seat(session, ""), b"%d" % number, 20) for number in numbers)
        )

    there = await join(range(12))
    taken = [*there, *await join(range(12, 62))]
    seats = [seat for seat in taken if isinstance(seat, Seat)]
    assert len(seats) == 20
    assert [seat for seat in taken if not isinstance(seat, Seat)] == [SessionFull(20)] * 42
    assert {seat.id for seat in await storage.sessions.list_seats(session.id)} == {seat.id for seat in seats}

    number = next(number for number, seat in enumerate(taken) if seat == seats[0])
    assert await second_storage.sessions.take_seat(seats[0], b"%d" % number, 20) == seats[0]
    assert (await second_storage.sessions.rename_seat(seats[1], "Ann", is_told_apart=True)).name == "Ann"
    # A seat that is taken away makes room for one, whoever took it away.
    await second_storage.sessions.remove_seat(session.id, seats[2].id, later(1))
    again = await join(range(100, 104))
    assert [isinstance(each, Seat) for each in again].count(True) == 1
    other = await open_session(storage, house.trainer)
    assert isinstance(await storage.sessions.take_seat(a_seat(other), b"other", 20), Seat)


async def test_what_others_have_changed_meanwhile_is_known_at_the_next_join(
    storage: Storage, second_storage: Storage, session: Session
) -> None:
    """Renamed, removed, written as it is told: by another process, after this one has read the session's names."""
    ann = await storage.sessions.take_seat(a_seat(session, "Ann"), b"ann", 1000)
    bea = await storage.sessions.take_seat(a_seat(session, "Bea"), b"bea", 1000)
    assert isinstance(ann, Seat)
    assert isinstance(bea, Seat)
    await second_storage.sessions.rename_seat(ann, "Cea", is_told_apart=True)
    await second_storage.sessions.remove_seat(session.id, bea.id, later(1))
    await second_storage.sessions.add_seat(a_seat(session, "Dea"), b"dea")
    wished = ("Ann", "Bea", "Cea", "Dea")
    named = [await storage.sessions.take_seat(a_seat(session, name), name.encode(), 1000) for name in wished]
    assert [each.name for each in named if isinstance(each, Seat)] == ["Ann", "Bea", "Cea 2", "Dea 2"]
