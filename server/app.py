"""The composition root: config -> storage -> services -> transports. No globals; two apps fit in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from server import clock
from server.addresses import addresses_of
from server.config import Config
from server.live.attendance import Attendance
from server.live.presence import OwnPresence, Presence
from server.ports.broadcast import Publisher
from server.ports.storage import Storage
from server.service.accounts import Accounts
from server.service.annotations import Annotations
from server.service.debrief import Debrief
from server.service.jobs import Jobs
from server.service.passwords import ROUNDS, PasswordHasher
from server.service.revocation import AskedStorage, Unquestioned
from server.service.seats import Seats
from server.service.services import Services
from server.service.sessions import Sessions
from server.service.templates import Templates
from server.storage.opening import open_storage
from server.transport.http.endpoint import Door
from server.transport.http.observing import observed
from server.transport.http.site import build_site
from server.transport.metrics import Metrics
from server.transport.origins import Origins
from server.transport.socket.guard import App as Asgi
from server.transport.socket.sockets import Sockets


@dataclass(frozen=True, slots=True)
class RunningApp:
    asgi: Asgi
    services: Services
    sockets: Sockets


@asynccontextmanager
async def opened_storage(config: Config) -> AsyncGenerator[Storage]:
    async with open_storage(
        in_memory=config.use_in_memory, database_url=config.database_url, data_dir=config.data_dir
    ) as storage:
        yield storage


@asynccontextmanager
async def running_app(
    config: Config,
    storage: Storage,
    port: int,
    *,
    now: Callable[[], datetime] = clock.now,
    password_rounds: int = ROUNDS,
    make_sockets: Callable[[Origins, Metrics, str | None, int], Sockets] = Sockets,
) -> AsyncGenerator[RunningApp]:
    """One app on an open storage, its jobs running. Leaving the block ends the jobs and the sockets' own work."""
    metrics = Metrics()
    metrics.count_waiting_events(lambda: storage.waiting_events)
    origins = Origins(config.allowed_origins, config.public_url)
    sockets = make_sockets(origins, metrics, config.redis_url, port)
    passwords = PasswordHasher(password_rounds)
    jobs = Jobs(
        storage.sessions,
        storage.accounts,
        sockets.publisher,
        sockets.publisher,
        timedelta(seconds=config.expiry_seconds),
        now,
    )
    services = build_services(
        config, storage, sockets.publisher, passwords, presence=sockets.presence, expiry_changed=jobs.wake, now=now
    )
    sockets.serve(services, jobs.wake)
    site = build_site(Door(services, origins, metrics, addresses_of(config, port), sockets.is_linked))
    running = [asyncio.create_task(jobs.run()), asyncio.create_task(services.attendance.run())]
    try:
        yield RunningApp(sockets.around(observed(site, metrics)), services, sockets)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await sockets.close()
        await services.attendance.close()
        passwords.close()


def build_services(
    config: Config,
    storage: Storage,
    publisher: Publisher,
    passwords: PasswordHasher,
    *,
    presence: Presence | None = None,
    expiry_changed: Callable[[], None] = lambda: None,
    now: Callable[[], datetime] = clock.now,
) -> Services:
    attendance = Attendance(storage.attendance, now, is_alone=config.redis_url is None)
    return Services(
        accounts=Accounts(storage.accounts, publisher, passwords, timedelta(hours=config.token_hours)),
        sessions=Sessions(
            storage.sessions,
            storage.accounts,
            storage.templates,
            publisher,
            timedelta(minutes=config.session_minutes),
            expiry_changed,
        ),
        seats=Seats(storage.sessions, publisher, presence or OwnPresence()),
        templates=Templates(storage.templates),
        annotations=Annotations(storage.annotations, storage.sessions),
        attendance=attendance,
        debrief=Debrief(storage.sessions, storage.attendance, attendance.write_now),
        standing=Unquestioned() if config.redis_url is None else AskedStorage(storage.accounts, storage.sessions, now),
        storage=storage,
        clock=now,
    )
