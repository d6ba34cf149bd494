"""The jobs on a real PostgreSQL whose line is cut and mended under them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from server import clock
from server.domain.events import SYSTEM
from server.domain.people import School, Trainer
from server.domain.session import Session
from server.domain.vitals import START_VALUES
from server.live.audience import Audience
from server.ports.broadcast import SilentPublisher
from server.ports.storage import Storage
from server.service.jobs import Jobs
from server.storage.postgres import PostgresStorage
from tests.support.nothing_elsewhere import NothingElsewhere
from tests.support.patience import PATIENCE_SECONDS
from tests.support.proxy import postgres_proxy


class _Listener(SilentPublisher):
    def __init__(self) -> None:
        self.ended: list[UUID] = []
        self.heard = asyncio.Event()

    async def session_ended(self, session: Session) -> None:
        self.ended.append(session.id)
        self.heard.set()


def _jobs(storage: Storage, listener: _Listener) -> Jobs:
    return Jobs(
        storage.sessions,
        storage.accounts,
        storage.sync,
        listener,
        NothingElsewhere(),
        Audience(),
        timedelta(seconds=60),
        timedelta(days=1),
        clock.now,
    )


async def test_expiry_resumes_after_an_outage_of_the_storage(database_url: str) -> None:
    async with postgres_proxy(database_url) as proxy:
        storage = await PostgresStorage.open(proxy.url)
        listener = _Listener()
        session_id = await _session_that_lives(storage, timedelta(milliseconds=300))
        await proxy.go_down()
        running = asyncio.create_task(_jobs(storage, listener).run())
        try:
            await asyncio.sleep(0.5)  # the expiry falls into the outage
            assert listener.ended == []
            await proxy.listen()
            await asyncio.wait_for(listener.heard.wait(), PATIENCE_SECONDS)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert listener.ended == [session_id]
        await storage.close()


async def test_two_processes_tell_an_expiry_once(database_url: str) -> None:
    first, second = [await PostgresStorage.open(database_url) for _ in range(2)]
    ids = {await _session_that_lives(first, timedelta(milliseconds=1)) for _ in range(20)}
    listeners = [_Listener(), _Listener()]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(listeners[0].ended) + len(listeners[1].ended) < len(ids):
            await asyncio.gather(_jobs(first, listeners[0]).expire_due(), _jobs(second, listeners[1]).expire_due())
    told = listeners[0].ended + listeners[1].ended
    assert sorted(told) == sorted(ids)
    for storage in (first, second):
        await storage.close()


async def _session_that_lives(storage: Storage, life: timedelta) -> UUID:
    now = clock.now()
    school = await storage.accounts.add_school(School(uuid4(), "École", now))
    trainer = Trainer(uuid4(), school.id, f"{uuid4()}@example.org", "Anna", "admin", now, now)
    await storage.accounts.add_trainer(trainer, "-", SYSTEM)
    session = Session(
        id=uuid4(),
        code=uuid4().hex[:6].upper(),
        title="Session",
        trainee_name=None,
        trainer_id=trainer.id,
        school_id=school.id,
        template_id=None,
        created_at=now,
        updated_at=now,
        expires_at=now + life,
        last_values=START_VALUES,
    )
    await storage.sessions.add_session(session, None, SYSTEM)
    return session.id
