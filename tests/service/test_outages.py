"""What a storage that is away, or cannot write, leaves behind when it is back; on PostgreSQL.

An outage says nothing of whether a link was right, and nobody used up a pace who got nothing for it; and what was told
ahead is taken back, however the write ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import asyncpg
import pytest

from server.domain.assignments import AssignmentDraft
from server.domain.case import Step
from server.domain.record import Recorded
from server.domain.session import Session
from server.domain.transitions import After, Transition
from server.domain.vitals import VitalsPatch
from server.live.settings import LIVE_SETTINGS
from server.ports.broadcast import SilentPublisher
from server.ports.results import Added, StorageUnavailable
from server.service.assignments import TRIES_BY_ADDRESS, Begun, Given
from server.service.guessing import LINKS_BY_ADDRESS
from server.service.invitations import FoundInvitation, Invited, NewInvitation
from server.service.logins import Visitor
from server.service.services import Services
from tests.support.houses import UNHURRIED, furnish, open_postgres, open_session
from tests.support.making import BY, NOW, a_content, a_push, a_template, later
from tests.support.patience import PATIENCE_SECONDS
from tests.support.proxy import PostgresProxy, postgres_proxy
from tests.support.services import services_on

DESK = Visitor("192.0.2.1", agent="Firefox")


@asynccontextmanager
async def _behind_a_proxy(database_url: str) -> AsyncGenerator[tuple[PostgresProxy, Services]]:
    async with postgres_proxy(database_url) as proxy, open_postgres(proxy.url, live=UNHURRIED) as storage:
        with services_on(storage) as services:
            yield proxy, services


async def test_an_outage_is_no_wrong_link_of_an_invitation(database_url: str) -> None:
    async with _behind_a_proxy(database_url) as (proxy, services):
        house = await furnish(services.storage)
        new = NewInvitation("bela@example.org", "Bela", "trainer")
        invited = await services.invitations.invite(house.admin, new, NOW)
        assert isinstance(invited, Invited)
        await proxy.go_down()
        for _ in range(LINKS_BY_ADDRESS.failures + 1):
            with pytest.raises(StorageUnavailable):
                await services.invitations.find(invited.token, DESK, NOW)
        await proxy.listen()
        await services.storage.ping()
        assert isinstance(await services.invitations.find(invited.token, DESK, NOW), FoundInvitation)


async def test_an_outage_is_no_wrong_link_to_the_first_account(database_url: str) -> None:
    async with _behind_a_proxy(database_url) as (proxy, services):
        token = await services.first_admin.token()
        assert token is not None
        await proxy.go_down()
        for _ in range(LINKS_BY_ADDRESS.failures + 1):
            with pytest.raises(StorageUnavailable):
                await services.first_admin.judge(token, DESK, NOW)
        await proxy.listen()
        await services.storage.ping()
        assert await services.first_admin.judge(token, DESK, NOW) is None


async def test_a_try_that_could_not_be_written_is_not_counted(database_url: str) -> None:
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        house = await furnish(storage)
        steps = (Step("a", "A", VitalsPatch(), transitions=(Transition(None, After(60), automatic=True),)),)
        template = a_template(house.school, content=a_content(steps=steps))
        assert await storage.templates.add_template(template, BY) == Added(template)
        with services_on(storage) as services:
            draft = AssignmentDraft(template.id, "Homework", later(3600))
            given = await services.assignments.add(house.trainer, draft, NOW)
            assert isinstance(given, Given)
            async with _no_room(database_url):
                for _ in range(TRIES_BY_ADDRESS.failures + 1):
                    with pytest.raises(StorageUnavailable):
                        await services.assignments.open(given.assignment.token, "Léa", None, DESK.address, NOW)
            begun = await services.assignments.open(given.assignment.token, "Léa", None, DESK.address, NOW)
            assert isinstance(begun, Begun)


@asynccontextmanager
async def _no_room(database_url: str) -> AsyncGenerator[None]:
    """The disk takes no session more."""
    database = await asyncpg.connect(database_url)
    try:
        await database.execute(
            """
            CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER no_room BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION no_room();
            """
        )
        yield
        await database.execute("DROP TRIGGER no_room ON sessions")
    finally:
        await database.close()


@dataclass
class _Told(SilentPublisher):
    foreseen: asyncio.Event = field(default_factory=asyncio.Event)
    taken_back: list[Session] = field(default_factory=list[Session])

    async def vitals_foreseen(self, foreseen: Recorded) -> None:
        self.foreseen.set()

    async def vitals_taken_back(self, session: Session, at: object) -> None:
        assert self.foreseen.is_set()
        self.taken_back.append(session)


@pytest.mark.usefixtures("expects_errors")
async def test_what_was_foreseen_is_taken_back_when_it_turns_out_that_it_cannot_be_written(database_url: str) -> None:
    """Not refused: a fault. The screens go back to what is stored all the same."""
    live = replace(LIVE_SETTINGS, patience_seconds=60.0, least_patience_seconds=60.0)
    async with open_postgres(database_url, live=live) as storage:
        house = await furnish(storage)
        session = await open_session(storage, house.trainer)
        told, holder = _Told(), await asyncpg.connect(database_url)
        await holder.execute("ALTER TABLE session_events ADD CHECK (heart_rate <> 199)")
        with services_on(storage, told) as services:
            stored = await services.sessions.record(house.trainer, session.id, a_push(house.trainer), NOW)
            assert isinstance(stored, Recorded)
            async with holder.transaction():
                # Whoever waits for it is late, and told ahead.
                await holder.execute("SELECT FROM sessions WHERE id = $1 FOR UPDATE", session.id)
                push = a_push(house.trainer, VitalsPatch({"heart_rate": 199}))
                waiting = asyncio.ensure_future(services.sessions.record(house.trainer, session.id, push, later(1)))
                await asyncio.wait_for(told.foreseen.wait(), PATIENCE_SECONDS)
            with pytest.raises(asyncpg.CheckViolationError):
                await waiting
        await holder.close()
    assert [each.last_values for each in told.taken_back] == [stored.session.last_values]
