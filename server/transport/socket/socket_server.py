"""python-socketio's server, made to go our way: before anybody is let in, and before there is anything to answer."""

from __future__ import annotations

import logging
from typing import Any

import socketio
from engineio.payload import Payload

from server.transport.metrics import Metrics
from server.transport.origins import Origins
from server.transport.socket import seams
from server.transport.socket.accepting import Acceptor
from server.transport.socket.broadcast import SocketBroadcast
from server.transport.socket.fanout import FanOut
from server.transport.socket.heartbeat import HEARTBEAT_SETTINGS, Heartbeat, HeartbeatSettings
from server.transport.socket.messages import TRAINEE, TRAINER
from server.transport.socket.namespace import scheme_of
from server.transport.socket.outgoing import Outgoing
from server.transport.socket.packet import SafeJson, SafePacket

# Above what a message may have, so that one that is too large gets its ack; beyond this the connection is cut.
FRAME_LIMIT_BYTES = 4 * 1024 * 1024
# A polling client sends what has gathered in one body. The library takes 16 packets of it; more, it drops them all.
# It is the library's own setting, for the whole process; the body's size bounds it as well.
Payload.max_decode_packets = 1024


class SocketServer:
    def __init__(
        self, origins: Origins, metrics: Metrics, port: int, heartbeat: HeartbeatSettings = HEARTBEAT_SETTINGS
    ) -> None:
        """`port`: where this process is reached. Raises LibraryMismatch if the libraries are not those we know."""
        seams.check_libraries()
        self._origins = origins
        fan_out = FanOut()
        self.library: Any = socketio.AsyncServer(
            async_mode="asgi",
            client_manager=fan_out,
            serializer=SafePacket,
            json=SafeJson,
            namespaces=[TRAINER, TRAINEE],
            cors_allowed_origins=self._may_connect,
            max_http_buffer_size=FRAME_LIMIT_BYTES,
            ping_interval=heartbeat.ping_seconds,
            ping_timeout=heartbeat.ping_seconds,
            logger=_logger("socketio"),
            engineio_logger=_logger("engineio"),
            # The library's task that looks after connections; the heartbeat does.
            monitor_clients=False,
        )
        self.heartbeat = Heartbeat(self.library, metrics, heartbeat)
        self.broadcast = SocketBroadcast(self.library, fan_out)
        seams.say_whose(self.library, port)
        seams.use_outgoing(self.library, lambda: Outgoing(metrics))
        seams.ping_ourselves(self.library)
        seams.measure_evenly()
        seams.run_websockets(self.library, Acceptor(self.library, self.heartbeat).run)

    def _may_connect(self, origin: str, environ: dict[str, Any]) -> bool:
        return self._origins.may_connect(origin, scheme_of(environ), environ.get("HTTP_HOST", ""))


def _is_our_fault(record: logging.LogRecord) -> bool:
    """The libraries log what clients do wrong as errors of ours, a ValueError's traceback included."""
    return record.exc_info is not None and not isinstance(record.exc_info[1], ValueError)


def _logger(name: str) -> logging.Logger:
    logger = logging.getLogger(f"shiller.{name}")
    logger.setLevel(logging.WARNING)
    logger.addFilter(_is_our_fault)
    return logger
