"""From polling to a WebSocket: the client tries the new way while it uses the old one, and says that it moves."""

from __future__ import annotations

import asyncio

from server.engine import frames, packets
from server.engine.connection import Connection
from server.engine.settings import EngineSettings
from server.engine.websocket import WebSocket

_PROBE_PONG = frames.data_frame(packets.PROBE_PONG)


class Upgrade:
    """What is told by a WebSocket that may take the place of polling. It becomes the connection's, or is closed."""

    __slots__ = ("_connection", "_patience", "_settings", "_wire", "has_probed")

    def __init__(self, connection: Connection, settings: EngineSettings) -> None:
        connection.upgrade = self
        self._connection = connection
        self._settings = settings
        self.has_probed = False
        self._wire: WebSocket | None = None
        self._patience: asyncio.TimerHandle | None = None

    def opened(self, wire: WebSocket) -> None:
        self._wire = wire
        wire.give(self._settings, self)
        self._patience = asyncio.get_running_loop().call_later(self._settings.probe_seconds, self.give_up)

    def received(self, message: str | bytes) -> None:
        wire, connection = self._wire, self._connection
        if wire is None:
            return
        if message == packets.PROBE_PING and not self.has_probed and not connection.is_closed:
            if not wire.can_write:
                return self.give_up()
            self.has_probed = True
            wire.write(_PROBE_PONG)
            # Ends the poll that is under way.
            connection.outgoing.wake()
        elif message == packets.UPGRADE and self.has_probed and not connection.is_closed:
            self._over()
            connection.opened(wire)
        else:
            self.give_up()

    def flooding(self, seconds: float) -> bool:
        return True

    def lagging(self) -> None:
        """So little is written that the line must be broken; then it closes."""

    def drained(self) -> None: ...

    def closed(self) -> None:
        if self._patience is not None:
            self._over()

    def give_up(self) -> None:
        """The client goes on polling, or its connection is over."""
        wire = self._wire
        self._over()
        if wire is not None:
            wire.close(frames.NORMAL)

    def _over(self) -> None:
        self._connection.upgrade = None
        self._wire = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class Surplus:
    """A WebSocket for a connection that has another one. By the protocol it is closed, so it is opened first: a
    refused request breaks programs that wait for its end.
    """

    __slots__ = ("_settings",)

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings

    def opened(self, wire: WebSocket) -> None:
        # What comes is read, for the client's half of the closing is among it.
        wire.give(self._settings, self)
        wire.close(frames.POLICY, "This connection has another WebSocket already.")

    def received(self, message: str | bytes) -> None: ...

    def flooding(self, seconds: float) -> bool:
        return True

    def lagging(self) -> None: ...

    def drained(self) -> None: ...

    def closed(self) -> None: ...
