"""What is on its way to one connection, with a bound. Engine.IO's queue of the connection, and more.

Once a WebSocket is attached, whatever is put here is written at once, in order. What the client does not take, and
what a polling client has not fetched, is held: of a state only the newest, of everything else no more than fits.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Hashable
from typing import Any, Protocol

from engineio import packet

from server.transport.metrics import Metrics
from server.transport.socket import frames

# What is held for a client that does not take it. One that is behind by more is cut: it comes back, and asks for what
# it has missed. With what the transport holds, a trainee's is below 256 KiB.
TRAINEE_LIMIT_BYTES = 128 * 1024
# A trainer is told every event, and gets long answers: a thousand events are half of this.
LIMIT_BYTES = 1024 * 1024
# While a client has so much to take, nothing more is read from it: what it asks would only add to that.
FULL_BYTES = 64 * 1024
# A connection that is closed waits so long for a client to fetch its last messages.
FAREWELL_SECONDS = 5.0


class Send(Protocol):
    """Straight to the system: how many bytes it took, which is none where there is no such way. What is left has to
    follow at once, by `write_rest`. Raises OSError where it takes none now.
    """

    def __call__(self, frame: bytes, /) -> int: ...


class Wire(Protocol):
    """A WebSocket, to write to. `can_write`: it is open, and its client takes what is written."""

    can_write: bool
    is_open: bool
    send: Send

    def write(self, frame: bytes) -> None: ...
    def write_rest(self, frame: bytes, sent: int) -> None: ...
    def unsent(self) -> int: ...
    def close(self, code: int, reason: str = "") -> None: ...
    def abort(self) -> None: ...
    def pause_reading(self) -> None: ...


class Told:
    """One message, encoded once for everybody it is told to."""

    __slots__ = ("_packet", "_text", "frame", "is_last", "key", "limit", "size")

    def __init__(self, told: Any, key: Hashable | None = None, limit: int = LIMIT_BYTES) -> None:
        """`told`: a packet of Engine.IO, or the text of a message. `key`: what it is the newest state of; None if it
        is no state. `limit`: bytes that may be held, this one included.
        """
        if isinstance(told, str):
            self._packet, self._text, self.is_last = None, told, False
            self.frame = frames.text_frame(f"{packet.MESSAGE}{told}")
        else:
            self._packet, self._text = told, ""
            self.is_last: bool = told.packet_type == packet.CLOSE
            self.frame = frames.data_frame(told.encode())
        self.key = key
        self.limit = limit
        self.size = len(self.frame)

    @property
    def packet(self) -> Any:
        """For the library, which sends it in a body of long-polling."""
        if self._packet is None:
            self._packet = packet.Packet(packet.MESSAGE, self._text)
        return self._packet


class Line:
    __slots__ = ("_emptied", "_held", "_metrics", "_waiting", "_wire", "free_wire", "held_bytes", "is_over")

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._wire: Wire | None = None
        # The wire while nothing is held that has to go before: for whoever tells many.
        self.free_wire: Wire | None = None
        # None while there is nothing, as it is nearly always: an empty deque has 600 bytes.
        self._held: deque[Told | None] | None = None
        self._waiting: list[asyncio.Future[None]] | None = None
        self._emptied: asyncio.Event | None = None
        self.held_bytes = 0
        # It was too far behind. Nothing is taken any more, and the connection is to be closed.
        self.is_over = False

    @property
    def is_attached(self) -> bool:
        return self._wire is not None

    @property
    def is_full(self) -> bool:
        """Nothing more is to be read from this client until it has taken some of what is held for it."""
        return self.held_bytes > FULL_BYTES

    def unsent(self) -> int:
        """Bytes that were written and that the system has not taken yet."""
        return 0 if self._wire is None else self._wire.unsent()

    def tell(self, told: Told) -> None:
        wire = self.free_wire
        if wire is not None and wire.can_write:
            wire.write(told.frame)
        else:
            self._hold(told)

    def attach(self, wire: Wire) -> None:
        """From now on everything is written to `wire`; first what is held."""
        self._wire = wire
        if self._held is None:
            self.free_wire = wire
        self._wake()
        self.drain()

    def drain(self) -> None:
        """The client takes again what is written."""
        wire = self._wire
        while wire is not None and wire.can_write and self._held is not None:
            told = self._pop()
            if told is not None:
                self._write(wire, told)

    def clear(self) -> None:
        """The connection is over, and so is what it was to be told."""
        self._empty()
        self._wake()

    # Engine.IO's queue. It puts packets, and None to end whoever waits for them.

    async def put(self, item: Any) -> None:
        self.put_nowait(item)

    def put_nowait(self, item: Any) -> None:
        wire = self.free_wire
        if item is None:
            if self._wire is None:
                self._append(None)
        elif wire is not None and wire.can_write:
            self._write(wire, Told(item))
        else:
            self._hold(Told(item))

    async def get(self) -> Any:
        while self._held is None:
            if self._wire is not None or self.is_over:
                return None
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting = [*(self._waiting or ()), future]
            await future
        return self.get_nowait()

    def get_nowait(self) -> Any:
        if self._held is None or self._wire is not None:
            raise asyncio.QueueEmpty
        told = self._pop()
        return None if told is None else told.packet

    def task_done(self) -> None:
        """What was taken is as good as sent."""

    async def join(self) -> None:
        """Until the client has taken what is held, but no longer than `FAREWELL_SECONDS`."""
        if self._held is None:
            return
        self._emptied = self._emptied or asyncio.Event()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._emptied.wait(), FAREWELL_SECONDS)

    # Its own

    def _write(self, wire: Wire, told: Told) -> None:
        wire.write(told.frame)
        if told.is_last:
            wire.close(frames.NORMAL)

    def _hold(self, told: Told) -> None:
        wire = self._wire
        if self.is_over or (wire is not None and not wire.is_open):
            return
        self._append(told)
        # A client that polls may have it all while that is little; one that does not take what is written may not.
        if wire is not None or self.held_bytes > told.limit // 2:
            self._keep_newest()
        if self.held_bytes > told.limit:
            self._give_up()
        elif wire is not None and self.is_full:
            wire.pause_reading()

    def _append(self, told: Told | None) -> None:
        if self._held is None:
            self._held = deque()
            self.free_wire = None
        self._held.append(told)
        self.held_bytes += 0 if told is None else told.size
        self._wake()

    def _pop(self) -> Told | None:
        assert self._held is not None  # noqa: S101 - asked by the callers
        told = self._held.popleft()
        self.held_bytes -= 0 if told is None else told.size
        if not self._held:
            self._empty()
        return told

    def _empty(self) -> None:
        self._held = None
        self.free_wire = self._wire
        self.held_bytes = 0
        if self._emptied is not None:
            self._emptied.set()
            self._emptied = None

    def _keep_newest(self) -> None:
        """Of every state that is held, at the place of the newest."""
        assert self._held is not None  # noqa: S101 - asked by the caller
        seen: set[Hashable] = set()
        kept: deque[Told | None] = deque()
        for told in reversed(self._held):
            if told is None or told.key is None or told.key not in seen:
                kept.appendleft(told)
            if told is not None and told.key is not None:
                seen.add(told.key)
        if len(kept) < len(self._held):
            self._metrics.states_skipped.inc(len(self._held) - len(kept))
            self._held = kept
            self.held_bytes = sum(told.size for told in kept if told is not None)

    def _give_up(self) -> None:
        self.is_over = True
        self._metrics.laggards_cut.inc()
        self.clear()
        if self._wire is not None:
            self._wire.abort()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        for future in waiting or ():
            if not future.done():
                future.set_result(None)
