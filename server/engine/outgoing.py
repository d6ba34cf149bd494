"""What is on its way to one connection, with a bound: a client that does not read costs no more than that.

Once a WebSocket is attached, whatever is told here is written at once, in order. What the client does not take, and
what a polling client has not fetched, is held: of a state only the newest, of everything else no more than fits.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Protocol

from server.engine import frames
from server.engine.packets import CLOSE, MESSAGE, written_base64
from server.engine.settings import Observer

# While a client has so much to take, nothing more is read from it: what it asks would only add to that.
FULL_BYTES = 32 * 1024
NO_LIMIT = 1 << 60
# Why nothing is read from a WebSocket whose client has much to take (`Wire.hold`).
UNTAKEN = 8


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
    def hold(self, why: int) -> None: ...


class Frame:
    """One packet, encoded once for everybody it is told to: as a WebSocket's frame, and as text for a polled body."""

    __slots__ = ("_data", "encoded", "is_last", "key", "limit", "size")

    def __init__(
        self, data: str | bytes, kind: str = MESSAGE, key: Hashable | None = None, limit: int = NO_LIMIT
    ) -> None:
        """`key`: what it is the newest state of; None if it is no state. `limit`: bytes that may be held for one
        client, this frame included.
        """
        self._data = f"{kind}{data}" if isinstance(data, str) else data
        self.encoded = frames.data_frame(self._data)
        self.is_last = kind == CLOSE
        self.key = key
        self.limit = limit
        self.size = len(self.encoded)

    @property
    def text(self) -> str:
        return self._data if isinstance(self._data, str) else written_base64(self._data)


class Outgoing:
    __slots__ = (
        "_cut",
        "_emptied",
        "_held",
        "_limit",
        "_observer",
        "_waiting",
        "_wire",
        "free_wire",
        "held_bytes",
        "is_over",
    )

    def __init__(self, limit: int, observer: Observer, cut: Callable[[], None]) -> None:
        """`limit`: bytes held of what has no lower one; `cut` is called once, when a client is behind by more."""
        self._limit = limit
        self._observer = observer
        self._cut = cut
        self._wire: Wire | None = None
        # The wire while nothing is held that has to go before: for whoever tells many.
        self.free_wire: Wire | None = None
        # In order, a state by its key. None while there is nothing, as it is nearly always.
        self._held: OrderedDict[Hashable, Frame] | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._emptied: asyncio.Event | None = None
        self.held_bytes = 0
        # Nothing is taken any more.
        self.is_over = False

    @property
    def is_empty(self) -> bool:
        return self._held is None

    @property
    def is_fetched(self) -> bool:
        """A client that polls waits for what will be told."""
        return self._waiting is not None

    @property
    def is_full(self) -> bool:
        """Nothing more is to be read from this client until it has taken some of what is held for it."""
        return self.held_bytes > FULL_BYTES

    def unsent(self) -> int:
        """Bytes that were written and that the system has not taken yet."""
        return 0 if self._wire is None else self._wire.unsent()

    def tell(self, frame: Frame) -> None:
        wire = self.free_wire
        if wire is not None and wire.can_write:
            self._write(wire, frame)
        else:
            self._hold(frame)

    def attach(self, wire: Wire) -> None:
        """From now on everything is written to `wire`; first what is held."""
        self._wire = wire
        if self._held is None:
            self.free_wire = wire
        self.wake()
        self.drain()

    def drain(self) -> None:
        """The client takes again what is written."""
        wire = self._wire
        while wire is not None and wire.can_write and self._held is not None:
            self._write(wire, self._pop(self._held))

    def finish(self) -> None:
        """The connection is over, and so is what it was to be told."""
        self.is_over = True
        self._empty()
        self.wake()

    # For a client that polls

    def wait(self) -> asyncio.Future[None]:
        """Done when something is held, or `wake` is called. For one poll at a time (`is_fetched`)."""
        self._waiting = asyncio.get_running_loop().create_future()
        if self._held is not None or self.is_over:
            self.wake()
        return self._waiting

    def fetch(self, most_bytes: int, most: int) -> list[Frame]:
        """What is held, in order, and at most so much and so many, but one at least if there is any."""
        self._waiting = None
        fetched: list[Frame] = []
        size = 0
        while (
            self._held is not None
            and len(fetched) < most
            and (not fetched or size + next(iter(self._held.values())).size <= most_bytes)
        ):
            fetched.append(self._pop(self._held))
            size += fetched[-1].size
        return fetched

    async def emptied(self) -> None:
        """Until a client on a WebSocket has taken what is held, or is gone."""
        if self._held is not None:
            self._emptied = self._emptied or asyncio.Event()
            await self._emptied.wait()

    def wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    # Its own

    def _write(self, wire: Wire, frame: Frame) -> None:
        wire.write(frame.encoded)
        if frame.is_last:
            wire.close(frames.NORMAL)

    def _hold(self, frame: Frame) -> None:
        wire = self._wire
        if self.is_over or (wire is not None and not wire.is_open):
            return
        if self._held is None:
            self._held = OrderedDict()
            self.free_wire = None
        self.held_bytes += frame.size
        # A state takes the place of the one before it: it is not what a client is behind by.
        limit = min(frame.limit, self._limit) if frame.key is None else self._limit
        key: Hashable = object()
        # A client that polls may have it all while that is little; one that does not take what is written may not.
        if frame.key is not None and (wire is not None or self.held_bytes > frame.limit // 2):
            key = frame.key
            if (older := self._held.pop(key, None)) is not None:
                self.held_bytes -= older.size
                self._observer.skipped(1)
        self._held[key] = frame
        if self.held_bytes > limit:
            self.finish()
            self._cut()
        elif wire is not None and self.is_full:
            wire.hold(UNTAKEN)
        self.wake()

    def _pop(self, held: OrderedDict[Hashable, Frame]) -> Frame:
        _, frame = held.popitem(last=False)
        self.held_bytes -= frame.size
        if not held:
            self._empty()
        return frame

    def _empty(self) -> None:
        self._held = None
        self.free_wire = None if self.is_over else self._wire
        self.held_bytes = 0
        if self._emptied is not None:
            self._emptied.set()
            self._emptied = None
