"""The two namespaces of one app on its Socket.IO server, from the first client to the last."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import socketio
from engineio import packet as engineio_packet
from engineio.exceptions import EngineIOError

from server.live.audience import Audience
from server.live.delivery import Delivery
from server.live.presence import OwnPresence
from server.service.services import Services
from server.transport.metrics import Metrics
from server.transport.origins import Origins
from server.transport.socket import seams
from server.transport.socket.gate import Gate
from server.transport.socket.guard import App, guarded
from server.transport.socket.socket_server import FRAME_LIMIT_BYTES, SocketServer
from server.transport.socket.trainee import TraineeNamespace
from server.transport.socket.trainer import TrainerNamespace

STOP_PATIENCE_SECONDS = 10
# For what is queued by then; a client that does not read gets no more.
LAST_WORDS_SECONDS = 1


class Sockets:
    def __init__(
        self,
        server: SocketServer,
        services: Services,
        metrics: Metrics,
        origins: Origins,
        audience: Audience,
        presence: OwnPresence,
        delivery: Delivery,
    ) -> None:
        """Begins to answer, and to look after the connections."""
        self.server: Any = server.library
        """python-socketio's."""
        self._gate = Gate()
        self.server.register_namespace(TrainerNamespace(services, metrics, self._gate, origins, audience, delivery))
        self.server.register_namespace(TraineeNamespace(services, metrics, self._gate, audience, presence, delivery))
        metrics.count_live_sessions(lambda: len(audience.live_sessions()))
        self._beating = asyncio.get_running_loop().create_task(server.heartbeat.run())

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
        for connection in list(seams.sockets_of(self.server).values()):
            if not connection.upgraded:
                # Or it left a moment ago.
                with contextlib.suppress(EngineIOError):
                    await connection.send(engineio_packet.Packet(engineio_packet.NOOP))
        return finished

    async def _send_what_is_queued(self) -> None:
        """What a client has not taken yet, and acks of the library's own."""
        await asyncio.sleep(0)
        sockets = seams.sockets_of(self.server).values()
        queues = [connection.queue.join() for connection in sockets if connection.upgraded]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*queues), LAST_WORDS_SECONDS)
        # Taken from the queue is not yet written: a turn of the loop for each step of the writer.
        for _ in range(3):
            await asyncio.sleep(0)

    async def close(self) -> None:
        self._beating.cancel()
        await asyncio.gather(self._beating, return_exceptions=True)
        await self.server.shutdown()
