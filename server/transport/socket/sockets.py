"""The two namespaces of one app on its Socket.IO server, from the first client to the last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from server.live.audience import Audience
from server.live.delivery import Delivery
from server.live.presence import OwnPresence
from server.service.services import Services
from server.transport.metrics import Metrics
from server.transport.origins import Origins
from server.transport.socket.gate import Gate
from server.transport.socket.socket_server import SocketServer
from server.transport.socket.trainee import TraineeNamespace
from server.transport.socket.trainer import TrainerNamespace

App = Callable[[Any, Any, Any], Awaitable[None]]

PATH = "/socket.io/"
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
        self.engine = server.engine

    def around(self, app: App) -> App:
        """The ASGI app that answers /socket.io itself and hands everything else to `app`."""

        async def route(scope: Any, receive: Any, send: Any) -> None:
            is_ours = scope["type"] in ("http", "websocket") and f"{scope['path']}/".startswith(PATH)
            await (self.engine.handle_request if is_ours else app)(scope, receive, send)

        return route

    async def finish(self) -> bool:
        """Before the web server stops: finish every message under way, take no more, let pollers go.

        False if something did not finish in time. The connections themselves are closed by the web
        server with 1012 (service restart), so that every client comes back by itself; a Socket.IO
        disconnect would tell it not to.
        """
        finished = await self._gate.close(STOP_PATIENCE_SECONDS)
        await self.engine.flush(LAST_WORDS_SECONDS)
        self.engine.end_polls()
        return finished

    async def close(self) -> None:
        await self.server.shutdown()
