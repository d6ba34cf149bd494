"""One Engine.IO connection, on either transport: its packets in their order, and its end, told once."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Protocol

from server.engine import frames, packets
from server.engine.budget import Budget
from server.engine.outgoing import UNTAKEN, Frame, Outgoing
from server.engine.settings import EngineSettings, Observer, Rate, Why
from server.engine.websocket import UNREAD, WebSocket

# Messages that wait for the one before them; of a client that sends more nothing is read.
UNREAD_MESSAGES = 64

# As python-socketio knows why a connection ended.
BY_CLIENT, BY_SERVER, BY_SILENCE, BY_LOSS = (
    "client disconnect", "server disconnect", "ping timeout", "transport close"
)  # fmt: skip

_CLOSE = Frame("", packets.CLOSE)


class Owner(Protocol):
    """The engine, as a connection knows it."""

    settings: EngineSettings
    observer: Observer

    def taken(self, connection: Connection, message: str | bytes) -> bool:
        """Whether somebody answers this message at once, without its turn being waited for."""
        ...

    async def message(self, connection: Connection, message: str | bytes) -> None:
        """Returns when the message was handed on; never raises."""

    def ended(self, connection: Connection, reason: str) -> None:
        """It is over: forget it, and tell whoever wants to know, when it has settled. Called once."""

    def watch(self, connection: Connection) -> None:
        """It does not take what is written."""

    def upgraded(self, connection: Connection) -> None:
        """It polls no more."""


class Pending(Protocol):
    """A WebSocket that may take the place of polling. `has_probed`: the client tries it, and polls no more for now."""

    has_probed: bool

    def give_up(self) -> None: ...


class Connection:
    __slots__ = (
        "_budget", "_owner", "_reading", "_session", "_unread", "address", "awaits_pong_since", "beat", "has_joined",
        "is_closed", "is_polling", "is_posting", "outgoing", "sid", "upgrade", "wire",
    )  # fmt: skip

    def __init__(self, owner: Owner, sid: str, address: str, *, is_polling: bool) -> None:
        self.sid = sid
        self.address = address
        self.outgoing = Outgoing(owner.settings.held_bytes, owner.observer, self._behind)
        self.wire: WebSocket | None = None
        # A WebSocket was opened for it, which may take the place of polling.
        self.upgrade: Pending | None = None
        self.is_polling = is_polling
        # A polled body is being read.
        self.is_posting = False
        self.is_closed = False
        self.has_joined = False
        # Its place in the heartbeat's round, and the beat at which it was pinged.
        self.beat = 0
        self.awaits_pong_since: int | None = None
        self._owner = owner
        self._budget: Budget | None = None
        self._session: dict[str, Any] | None = None
        self._unread: deque[str | bytes] | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def session(self) -> dict[str, Any]:
        """What python-socketio keeps of it for its users."""
        if self._session is None:
            self._session = {}
        return self._session

    @session.setter
    def session(self, session: dict[str, Any]) -> None:
        self._session = session

    @property
    def budget(self) -> Budget:
        """Of what it sends by polling; a WebSocket has its own."""
        if self._budget is None:
            self._budget = Budget(self._rate(), asyncio.get_running_loop().time())
        return self._budget

    def _rate(self) -> Rate:
        joining = self._owner.settings.joining
        return self._owner.settings.rate if joining is None or self.has_joined else joining.rate

    @property
    def flood_seconds(self) -> float:
        """For so long it may send more than may be. Who has not joined has no reason to."""
        joining = self._owner.settings.joining
        return self._owner.settings.flood_seconds if joining is None or self.has_joined else joining.flood_seconds

    def joined(self) -> None:
        self.has_joined = True
        if self._budget is not None:
            self._budget.rate = self._rate()
        if self.wire is not None:
            self.wire.widen(self._owner.settings)

    def left(self) -> None:
        """All that it had joined: it has as little to say again as who has not joined, until it joins."""
        joining = self._owner.settings.joining
        budget = self.budget if self.wire is None else self.wire.budget
        if joining is not None and budget is not None:
            budget.rate = joining.rate

    def opened(self, wire: WebSocket) -> None:
        """From now on everything goes through this WebSocket."""
        if self.is_polling:
            self._owner.upgraded(self)
        self.wire = wire
        self._budget = None
        wire.give(self._owner.settings, self)
        if self.has_joined:
            wire.widen(self._owner.settings)
        self.outgoing.attach(wire)
        if wire.is_lagging:
            self.lagging()

    # What comes

    def received(self, message: str | bytes) -> None:
        """One packet, from either transport; text, or the bytes of a message."""
        if isinstance(message, bytes):
            if self._owner.settings.takes_binary:
                self._take(message)
            elif not self._owner.settings.is_forgiving:
                self.end(BY_LOSS)
            return
        kind = message[:1]
        if kind == packets.PONG:
            self.awaits_pong_since = None
        elif kind == packets.MESSAGE:
            self._take(message[1:])
        elif kind == packets.CLOSE:
            self.end(BY_CLIENT)
        elif kind not in packets.FROM_CLIENT and not self._owner.settings.is_forgiving:
            self.end(BY_LOSS)

    async def settled(self) -> None:
        """Every message that has come was handed on."""
        if self._reading is not None:
            await asyncio.wait([self._reading])

    def _take(self, message: str | bytes) -> None:
        if self.is_closed:
            return
        if self._unread is None:
            if not self.outgoing.is_full and self._owner.taken(self, message):
                return
            self._unread = deque()
        self._unread.append(message)
        if len(self._unread) > UNREAD_MESSAGES and self.wire is not None:
            self.wire.hold(UNREAD)
        self._begin_reading()

    def _begin_reading(self) -> None:
        if self._reading is None and self._unread is not None:
            self._reading = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        """In order, each only when the one before it was handed on."""
        try:
            while self._unread and not self._waits_for_room():
                message = self._unread.popleft()
                if not self._owner.taken(self, message):
                    await self._owner.message(self, message)
                    # It may have been dealt with without a pause, and so may all that wait behind it.
                    await asyncio.sleep(0)
        finally:
            self._reading = None
        if not self._unread:
            self._unread = None
            if self.wire is not None:
                self.wire.release(UNREAD)

    def _waits_for_room(self) -> bool:
        """Nothing is answered to a client that does not take what it is told. One that polls asks for it by itself."""
        return self.wire is not None and self.outgoing.is_full

    # What goes out

    def tell(self, frame: Frame) -> None:
        if not self.is_closed:
            self.outgoing.tell(frame)

    def lagging(self) -> None:
        self._owner.watch(self)

    def drained(self) -> None:
        self.awaits_pong_since = None  # whoever takes so much is alive
        self.outgoing.drain()
        if self.wire is not None and not self.outgoing.is_full:
            self.wire.release(UNTAKEN)
        self._begin_reading()

    # Its end

    def flooding(self, seconds: float) -> bool:
        """The WebSocket says so and closes; what has come and was not read is not wanted."""
        if seconds < self.flood_seconds or self.is_closed:
            return False
        self._owner.observer.cut("flood", self.address)
        self._unread = None
        return True

    def closed(self) -> None:
        """The WebSocket is gone."""
        self.end(BY_LOSS)

    def cut(self, why: Why, reason: str = BY_SERVER) -> None:
        """At once, and without a word: it would not hear it."""
        if not self.is_closed:
            self._owner.observer.cut(why, self.address)
            self._unread = None
            if self.wire is not None:
                self.wire.abort()
            self.outgoing.finish()
            self.end(reason)

    def close(self) -> None:
        """Say so, and end it."""
        if not self.is_closed:
            self.tell(_CLOSE)
            self.end(BY_SERVER)

    def end(self, reason: str) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        if self.wire is not None:
            self.wire.close(frames.NORMAL)
            self.outgoing.finish()
        else:
            if self.upgrade is not None:
                self.upgrade.give_up()
            # A poll that is under way brings what is held.
            self.outgoing.wake()
        self._begin_reading()
        self._owner.ended(self, reason)

    def _behind(self) -> None:
        self.cut("behind")
