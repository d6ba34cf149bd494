"""`shiller serve`."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from types import FrameType
from urllib.parse import urlsplit

import click
import structlog
import uvicorn

from server import __version__
from server.addresses import addresses_of, join_link
from server.app import RunningApp, opened_storage, running_app
from server.clock import SteadyClock
from server.clock_mark import ClockMark
from server.commands.common import configured, handled_by, in_sentences
from server.commands.greeting import demo_words, first_admin_line, hall_lines
from server.commands.process_settings import (
    allow_connections,
    collect_rarely,
    connections_allowed,
    listen,
    loop_factory,
)
from server.commands.stopping import SIGNALS, Stopping
from server.config import Config
from server.database_address import place_of
from server.engine.libraries import LibraryMismatch, check_libraries
from server.engine.websocket import WebSocket
from server.front.front import Front
from server.front.limits import Limits
from server.front.names import Names
from server.ports.storage import Storage
from server.service.seeds import demo_state, load_seeds, open_demo_session
from server.storage.embedded.sharing import serving_in
from server.storage.postgres.neighbours import Neighbours
from server.transport.rpc.opening import RpcNotOpened, RpcServer, open_rpc
from server.transport.socket.sockets import STOP_PATIENCE_SECONDS, Sockets
from server.waiting import is_set_within

log = structlog.get_logger("shiller")

GRACE_SECONDS = 15
# Longer than any client keeps an idle connection (nginx 60 s, httpx 5 s): whoever closes first must be the one who
# asks, or a question meets a connection that is just being closed, and the client cannot know whether it arrived.
KEEP_ALIVE_SECONDS = 75
TICK_SECONDS = 1.0


@click.command()
@click.option("--with-session", is_flag=True, help="Open a session of the demo trainer and print its join link.")
def serve(with_session: bool) -> None:
    """Run the server until it is told to stop (Ctrl-C or SIGTERM)."""
    config = configured()
    try:
        check_libraries()
    except LibraryMismatch as mismatch:
        raise click.ClickException(str(mismatch)) from None
    allow_connections()
    stopping = Stopping()
    stopping.listen()
    try:
        with in_sentences(), _alone(config), asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(config, with_session, stopping))
    except asyncio.CancelledError:
        if not stopping.is_told:
            raise
    except RpcNotOpened as reason:
        raise click.ClickException(f"GRPC_HOST {config.grpc_host}, GRPC_PORT {config.grpc_port}: {reason}") from None
    finally:
        stopping.closed()


async def _serve(config: Config, with_session: bool, stopping: Stopping) -> None:
    with stopping.serving():
        await _open_and_run(config, with_session, stopping)


async def _open_and_run(config: Config, with_session: bool, stopping: Stopping) -> None:
    try:
        listening = listen(config.host, config.port)
    except OSError as error:
        raise click.ClickException(f"HOST {config.host}, PORT {config.port}: {error.strerror}") from None
    port = listening.getsockname()[1]
    async with _opened_rpc(config) as rpc:
        log.info("starting", version=__version__, storage=config.storage, database=_place(config))
        async with opened_storage(config) as storage:
            await _check_hall(config, storage)
            await _run(config, storage, listening, port, rpc, with_session, stopping)


async def _run(
    config: Config,
    storage: Storage,
    listening: socket.socket,
    port: int,
    rpc: RpcServer | None,
    with_session: bool,
    stopping: Stopping,
) -> None:
    mark = None if config.use_in_memory else ClockMark(config.data_dir)
    neighbours = _neighbours(config)
    async with running_app(config, storage, port, now=SteadyClock(), rpc=rpc, mark=mark, neighbours=neighbours) as app:
        lines = await _seed(config, app, port, with_session)
        if rpc is not None:
            lines.append(f"  gRPC        {config.grpc_host}:{rpc.port}")
        collect_rarely()
        server = _Server(web_server_config(config, app), partial(_finish, app.sockets, rpc), lines, stopping)
        await server.serve(sockets=[listening])
        log.info("stopped")


@asynccontextmanager
async def _opened_rpc(config: Config) -> AsyncGenerator[RpcServer | None]:
    if config.grpc_port is None:
        yield None
        return
    rpc = open_rpc(config.grpc_host, config.grpc_port, config.tls_cert_path, config.tls_key_path)
    try:
        yield rpc
    finally:
        # Where it was stopped already, this does nothing.
        await rpc.stop(0)


async def _finish(sockets: Sockets, rpc: RpcServer | None) -> bool:
    """Whatever is under way, at both doors."""
    waiting = [sockets.finish()] if rpc is None else [sockets.finish(), rpc.stop(STOP_PATIENCE_SECONDS)]
    return all(await asyncio.gather(*waiting))


async def _check_hall(config: Config, storage: Storage) -> None:
    """A hall has one school, and has it from its central server."""
    if not config.is_hall or storage.upstream is None:
        return
    link = await storage.upstream.link()
    others = [
        school.name for school in await storage.accounts.list_schools() if link is None or school.id != link.school_id
    ]
    if others:
        raise click.ClickException(
            f"SYNC_UPSTREAM_URL: this database holds {', '.join(others)} from before, and a hall has the school of its "
            "central server. Give it a database of its own (DATA_DIR or DATABASE_URL)."
        )


async def _seed(config: Config, app: RunningApp, port: int, with_session: bool) -> list[str]:
    """Load the demo if it is wanted; the lines that tell a newcomer where to begin.

    Without it, and as long as nobody has an account, that is a link by which the first admin is made.
    """
    url = addresses_of(config, port).best
    lines = [f"Shiller {__version__} runs at {url}"]
    if config.is_hall:
        return [*lines, *hall_lines(config, port)]
    if not config.seed_demo:
        token = await app.services.first_admin.token()
        return lines if token is None else [*lines, first_admin_line(url, token)]
    login = await load_seeds(app.services, app.services.clock())
    state = await demo_state(app.services, login)
    lines.append(f"  demo login  {demo_words(login, state)}")
    if with_session:
        session = await open_demo_session(app.services, login, app.services.clock(), config.language)
        if session is not None:
            lines.append(f"  join link   {join_link(url, session.code)}")
        if state == "open":
            lines.append("  a case      shiller demo --speed 20   (in a second terminal: make demo)")
    return lines


def _alone(config: Config) -> AbstractContextManager[None]:
    """Two that share an embedded database share a machine, and have nobody between them but Redis."""
    if config.storage != "embedded":
        return contextlib.nullcontext()
    return serving_in(config.data_dir / "postgres", hears_others=config.redis_url is not None)


def _neighbours(config: Config) -> Neighbours | None:
    """An embedded database lets a second server in only with Redis (`_alone`)."""
    if config.database_url is None or config.use_in_memory:
        return None
    return Neighbours(config.database_url, hears_them=config.redis_url is not None)


def _place(config: Config) -> str | None:
    """Where the data is, for whoever wonders which database this is."""
    if config.storage == "memory":
        return None
    return str(config.data_dir.resolve()) if config.database_url is None else place_of(config.database_url)


class _Server(uvicorn.Server):
    """Finishes the messages under way before it closes their connections."""

    def __init__(
        self, config: uvicorn.Config, finish: Callable[[], Awaitable[bool]], greeting: list[str], stopping: Stopping
    ) -> None:
        super().__init__(config)
        self._finish = finish
        self._greeting = greeting
        self._stopping = stopping
        self._leaving = asyncio.Event()
        self._wake: Callable[[], object] = lambda: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print("\n".join(self._greeting), flush=True)

    async def main_loop(self) -> None:
        """Once a second, for the date in the headers, and when it is to end; uvicorn's own looks ten times a second."""
        loop = asyncio.get_running_loop()
        # A signal is heard between two steps of the loop, which sleeps on unless it is woken.
        self._wake = lambda: loop.call_soon_threadsafe(self._leaving.set)
        while not await self.on_tick(0):
            await is_set_within(self._leaving, TICK_SECONDS)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """uvicorn's own raises them once more when it has ended, into what is still to be closed."""
        with handled_by(self.handle_exit, *SIGNALS):
            yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping.count()
        super().handle_exit(sig, frame)
        self._wake()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        log.info("stopping")
        loop = asyncio.get_running_loop()
        until = loop.time() + GRACE_SECONDS
        if not await self._finish():
            log.warning("some messages were not finished in time")
        if isinstance(front := self.config.http, Front):
            front.close()
        # What is left of it: requests have been under way all the while.
        self.config.timeout_graceful_shutdown = max(1, round(until - loop.time()))
        await super().shutdown(sockets)


def web_server_config(config: Config, app: RunningApp) -> uvicorn.Config:
    return uvicorn.Config(
        app.asgi,  # type: ignore[arg-type]
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # TLS too is the front's.
        http=front_of(config, app),  # type: ignore[arg-type]
        # Engine.IO has a heartbeat of its own, and its small frames are not worth deflating.
        ws=WebSocket,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        forwarded_allow_ips=config.forwarded_allow_ips,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


def front_of(config: Config, app: RunningApp) -> Front:
    """Who is let in, and by which names the server is asked for."""
    told = [url for url in (config.public_url, *config.allowed_origins) if url is not None and url != "*"]
    names = [urlsplit(url).hostname or "" for url in told]
    limits = Limits(connections=connections_allowed(), by_address=config.connections_by_address or Limits().by_address)
    return Front(
        Names([*names, config.host, socket.gethostname()]),
        config.forwarded_allow_ips,
        limits,
        app.metrics,
        counts_own=config.connections_by_address is not None,
        others_give_way=app.sockets.engine.give_way,
        tls=_tls(config),
    )


def _tls(config: Config) -> ssl.SSLContext | None:
    if config.tls_cert_path is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(config.tls_cert_path, config.tls_key_path)
    context.set_alpn_protocols(["http/1.1"])
    return context
