"""Engine.IO 4's packets as text: one character that says what it is, and its data."""

from __future__ import annotations

import base64
import binascii

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0123456"
PROBE_PING, PROBE_PONG = f"{PING}probe", f"{PONG}probe"
# Between the packets of one polled body.
SEPARATOR = "\x1e"
# Of bytes, in a polled body.
BASE64 = "b"

# What a client may send once it is connected, on either transport; the first two and the last mean nothing by then. A
# ping it sends only as the probe of an upgrade.
FROM_CLIENT = (OPEN, UPGRADE, CLOSE, PONG, MESSAGE, NOOP)


def read_base64(packet: str) -> bytes | None:
    """The bytes of a message in a polled body; None if it is none."""
    try:
        return base64.b64decode(packet[1:], validate=True)
    except (binascii.Error, ValueError):
        return None


def written_base64(data: bytes) -> str:
    return BASE64 + base64.b64encode(data).decode()
