"""What an engine may be told. Bounds that nobody has to set stand beside what they bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Scope = MutableMapping[str, Any]
# Of a request, by the names of CGI, as python-socketio hands it to whoever is connected by it.
Environ = dict[str, Any]
# Whether pages from this origin may connect.
MayConnect = Callable[[str, Environ], bool]

Why = Literal["behind", "stalled", "silent", "flood", "unjoined", "crowded"]
"""Why a connection was cut: it has too much to take, takes nothing, answers no ping, sends too much, joins nothing, or
makes room for newer ones that have joined nothing either; or was refused, for its address has too many."""


class Observer(Protocol):
    """Counts what the engine does by itself."""

    def skipped(self, states: int) -> None:
        """States that a slow client was not told, because a newer one came."""

    def cut(self, why: Why, address: str) -> None:
        """A connection was ended."""


class Silent:
    """Nobody counts."""

    def skipped(self, states: int) -> None: ...

    def cut(self, why: Why, address: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Rate:
    """What one connection may send: so much a second, and so much at once. Beyond it nothing is read for a while."""

    frames: float
    frames_at_once: int
    bytes: float
    bytes_at_once: int


# A trainer who comes back has hundreds of messages; a page sends a few in a second.
FRAMES_A_SECOND = 2_000
A_SECOND_BYTES = 2 * 1024 * 1024
FAMILIAR = Rate(FRAMES_A_SECOND, frames_at_once=400, bytes=A_SECOND_BYTES, bytes_at_once=1024 * 1024)
# Saying who one is takes one message.
STRANGERS_FRAMES_A_SECOND = 100
STRANGERS_A_SECOND_BYTES = 64 * 1024
STRANGER = Rate(STRANGERS_FRAMES_A_SECOND, 50, STRANGERS_A_SECOND_BYTES, bytes_at_once=16 * 1024)


POLLING_BY_ADDRESS = 1_000


@dataclass(frozen=True, slots=True)
class Joining:
    """For an app whose connections have to join something before they are of any use. Until then they may do less."""

    seconds: float = 20.0
    message_bytes: int = 4 * 1024
    rate: Rate = STRANGER
    flood_seconds: float = 4.0
    """As `EngineSettings.flood_seconds`, until then. At that rate it has time to be told that what it says of itself is
    too long."""
    at_most: int = 5_000
    """At the same time; the eldest of them makes room. Who comes to join does so within a second."""
    at_most_by_address: int = 1_000
    """Of one address, so that it pushes out nobody else's."""


def whole_environ(scope: Scope) -> Environ:
    """All that a request says; its ASGI scope is "asgi.scope"."""
    client = scope.get("client")
    environ: Environ = {
        "REMOTE_ADDR": client[0] if client else "",
        "REQUEST_METHOD": scope.get("method", "GET"),
        "PATH_INFO": scope["path"],
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "asgi.scope": scope,
    }
    for name, value in scope["headers"]:
        key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("utf-8", "replace")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


@dataclass(frozen=True, slots=True)
class EngineSettings:
    ping_seconds: float = 25.0
    """From ping to ping."""
    pong_seconds: float = 20.0
    """For the answer to one; then the client is gone."""
    stall_seconds: float = 15.0
    """How long a client may take nothing of what waits for it."""
    message_bytes: int = 1_000_000
    """Held of one message, and of one packet of a polled body. What a client is told as `maxPayload`."""
    longest_message_bytes: int = 0
    """Of a longer one the beginning is handed on, as far as it is held, up to this; beyond, the connection is closed.
    0: the same as `message_bytes`."""
    takes_binary: bool = True
    is_forgiving: bool = False
    """What is no packet is passed over; by the protocol it would end the connection."""
    rate: Rate = FAMILIAR
    flood_seconds: float = 10.0
    """Who sends more than may be for so long is cut."""
    joining: Joining | None = None
    probe_seconds: float = 20.0
    """For a client that moves from polling to a WebSocket."""
    polling_by_address: int = POLLING_BY_ADDRESS
    """Connections by long-polling; of WebSockets the web server has a bound. One more is refused."""
    held_bytes: int = 1024 * 1024
    """Of what no `Frame` bounds lower: so much is held for a client that does not take it."""
    may_connect: MayConnect | None = None
    """None: pages of this host only. Who sends no `Origin` is no page."""
    environ_of: Callable[[Scope], Environ] = whole_environ
    """What is kept of the request for as long as the connection lasts. Its REMOTE_ADDR counts as one address; "" where
    nobody can say."""
    headers: Sequence[tuple[bytes, bytes]] = ((b"cache-control", b"no-store"),)
    """Of every answer."""

    @property
    def longest_bytes(self) -> int:
        return max(self.longest_message_bytes, self.message_bytes)


def from_options(options: Mapping[str, Any]) -> EngineSettings:
    """For a server that was given python-engineio's names; seconds and bytes as there."""
    allowed = options.get("cors_allowed_origins")
    return EngineSettings(
        ping_seconds=options.get("ping_interval", 25),
        pong_seconds=options.get("ping_timeout", 20),
        message_bytes=int(options.get("max_http_buffer_size", 1_000_000)),
        may_connect=_judge_of(allowed),
    )


def _judge_of(allowed: Any) -> MayConnect | None:
    if allowed is None:
        return None
    if callable(allowed):
        return lambda origin, environ: bool(allowed(origin, environ))
    if allowed == "*" or allowed == []:
        return lambda origin, environ: True
    names = {allowed} if isinstance(allowed, str) else set(allowed)
    return lambda origin, environ: origin in names
