"""The composition root: config -> storage -> services -> transports. No globals; two apps fit in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from secrets import token_bytes

import structlog

from server import clock
from server.addresses import addresses_of, network_hosts
from server.bus.alone import AloneBus
from server.bus.redis import RedisBus
from server.clock import SteadyClock
from server.clock_mark import ClockMark
from server.config import Config
from server.domain.events import Event
from server.domain.session import Session
from server.live.attendance import Attendance
from server.live.audience import Audience
from server.live.delivery import Delivery
from server.live.due_moments import DueMoments
from server.live.presence import OwnPresence, Presence, SharedPresence
from server.live.running_cases import RunningCases
from server.live.school_changes import SchoolChanges
from server.live.trainee_lists import TraineeLists
from server.live.trainer_lists import TrainerLists, Watching
from server.ports.broadcast import Publisher
from server.ports.bus import Bus
from server.ports.slices import going_first
from server.ports.storage import Storage
from server.service.accounts import Accounts
from server.service.annotations import Annotations
from server.service.assignments import Assignments
from server.service.case_control import CaseControl
from server.service.case_moves import CaseMoves
from server.service.cases import Cases
from server.service.comparisons import Comparisons
from server.service.cuffs import Cuffs, next_measurement
from server.service.debrief import Debriefs
from server.service.devices import KEY_BYTES, Devices
from server.service.first_admin import FirstAdmin
from server.service.forks import Forks
from server.service.halls import Halls
from server.service.invitations import Invitations
from server.service.jobs import Jobs
from server.service.notes import Notes
from server.service.passwords import ROUNDS, PasswordHasher
from server.service.reflections import Reflections
from server.service.revocation import LocalRevocation, StoredRevocation
from server.service.school.audit import Audit
from server.service.school.export import SchoolExport
from server.service.school.keeping import Keeping
from server.service.school.nights import Nights
from server.service.school.told_months import ToldMonths
from server.service.school.written import written_beside
from server.service.scores import ScoreSheets
from server.service.seats import Seats
from server.service.services import Services
from server.service.sessions import Sessions
from server.service.shares import Shares
from server.service.spare_ids import SpareIds
from server.service.sync.calls import DeviceCalls
from server.service.sync.conflicts import Conflicts
from server.service.sync.engine import Sync
from server.service.sync.facts import Facts
from server.service.sync.halls import HallCalls
from server.service.sync.phones import Phones
from server.service.templates import Templates
from server.service.upstream import HallLink
from server.storage.opening import open_database, open_storage
from server.storage.postgres.neighbours import Neighbours
from server.transport.http.endpoint import COMMIT_PATIENCE_SECONDS, SiteContext
from server.transport.http.observing import observed
from server.transport.metrics import Metrics
from server.transport.origins import Origins
from server.transport.rpc.opening import RpcServer
from server.transport.site import build_site
from server.transport.socket.socket_server import HEARTBEAT_SETTINGS, HeartbeatSettings, SocketServer
from server.transport.socket.sockets import App as Asgi
from server.transport.socket.sockets import Sockets
from server.upstream.running import Reason, Upstream
from server.waiting import work_of

log = structlog.get_logger("shiller")

# Of its jobs, and of what it has to say and to write last. A storage that hangs may hold them for longer.
CLOSE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class RunningApp:
    asgi: Asgi
    services: Services
    sockets: Sockets
    metrics: Metrics


@asynccontextmanager
async def opened_storage(config: Config, *, may_make: bool = True) -> AsyncGenerator[Storage]:
    async with open_storage(
        in_memory=config.use_in_memory,
        database_url=config.database_url,
        data_dir=config.data_dir,
        may_make=may_make,
    ) as storage:
        yield storage


@asynccontextmanager
async def opened_database(config: Config) -> AsyncGenerator[str]:
    """Its address, for what needs a database and no other storage."""
    async with open_database(database_url=config.database_url, data_dir=config.data_dir) as url:
        yield url


@asynccontextmanager
async def running_app(
    config: Config,
    storage: Storage,
    port: int,
    *,
    now: Callable[[], datetime] = clock.now,
    password_rounds: int = ROUNDS,
    heartbeat: HeartbeatSettings = HEARTBEAT_SETTINGS,
    commit_patience_seconds: float = COMMIT_PATIENCE_SECONDS,
    rpc: RpcServer | None = None,
    mark: ClockMark | None = None,
    neighbours: Neighbours | None = None,
) -> AsyncGenerator[RunningApp]:
    """One app on an open storage, its jobs running. Leaving the block ends the jobs and the sockets' own work.

    A steady clock goes by the sessions that are open, and by the processes that run already.
    It leaves and reads `mark`. `rpc` answers programs from now on; whoever has opened it stops it.
    """
    metrics = Metrics()
    metrics.count_waiting_events(lambda: storage.waiting_events)
    origins = Origins(config.allowed_origins, config.public_url)
    passwords = PasswordHasher(password_rounds)
    server = SocketServer(origins, metrics, port, heartbeat, by_address=config.connections_by_address)
    audience = Audience()
    watching = Watching(audience)
    steady = now if isinstance(now, SteadyClock) else None
    presence, bus = _processes(config, metrics, watching, steady)
    lists = TraineeLists(audience, presence, storage.sessions, server.broadcast, bus)
    due_measurements = DueMoments(next_measurement, now)
    running_cases = RunningCases()
    due_moves = DueMoments(running_cases.next_due, now)

    def see(session: Session, event: Event | None) -> None:
        running_cases.see(session, event)
        due_measurements.see(session)
        due_moves.see(session)

    reason = Reason()
    trainers = TrainerLists(watching, server.broadcast, bus)
    delivery = Delivery(
        audience,
        storage.sessions,
        server.broadcast,
        bus,
        lists,
        trainers,
        metrics,
        see,
        ended=reason.give,
        is_there=presence.knows,
        heard=storage.hear,
    )
    jobs = Jobs(
        storage.sessions,
        storage.accounts,
        storage.sync,
        delivery,
        delivery,
        audience,
        timedelta(seconds=config.expiry_seconds),
        timedelta(days=config.sync_keep_days),
        now,
        nothing_is_open=(lambda: None) if steady is None else steady.take_over,
    )
    services = build_services(
        config,
        storage,
        delivery,
        passwords,
        presence=presence,
        devices=Devices(await storage.keys.keep("devices", token_bytes(KEY_BYTES))),
        spare_ids=SpareIds(await storage.keys.keep("ids of events", token_bytes(KEY_BYTES))),
        look_again=jobs.wake,
        wake_hall=reason.give,
        now=now,
    )
    upstream = upstream_of(config, storage, services, delivery, reason, now)
    sockets = Sockets(server, services, metrics, origins, audience, presence, delivery)
    site = build_site(
        SiteContext(
            services,
            origins,
            metrics,
            addresses_of(config, port),
            lambda: bus.is_up,
            commit_patience_seconds,
            None if rpc is None else lambda: rpc.is_open,
            (lambda: 0) if neighbours is None else lambda: neighbours.unheard,
        )
    )
    if steady is not None and (recorded := await storage.sessions.last_change()):
        if mark is not None and (ahead := mark.read()) is not None:
            steady.go_on(ahead)
        steady.begin_after(recorded)
    hearing = asyncio.create_task(bus.hear(delivery, jobs.wake))
    # Before anything here is due: it would be by another clock than theirs.
    await bus.meet()
    cuffs = Cuffs(storage.sessions, services.sessions, now)
    moves = CaseMoves(
        storage.sessions, services.sessions, services.cases, running_cases, services.assignments.end_with_case, now
    )
    look_every = None if config.redis_url is None else timedelta(seconds=config.expiry_seconds)
    changes = SchoolChanges(storage.sync, audience.live_schools, server.broadcast.tell_school_changed)
    running = [
        asyncio.create_task(changes.run()),
        asyncio.create_task(jobs.run()),
        asyncio.create_task(Nights(services.keeping, now).run()),
        asyncio.create_task(services.attendance.run()),
        asyncio.create_task(due_measurements.run(cuffs.measure, cuffs.due_sessions, look_every)),
        asyncio.create_task(due_moves.run(moves.move, moves.sessions, look_every)),
        *([asyncio.create_task(upstream.run())] if upstream is not None else []),
        *([asyncio.create_task(neighbours.watch())] if neighbours is not None else []),
        *([asyncio.create_task(mark.follow(steady))] if mark is not None and steady is not None else []),
    ]
    try:
        if rpc is not None:
            await rpc.start(services, metrics)
        # An event that was pushed live waits for its commit: what devices send and pull has time.
        with going_first(lambda: storage.waiting_events > 0):
            yield RunningApp(sockets.around(observed(site, metrics)), services, sockets, metrics)
    finally:
        for task in running:
            task.cancel()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await bus.close()
                hearing.cancel()
                # Not gathered alone: that would wait for one that does not end, however often it is told to.
                await asyncio.wait({asyncio.gather(*running, hearing, return_exceptions=True)})
                if upstream is not None:
                    await upstream.close()
                await delivery.close()
                await sockets.close()
                await services.attendance.close()
        except TimeoutError:
            left = [work_of(task) for task in (*running, hearing) if not task.done()]
            log.warning("what runs beside the clients did not end in time", seconds=CLOSE_SECONDS, left=left)
        passwords.close()


def _processes(
    config: Config, metrics: Metrics, watching: Watching, steady: SteadyClock | None
) -> tuple[OwnPresence, Bus]:
    """Who is connected, and what the processes say to each other."""
    if config.redis_url is None:
        return OwnPresence(), AloneBus()
    presence = SharedPresence()
    bus = RedisBus(config.redis_url, presence, watching, steady)
    metrics.tell_others(lambda: bus.is_up is True, lambda: presence.processes)
    return presence, bus


def upstream_of(
    config: Config,
    storage: Storage,
    services: Services,
    publisher: Publisher,
    reason: Reason,
    now: Callable[[], datetime] = clock.now,
) -> Upstream | None:
    """What talks to the central server; None where this is no hall."""
    if config.sync_upstream_url is None or config.sync_upstream_token is None or storage.upstream is None:
        return None
    return Upstream(
        config.sync_upstream_url,
        config.sync_upstream_token,
        config.sync_seconds,
        storage.upstream,
        storage.sessions,
        storage.keeping,
        services.sync.tell,
        publisher.tokens_revoked,
        network_hosts,
        reason,
        now,
    )


def _hall_of(config: Config, storage: Storage, wake: Callable[[], None]) -> HallLink | None:
    if config.sync_upstream_url is None or storage.upstream is None:
        return None
    life = timedelta(days=config.sync_login_days)
    return HallLink(config.sync_upstream_url, storage.upstream, storage.accounts, life, wake)


def build_services(
    config: Config,
    storage: Storage,
    publisher: Publisher,
    passwords: PasswordHasher,
    *,
    presence: Presence | None = None,
    devices: Devices | None = None,
    spare_ids: SpareIds | None = None,
    look_again: Callable[[], None] = lambda: None,
    wake_hall: Callable[[], None] = lambda: None,
    now: Callable[[], datetime] = clock.now,
) -> Services:
    # What has no door to the outside sees no device.
    devices = devices or Devices(token_bytes(KEY_BYTES))
    attendance = Attendance(storage.attendance, now, is_alone=config.redis_url is None)
    annotations = Annotations(storage.annotations, storage.sessions)
    cases = Cases(storage.sessions)
    life = timedelta(minutes=config.session_minutes)
    sessions = Sessions(
        storage.sessions,
        storage.accounts,
        storage.templates,
        cases,
        publisher,
        life,
        look_again,
        # What has no door to the outside records nothing that is due.
        spare_ids or SpareIds(token_bytes(KEY_BYTES)),
    )
    case_control = CaseControl(storage.sessions, sessions, cases)
    notes = Notes(sessions, annotations)
    audit = Audit(storage.audit)
    debrief = Debriefs(
        storage.sessions, storage.attendance, storage.annotations, storage.moments, cases, attendance.write_now
    )
    facts = Facts(sessions, notes, case_control)
    hall = _hall_of(config, storage, wake_hall)
    sync = Sync(storage.sync, publisher, passwords, facts, cases, life, look_again, is_hall=config.is_hall)
    token_life = timedelta(hours=config.token_hours)
    accounts = Accounts(storage.accounts, publisher, passwords, devices, token_life, look_again, hall)
    score_sheets = ScoreSheets(storage.scores, sessions, cases)
    shares = Shares(storage.shares, sessions, storage.sessions)
    return Services(
        accounts=accounts,
        invitations=Invitations(storage.invitations, storage.accounts, accounts, passwords, is_hall=config.is_hall),
        first_admin=FirstAdmin(storage.keys, storage.accounts, accounts, passwords, is_hall=config.is_hall),
        sessions=sessions,
        forks=Forks(storage.sessions, cases, publisher, life, look_again),
        cases=cases,
        case_control=case_control,
        seats=Seats(storage.sessions, publisher, presence or OwnPresence(), devices, config.seats_limit),
        templates=Templates(storage.templates),
        assignments=Assignments(
            storage.assignments,
            storage.templates,
            storage.accounts,
            storage.sessions,
            cases,
            case_control,
            publisher,
            look_again,
            now,
        ),
        annotations=annotations,
        notes=notes,
        attendance=attendance,
        score_sheets=score_sheets,
        reflections=Reflections(storage.reflections, storage.sessions, cases, shares, score_sheets, debrief),
        shares=shares,
        debrief=debrief,
        comparisons=Comparisons(storage.comparison, storage.templates),
        revocation=LocalRevocation()
        if config.redis_url is None
        else StoredRevocation(storage.accounts, storage.sessions, now),
        audit=audit,
        school_export=SchoolExport(storage.moving, audit, attendance.write_now),
        keeping=Keeping(
            storage.keeping,
            storage.sessions,
            storage.accounts,
            publisher,
            audit,
            debrief.attendance,
            partial(written_beside, storage),
            is_hall=config.is_hall,
        ),
        told_months=ToldMonths(storage.accounts),
        sync=sync,
        phones=Phones(storage.sync, storage.sessions, sync, life),
        conflicts=Conflicts(storage.sync, sync, life),
        device_calls=DeviceCalls(storage.sync),
        hall=hall,
        halls=Halls(storage.halls, storage.accounts, publisher, look_again),
        hall_calls=HallCalls(storage.sync, storage.halls, storage.accounts, sync, publisher, cases, life),
        storage=storage,
        clock=now,
    )
