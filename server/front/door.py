"""Who is let in: how many connections there may be, in all and from one address; and whose time is up."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Protocol

import structlog

from server.front.limits import Limits
from server.front.proxies import LOOPBACK, Networks, client_of
from server.front.refusals import SERVER_FULL, FrontRefusal, Reason, address_full

log = structlog.get_logger("shiller.front")

LOOK_EVERY_SECONDS = 1.0
# Those who are refused hold a file for as long as they take to read why; beyond so many they are cut at once.
LEAVING_AT_ONCE = 32

_OWN = Networks(LOOPBACK)


class Note(Protocol):
    """What the one who runs the server is told."""

    def cut(self, reason: Reason) -> None: ...
    def count_connections(self, count: Callable[[], float]) -> None: ...


class Guest(Protocol):
    """A connection that speaks HTTP, as the door sees it."""

    @property
    def is_idle(self) -> bool:
        """It was answered and asks nothing."""
        ...

    def look(self, now: float) -> None:
        """Once a second: whether it is in time. `now` is the loop's."""

    def give_way(self) -> None:
        """It is cut, for somebody who asks something."""


class Connections(set[Any]):
    """What uvicorn knows as its connections (`server_state.connections`): whoever leaves it leaves the door.

    A connection that became a WebSocket is known by nothing else: its class is another's.
    """

    def __init__(self, known: Iterable[Any], left: Callable[[Hashable], None]) -> None:
        super().__init__(known)
        self._left = left

    def discard(self, element: Any, /) -> None:
        super().discard(element)
        self._left(element)

    def remove(self, element: Any, /) -> None:
        super().remove(element)
        self._left(element)


class FrontDoor:
    def __init__(self, limits: Limits, spared: Networks, note: Note, others_give_way: Callable[[], bool]) -> None:
        """`spared` are addresses from which there may be any number. `others_give_way`: one that speaks something else
        than HTTP, and is of no use yet, is ended; False if there is none.
        """
        self._others_give_way = others_give_way
        self.limits = limits
        self._spared = spared
        self._note = note
        # Each connection that was let in, with what it counts as: HTTP and WebSockets. "" is counted in all only.
        self._places: dict[Hashable, str] = {}
        self._by_address: dict[str, int] = {}
        # Those that speak HTTP; and of these, those that have not asked anything yet, the oldest first.
        self._guests: dict[Guest, None] = {}
        self._silent: OrderedDict[Guest, None] = OrderedDict()
        # Those that speak HTTP, of each address that has a bound of its own, the oldest first.
        self._neighbours: dict[str, dict[Guest, None]] = {}
        self.is_closed = False
        """The server stops: whoever comes now comes too late."""
        self._leaving = 0
        self._looking: asyncio.TimerHandle | None = None
        self._cut: Counter[Reason] = Counter()
        self._cut_last: dict[Reason, tuple[str, str]] = {}
        note.count_connections(lambda: len(self._places))

    def watch(self, server_state: Any) -> None:
        """From now on it is told when a connection of this server ends, whatever it had become."""
        if not isinstance(server_state.connections, Connections):
            server_state.connections = Connections(server_state.connections, self._has_left)

    def admit(self, guest: Guest, host: str | None) -> FrontRefusal | None:
        """`host` is who has connected; None: nobody can say. Whoever is refused must be shown out (`is_gone`)."""
        self._guests[guest] = None
        self._look_soon()
        # First whether it may come at all: whoever is refused makes nobody of another address give way.
        client = "" if host is None or self._spared.has(host) else client_of(host)
        if client and self._by_address.get(client, 0) >= self.limits.by_address and not self._make_room_among(client):
            return address_full(self.limits.by_address)
        own = 0 if host is not None and _OWN.has(host) else self.limits.own_connections
        if len(self._places) >= self.limits.connections - own and not self._make_room():
            return SERVER_FULL
        if client:
            self._by_address[client] = self._by_address.get(client, 0) + 1
            self._neighbours.setdefault(client, {})[guest] = None
        self._places[guest] = client
        self._silent[guest] = None
        return None

    def has_asked(self, guest: Guest) -> None:
        """A whole head has come."""
        self._silent.pop(guest, None)

    def is_forwarded(self, guest: Guest) -> None:
        """Its address is a proxy's, and stands for many."""
        client = self._places.get(guest)
        if client:
            self._forget_neighbour(guest, client)
            self._uncount(client)
            self._places[guest] = ""

    def hand_over(self, guest: Guest, heir: Hashable, connections: set[Any]) -> None:
        """It speaks something else from now on; it has ended when `heir` is no more among the connections."""
        self._guests.pop(guest, None)
        self._silent.pop(guest, None)
        client = self._places.pop(guest, None)
        if client is None:
            return
        self._forget_neighbour(guest, client)
        if heir in connections:
            self._places[heir] = client
        elif client:
            self._uncount(client)

    def is_gone(self, guest: Guest) -> None:
        """The line is cut."""
        self._guests.pop(guest, None)
        self._silent.pop(guest, None)
        self._leave(guest)

    def may_linger(self) -> bool:
        """Whether one more that is refused may stay for the answer; who does says `has_lingered`."""
        if self._leaving >= LEAVING_AT_ONCE:
            return False
        self._leaving += 1
        return True

    def has_lingered(self) -> None:
        self._leaving -= 1

    def cut(self, reason: Reason, host: str | None, request_id: str = "") -> None:
        """`request_id`: of the answer that was given."""
        self._note.cut(reason)
        self._cut[reason] += 1
        self._cut_last[reason] = (host or "", request_id)
        self._look_soon()

    # Its own

    def _has_left(self, connection: Hashable) -> None:
        """uvicorn takes one out also before it makes a WebSocket of it; a guest says by itself when it is gone."""
        if connection not in self._guests:
            self._leave(connection)

    def _leave(self, connection: Hashable) -> None:
        client = self._places.pop(connection, None)
        if client:
            self._forget_neighbour(connection, client)
            self._uncount(client)

    def _forget_neighbour(self, connection: Hashable, client: str) -> None:
        """It has gone, or speaks something else from now on."""
        neighbours: dict[Any, None] = self._neighbours.get(client, {})
        neighbours.pop(connection, None)
        if not neighbours:
            self._neighbours.pop(client, None)

    def _uncount(self, client: str) -> None:
        count = self._by_address[client] - 1
        if count:
            self._by_address[client] = count
        else:
            del self._by_address[client]

    def _make_room(self) -> bool:
        """Who has asked nothing gives way to newcomers, then who has joined nothing, then who asks nothing any more."""
        guest = next(iter(self._silent), None)
        if guest is None and self._others_give_way():
            return True
        return self._end(guest or next((one for one in self._guests if one.is_idle), None))

    def _make_room_among(self, client: str) -> bool:
        """As for newcomers in all, by somebody of the same address."""
        neighbours = self._neighbours.get(client, {})
        silent = next((one for one in neighbours if one in self._silent), None)
        return self._end(silent or next((one for one in neighbours if one.is_idle), None))

    def _end(self, guest: Guest | None) -> bool:
        if guest is None:
            return False
        # Until its line is lost others may come, for whom it has no place to give.
        self._guests.pop(guest, None)
        self._silent.pop(guest, None)
        self._leave(guest)
        guest.give_way()
        return True

    def _look_soon(self) -> None:
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(LOOK_EVERY_SECONDS, self._look)

    def _look(self) -> None:
        self._looking = None
        try:
            self._look_at_guests(asyncio.get_running_loop().time())
            self._tell_cuts()
        finally:
            if self._guests:
                self._look_soon()

    def _look_at_guests(self, now: float) -> None:
        failure: Exception | None = None
        for guest in list(self._guests):
            try:
                guest.look(now)
            except Exception as error:
                # The time limits of all others hang on this round. One line, if it is the same with thousands.
                failure = error
        if failure is not None:
            log.error("a connection could not be looked after", exc_info=failure)

    def _tell_cuts(self) -> None:
        for reason, count in self._cut.items():
            address, request_id = self._cut_last[reason]
            log.warning(
                "connections were refused or cut",
                reason=reason,
                count=count,
                last_address=address,
                last_request_id=request_id,
            )
        self._cut.clear()
        self._cut_last.clear()
