"""The Socket.IO server of one app, and its namespaces, wired together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

import socketio
import structlog
from engineio import packet as engineio_packet
from engineio.exceptions import EngineIOError
from engineio.payload import Payload

from server.bus.redis import Peers
from server.bus.redis_channel import Link
from server.live.delivery import Telling
from server.live.presence import OwnPresence, SharedPresence
from server.service.services import Services
from server.transport.metrics import Metrics
from server.transport.origins import Origins
from server.transport.socket import seams
from server.transport.socket.clients import LinkedClients, LinkedFanOut
from server.transport.socket.fanout import FanOut
from server.transport.socket.gate import Gate
from server.transport.socket.guard import App, guarded
from server.transport.socket.heartbeat import PATIENCE, Heartbeat, Patience
from server.transport.socket.namespace import scheme_of
from server.transport.socket.opening import Opening
from server.transport.socket.others import Nobody
from server.transport.socket.outgoing import Line
from server.transport.socket.packet import SafeJson, SafePacket
from server.transport.socket.publisher import SocketPublisher
from server.transport.socket.trainee import TraineeNamespace
from server.transport.socket.trainer import TrainerNamespace

# Above what a message may have, so that one that is too large gets its ack; beyond this the line is cut.
FRAME_LIMIT_BYTES = 4 * 1024 * 1024
STOP_PATIENCE_SECONDS = 10
# For what is queued by then; a client that does not read gets no more.
LAST_WORDS_SECONDS = 1
# A polling client sends what has gathered in one body. The library takes 16 packets of it; more, it drops them all.
# It is the library's own setting, for the whole process; the body's size bounds it as well.
Payload.max_decode_packets = 1024


log = structlog.get_logger("shiller.socket")


def _is_our_fault(record: logging.LogRecord) -> bool:
    """The libraries log what clients do wrong as errors of ours, a ValueError's traceback included."""
    if record.exc_info is None:
        return "redis" in record.getMessage().lower()
    return not isinstance(record.exc_info[1], ValueError)


class Sockets:
    def __init__(
        self,
        origins: Origins,
        metrics: Metrics,
        redis_url: str | None,
        port: int,
        *,
        patience: Patience = PATIENCE,
        what_is_missing: Callable[[], str | None] = seams.what_is_missing,
    ) -> None:
        self._origins = origins
        self._metrics = metrics
        self._gate = Gate()
        missing = what_is_missing()
        if missing is not None:
            log.warning("the libraries are not as they were; messages go their own, slower way", reason=missing)
        self._link = None if redis_url is None else Link(redis_url)
        clients = _clients(redis_url, self._link, fans_out=missing is None)
        self.server: Any = socketio.AsyncServer(
            async_mode="asgi",
            client_manager=clients,
            serializer=SafePacket,
            json=SafeJson,
            namespaces=["/trainer", "/trainee"],
            cors_allowed_origins=self._may_connect,
            max_http_buffer_size=FRAME_LIMIT_BYTES,
            ping_interval=patience.ping_seconds,
            ping_timeout=patience.ping_seconds,
            logger=_logger("socketio"),
            engineio_logger=_logger("engineio"),
            # The library's task that looks after connections; the heartbeat does.
            monitor_clients=missing is not None,
        )
        _say_whose(self.server.eio, port)
        self._heartbeat: Heartbeat | None = None
        self._beating: asyncio.Task[None] | None = None
        if missing is None:
            self._heartbeat = Heartbeat(self.server, metrics, patience)
            seams.use_lines(self.server, lambda: Line(metrics))
            seams.ping_ourselves(self.server)
            seams.run_websockets(self.server, Opening(self.server, self._heartbeat).run)
        self._telling = Telling(self.server)
        self._peers: Peers | None = None
        self.presence = OwnPresence()
        if self._link is not None and isinstance(clients, LinkedClients):
            self.presence = shared = SharedPresence()
            self._peers = Peers(self._link, shared, self._telling, clients.take)
            metrics.tell_link(lambda: self.is_linked() is True, lambda: shared.processes)
        self.publisher = SocketPublisher(self.server, metrics, self._telling, self._peers or Nobody())

    def serve(self, services: Services, look: Callable[[], None]) -> None:
        """Begin to answer, with these services; `look` makes the jobs find what other processes did."""
        trainers = TrainerNamespace(services, self._metrics, self._gate, self._origins, self._telling)
        trainees = TraineeNamespace(services, self._metrics, self._gate, self.presence, self.publisher, self._telling)
        self.server.register_namespace(trainers)
        self.server.register_namespace(trainees)
        self._telling.connect(services.sessions)
        self.publisher.connect(trainers, trainees, services.seats.trainees)
        self._metrics.count_live_sessions(lambda: len(self.publisher.live_sessions()))
        if self._heartbeat is not None:
            self._beating = asyncio.get_running_loop().create_task(self._heartbeat.run())
        if self._peers is not None:
            self._peers.start(self.publisher, look)

    def is_linked(self) -> bool | None:
        """Whether messages go to the other processes and back; None if there is one process."""
        return None if self._link is None else self._link.is_up

    def around(self, app: App) -> App:
        """The ASGI app that answers /socket.io itself and hands everything else to `app`."""
        return guarded(socketio.ASGIApp(self.server, other_asgi_app=app), "/socket.io", FRAME_LIMIT_BYTES)

    async def finish(self) -> bool:
        """Before the web server stops: finish every message under way, take no more, let pollers go.

        False if something did not finish in time. The connections themselves are closed by the web
        server with 1012 (service restart), so that every client comes back by itself; a Socket.IO
        disconnect would tell it not to.
        """
        finished = await self._gate.close(STOP_PATIENCE_SECONDS)
        await self._send_what_is_queued()
        for connection in list(self.server.eio.sockets.values()):
            if not connection.upgraded:
                # Or it left a moment ago.
                with contextlib.suppress(EngineIOError):
                    await connection.send(engineio_packet.Packet(engineio_packet.NOOP))
        return finished

    async def _send_what_is_queued(self) -> None:
        """On the library's way, an ack goes through a queue and a writer after its message is done."""
        await asyncio.sleep(0)
        queues = [connection.queue.join() for connection in self.server.eio.sockets.values() if connection.upgraded]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*queues), LAST_WORDS_SECONDS)
        # Taken from the queue is not yet written: a turn of the loop for each step of the writer.
        for _ in range(3):
            await asyncio.sleep(0)

    async def close(self) -> None:
        if self._peers is not None:
            await self._peers.close()
        await self.publisher.close()
        await self._telling.close()
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        await self.server.shutdown()

    def _may_connect(self, origin: str, environ: dict[str, Any]) -> bool:
        return self._origins.may_connect(origin, scheme_of(environ), environ.get("HTTP_HOST", ""))


def _clients(redis_url: str | None, link: Link | None, *, fans_out: bool) -> socketio.AsyncManager | None:
    """python-socketio's client manager; None for the library's own."""
    if redis_url is None or link is None:
        return FanOut() if fans_out else None
    return LinkedFanOut(redis_url, link) if fans_out else LinkedClients(redis_url, link)


def _say_whose(engine: Any, port: int) -> None:
    """All long-polls of a connection have to reach the process that has it: its id says which, for a proxy to read."""
    generate_id = engine.generate_id
    engine.generate_id = lambda: f"{port}-{generate_id()}"


def _logger(name: str) -> logging.Logger:
    logger = logging.getLogger(f"shiller.{name}")
    logger.setLevel(logging.WARNING)
    logger.addFilter(_is_our_fault)
    return logger
