"""Storages with people in them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.domain.people import School, Trainer
from server.domain.session import Session
from server.live.settings import LIVE_SETTINGS, LiveSettings
from server.ports.results import Added
from server.ports.storage import Storage
from server.storage.postgres import PostgresStorage
from server.storage.postgres.database import CONNECTION_SETTINGS, ConnectionSettings
from tests.support.making import BY, a_school, a_session, a_trainer
from tests.support.postgres import as_server

# A busy machine is no outage: what a storage answers is asked, not what it says when it is late.
UNHURRIED = LiveSettings(patience_seconds=60.0, least_patience_seconds=60.0, refused_after_seconds=60.0)


@asynccontextmanager
async def open_postgres(
    url: str,
    *,
    connections: ConnectionSettings = CONNECTION_SETTINGS,
    live: LiveSettings = LIVE_SETTINGS,
) -> AsyncGenerator[PostgresStorage]:
    storage = await PostgresStorage.open(as_server(url), connections=connections, live=live)
    try:
        yield storage
    finally:
        await storage.close()


@dataclass(frozen=True)
class House:
    """A school with two trainers, an admin and an observer."""

    school: School
    trainer: Trainer
    colleague: Trainer
    admin: Trainer
    observer: Trainer


async def furnish(storage: Storage, name: str = "Skills lab") -> House:
    school = await storage.accounts.add_school(a_school(name))
    house = House(
        school,
        trainer=a_trainer(school),
        colleague=a_trainer(school, name="Bela"),
        admin=a_trainer(school, "admin"),
        observer=a_trainer(school, "observer"),
    )
    for each in (house.trainer, house.colleague, house.admin, house.observer):
        assert await storage.accounts.add_trainer(each, "hash", BY) == Added(each)
    return house


async def open_session(storage: Storage, trainer: Trainer, **fields: object) -> Session:
    session = a_session(trainer, **fields)
    assert await storage.sessions.add_session(session, None, BY) == Added(session)
    return session
