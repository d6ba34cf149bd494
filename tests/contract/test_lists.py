"""The three lists that come in pages: complete, in order, and of one school."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.domain.session import Session, SessionStatus
from server.ports.results import Cursor, Page
from server.ports.storage import Storage
from tests.support.houses import House, open_session
from tests.support.making import BY, NOW, a_note, a_seat, a_session, a_template, a_trainer, later

# Several in one millisecond, as a script or an import makes them.
MOMENTS = [0, 1, 1, 1, 1, 2, 2, 3, 0.001, 3]


async def _fill_sessions(storage: Storage, house: House, created_at: datetime) -> UUID:
    session = a_session(house.trainer, created_at=created_at)
    await storage.sessions.add_session(session, None, BY)
    return session.id


async def _fill_templates(storage: Storage, house: House, created_at: datetime) -> UUID:
    template = a_template(house.school, created_at=created_at)
    await storage.templates.add_template(template, BY)
    return template.id


async def _fill_trainers(storage: Storage, house: House, created_at: datetime) -> UUID:
    trainer = a_trainer(house.school, created_at=created_at)
    await storage.accounts.add_trainer(trainer, "hash", BY)
    return trainer.id


async def _page_of_sessions(storage: Storage, house: House, limit: int, after: Cursor | None) -> Page[Any]:
    page = await storage.sessions.list_sessions(house.school.id, "all", limit, after, NOW)
    return Page([summary.session for summary in page.items], page.next)


async def _page_of_templates(storage: Storage, house: House, limit: int, after: Cursor | None) -> Page[Any]:
    return await storage.templates.list_templates(house.school.id, limit, after)


async def _page_of_trainers(storage: Storage, house: House, limit: int, after: Cursor | None) -> Page[Any]:
    return await storage.accounts.list_trainers(house.school.id, limit, after)


Fill = Callable[[Storage, House, datetime], Awaitable[UUID]]
ReadPage = Callable[[Storage, House, int, Cursor | None], Awaitable[Page[Any]]]
LISTS = [
    pytest.param(_fill_sessions, _page_of_sessions, True, id="sessions"),
    pytest.param(_fill_templates, _page_of_templates, False, id="templates"),
    pytest.param(_fill_trainers, _page_of_trainers, False, id="trainers"),
]


async def _all_pages(read: ReadPage, storage: Storage, house: House, limit: int) -> list[list[Any]]:
    pages: list[list[Any]] = []
    after: Cursor | None = None
    while True:
        page = await read(storage, house, limit, after)
        pages.append(list(page.items))
        if page.next is None:
            return pages
        assert page.items, "an empty page that has a next one"
        after = page.next


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 10, 14, 200])
@pytest.mark.parametrize(("fill", "read", "newest_first"), LISTS)
async def test_pages_tell_every_row_once_in_order(
    storage: Storage, house: House, other_house: House, fill: Fill, read: ReadPage, newest_first: bool, limit: int
) -> None:
    there = [(row.created_at, row.id) for row in (await read(storage, house, 200, None)).items]
    made = [(later(moment), await fill(storage, house, later(moment))) for moment in MOMENTS]
    await fill(storage, other_house, later(1))
    pages = await _all_pages(read, storage, house, limit)
    expected = sorted(there + made, reverse=newest_first)
    assert [(row.created_at, row.id) for page in pages for row in page] == expected
    assert all(len(page) == limit for page in pages[:-1])
    assert 0 < len(pages[-1]) <= limit


@pytest.mark.parametrize(("fill", "read", "newest_first"), LISTS)
async def test_a_row_that_came_meanwhile_moves_no_other(
    storage: Storage, house: House, fill: Fill, read: ReadPage, newest_first: bool
) -> None:
    for moment in (1, 2, 3, 4):
        await fill(storage, house, later(moment))
    all_before = [row.id for row in (await read(storage, house, 200, None)).items]
    first = await read(storage, house, 2, None)
    await fill(storage, house, later(100) if newest_first else later(-100))
    rest = await read(storage, house, 200, first.next)
    assert [row.id for row in [*first.items, *rest.items]] == all_before


async def test_sessions_are_listed_by_whether_they_are_over(storage: Storage, house: House, other_house: House) -> None:
    running = await open_session(storage, house.trainer, created_at=later(1))
    due = await open_session(storage, house.trainer, created_at=later(2), expires_at=later(10))
    closed = await open_session(storage, house.trainer, created_at=later(3))
    await storage.sessions.end_session(closed.id, house.trainer, uuid4(), later(4))
    await open_session(storage, other_house.trainer)

    async def listed(status: SessionStatus, now: datetime) -> list[UUID]:
        page = await storage.sessions.list_sessions(house.school.id, status, 50, None, now)
        return [summary.session.id for summary in page.items]

    assert await listed("all", later(5)) == [closed.id, due.id, running.id]
    assert await listed("open", later(9.999)) == [due.id, running.id]
    assert await listed("ended", later(9.999)) == [closed.id]
    # Over at its expiry, although the job has not come by yet.
    assert await listed("open", later(10)) == [running.id]
    assert await listed("ended", later(10)) == [closed.id, due.id]
    await storage.sessions.expire_due(later(11), 10)
    assert await listed("ended", later(5)) == [closed.id, due.id]


async def test_a_status_pages_past_what_it_leaves_out(storage: Storage, house: House) -> None:
    sessions = [await open_session(storage, house.trainer, created_at=later(number)) for number in range(9)]
    for session in sessions[::2]:
        await storage.sessions.end_session(session.id, house.trainer, uuid4(), later(10))
    found: list[Session] = []
    after = None
    while True:
        page = await storage.sessions.list_sessions(house.school.id, "open", 2, after, later(11))
        found += [summary.session for summary in page.items]
        if page.next is None:
            break
        after = page.next
    assert [each.id for each in found] == [each.id for each in reversed(sessions[1::2])]


async def test_a_summary_counts_events_and_seats(storage: Storage, house: House) -> None:
    session = await open_session(storage, house.trainer, created_at=later(1))
    empty = await open_session(storage, house.trainer, created_at=NOW)
    for number in range(3):
        await storage.sessions.append_event(session.id, house.trainer, a_note(house.trainer), later(number + 2))
        await storage.sessions.add_seat(a_seat(session), f"seat {number}".encode())
    removed = replace(a_seat(session), name="removed")
    await storage.sessions.add_seat(removed, b"removed")
    await storage.sessions.remove_seat(session.id, removed.id, later(5))
    page = await storage.sessions.list_sessions(house.school.id, "all", 50, None, later(6))
    counted = [(each.session.id, each.event_count, each.trainee_count) for each in page.items]
    assert counted == [(session.id, 3, 3), (empty.id, 0, 0)]
    assert page.items[0].session == await storage.sessions.find_session(session.id)


async def test_an_unknown_school_has_nothing(storage: Storage, session: Session) -> None:
    nowhere = uuid4()
    assert (await storage.sessions.list_sessions(nowhere, "all", 50, None, NOW)).items == []
    assert (await storage.templates.list_templates(nowhere, 50, None)).items == []
    assert (await storage.accounts.list_trainers(nowhere, 50, None)).items == []
