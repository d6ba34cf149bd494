"""Looks after all connections of an engine with one task: pings, and ends those that are gone, stalled or join nothing.

A task, a timer and a queue for each connection would take a tenth of a processor at 5,000 of them.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable

from server.engine import packets
from server.engine.connection import BY_SILENCE, Connection
from server.engine.outgoing import Frame
from server.engine.settings import EngineSettings, Observer

log = logging.getLogger("shiller.engine")

# A round from ping to ping is divided into so many beats, so that not everybody is pinged at once.
BEATS = 20
# Of a beat's fair share of the connections; whoever comes goes into the beat before if it has so many.
CROWDED = 2
MADE_UP_BEATS = BEATS // 4
WATCH_SECONDS = 1.0

_PING = Frame("", packets.PING)


class Heartbeat:
    def __init__(self, settings: EngineSettings, observer: Observer) -> None:
        self._settings = settings
        self._observer = observer
        self._beats: list[set[Connection]] = [set() for _ in range(BEATS)]
        self._now = 0
        self._patience = max(1, math.floor(settings.pong_seconds / settings.ping_seconds * BEATS))
        self._count = 0
        # The connections that do not take what is written: what waited when it last became less, and when that was.
        self._lagging: dict[Connection, tuple[int, float]] = {}
        # Those that have not joined yet, by when they came, the eldest first.
        self._unjoined: dict[Connection, float] = {}
        self._unjoined_of: dict[str, dict[Connection, None]] = {}
        # Those that poll, by address.
        self._polling: Counter[str] = Counter()

    def add(self, connection: Connection, now: float) -> None:
        """It is pinged a whole round from now, or somewhat earlier where many have come at the same time."""
        self._count += 1
        share = self._count // BEATS + 1
        lately = ((self._now - back) % BEATS for back in range(1, BEATS))
        connection.beat = next((beat for beat in lately if len(self._beats[beat]) < CROWDED * share), self._now % BEATS)
        self._beats[connection.beat].add(connection)
        if connection.is_polling:
            self._polling[connection.address] += 1
        self.expect(connection, now)

    def expect(self, connection: Connection, now: float) -> None:
        """It is to join something, from now on."""
        joining = self._settings.joining
        if joining is None:
            return
        self._unjoined[connection] = now
        neighbours = self._unjoined_of.setdefault(connection.address, {})
        neighbours[connection] = None
        if len(neighbours) > joining.at_most_by_address:
            next(iter(neighbours)).cut("crowded")
        elif len(self._unjoined) > joining.at_most:
            next(iter(self._unjoined)).cut("crowded")

    def joined(self, connection: Connection) -> None:
        if self._unjoined.pop(connection, None) is None:
            return
        neighbours = self._unjoined_of[connection.address]
        del neighbours[connection]
        if not neighbours:
            del self._unjoined_of[connection.address]

    def give_way(self) -> bool:
        """End the eldest WebSocket that has joined nothing; False if there is none.

        One that polls would make no room: what it holds is a request's, if anything.
        """
        eldest = next((one for one in self._unjoined if one.wire is not None), None)
        if eldest is not None:
            eldest.cut("crowded")
        return eldest is not None

    def may_poll(self, address: str) -> bool:
        """Whether one more may, from there; at the bound the eldest that has joined nothing makes room."""
        if self._polling[address] < self._settings.polling_by_address:
            return True
        eldest = next((one for one in self._unjoined_of.get(address, ()) if one.is_polling), None)
        if eldest is not None:
            eldest.cut("crowded")
        return eldest is not None

    def polls_no_more(self, connection: Connection) -> None:
        connection.is_polling = False
        self._polling[connection.address] -= 1
        if not self._polling[connection.address]:
            del self._polling[connection.address]

    def lags(self, connection: Connection, now: float) -> None:
        if connection.wire is not None:
            self._lagging[connection] = (connection.wire.unsent(), now)

    def remove(self, connection: Connection) -> None:
        self._count -= 1
        self._beats[connection.beat].discard(connection)
        self._lagging.pop(connection, None)
        if connection.is_polling:
            self.polls_no_more(connection)
        self.joined(connection)

    async def run(self, watched: Callable[[float], None]) -> None:
        """Until cancelled. `watched` is called now and then, for what else has its time."""
        loop = asyncio.get_running_loop()
        looked = due = loop.time()
        step = self._settings.ping_seconds / BEATS
        while True:
            due += step
            await asyncio.sleep(due - loop.time())
            # By the clock, or a busy machine's rounds would grow until clients take themselves for forgotten. What was
            # missed is made up for at once, but not a whole stall: its pongs have not been read yet.
            late = int((loop.time() - due) / step)
            try:
                for _ in range(1 + min(late, MADE_UP_BEATS)):
                    self._beat()
                if (now := loop.time()) - looked >= min(WATCH_SECONDS, self._settings.ping_seconds):
                    looked = now
                    self._end_stalled(now)
                    self._end_unjoined(now)
                    watched(now)
            except Exception:
                # All pings hang on it.
                log.exception("a beat of the heart failed")
            due += late * step

    def _beat(self) -> None:
        self._now += 1
        for connection in list(self._beats[(self._now - self._patience) % BEATS]):
            since = connection.awaits_pong_since
            if since is not None and self._now - since >= self._patience and not _lags(connection):
                connection.cut("silent", BY_SILENCE)
        for connection in list(self._beats[self._now % BEATS]):
            # One that does not read would not see it; `_end_stalled` looks after it.
            if connection.awaits_pong_since is None and not _lags(connection):
                connection.awaits_pong_since = self._now
                connection.tell(_PING)

    def _end_stalled(self, now: float) -> None:
        for connection, (waited, since) in list(self._lagging.items()):
            wire = connection.wire
            if wire is None or not wire.is_lagging:
                del self._lagging[connection]
                continue
            waits = wire.unsent()
            if waits < waited:
                self._lagging[connection] = (waits, now)
            elif now - since > self._settings.stall_seconds:
                connection.cut("stalled")

    def _end_unjoined(self, now: float) -> None:
        if self._settings.joining is None:
            return
        for connection, since in list(self._unjoined.items()):
            if now - since < self._settings.joining.seconds:
                return
            self._observer.cut("unjoined", connection.address)
            connection.close()


def _lags(connection: Connection) -> bool:
    return connection.wire is not None and connection.wire.is_lagging
