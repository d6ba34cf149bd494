"""`shiller doctor`: what is configured, and what of it can be reached."""

from __future__ import annotations

import hashlib
import socket
import sys
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import click
import redis.asyncio
from redis.exceptions import RedisError

from server import __version__, clock
from server.addresses import addresses_of
from server.commands.common import configured, run_async
from server.commands.database_checks import (
    TIMEOUT_SECONDS,
    Trouble,
    check_clock,
    check_rights,
    check_storage,
    servers_on,
)
from server.config import Config, is_loopback
from server.domain.halls import NOTHING_WAITS
from server.domain.upstream import OFFSET_WARNED_MS, LinkProblem, is_older, offset_ms
from server.engine.libraries import PINS, LibraryMismatch, check_libraries
from server.ports.results import StorageUnavailable
from server.storage.embedded.sharing import check_serving
from server.transport.rpc.opening import missing_part
from server.upstream.client import CentralServer
from server.upstream.rounds import hello_body


@click.command()
@run_async
async def doctor() -> None:
    """Tell what is configured and whether it can be reached; exit with 1 if something is wrong."""
    config = configured()
    click.echo(f"Shiller {__version__}, Python {sys.version.split()[0]}")
    checks: list[tuple[str, Callable[[Config], Awaitable[str]]]] = [
        ("program", _check_program),
        ("storage", check_storage),
        ("rights", check_rights),
        ("redis", _check_redis),
        ("clock", check_clock),
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


async def _check_redis(config: Config) -> str:
    running_here = _check_alone(config)
    if config.redis_url is None:
        running = await servers_on(config.database_url)
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
