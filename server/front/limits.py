"""Every bound of this package, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Far from what a browser, a slow phone or a proxy does; each is met by whoever means harm or is broken."""

    request_line_bytes: int = 8 * 1024
    """Of the address in it."""
    head_bytes: int = 32 * 1024
    """Request line and fields together; also of what follows a body in pieces, and between two of these."""
    fields: int = 100
    silent_seconds: float = 75
    """From connecting to the first byte: browsers connect before they know what they will ask."""
    head_seconds: float = 20
    """From its first byte to its last."""
    body_seconds: float = 20
    """A body has this long, and a second more for every `body_rate` bytes of it that have come."""
    body_rate: int = 500
    unread_body_seconds: float = 10
    """What still comes of a body that was answered before its end is thrown away for so long."""
    stalled_seconds: float = 60
    """A client that takes nothing of its answer."""
    leaving_seconds: float = 2
    """For a client to read why it was refused."""
    pipelined_seconds: float = 0.005
    """So much longer waits a request that came before the answer to the one before it. Browsers and proxies send none;
    whoever does would have the loop busy with nothing else."""
    requests: int = 1000
    """On one connection; the last answer says that it closes."""
    connections: int = 8192
    """In all."""
    own_connections: int = 4
    """Of these, kept for programs and people on the machine itself."""
    by_address: int = 1000
