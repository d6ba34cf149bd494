"""Those who attack a server, on raw sockets, in a process of their own.

`python -m bench.attackers NAME --port PORT [--code CODE]`, for a server of one's own. It says "ready" once it has
begun, "gone" when the server has ended every connection of a crowd, and what it has sent when it is told to stop. Only
the standard library is loaded, so that it begins at once. A flood over one connection begins anew when it is cut.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Mapping
from uuid import uuid4

from bench.attack_lines import (
    CHUNK_BYTES,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Line,
    Target,
    again,
    bare,
    flood,
    frame,
    joined,
    opened,
    polling,
    posts,
    stay,
)

# By itself, if nobody ends it.
_LIFE_SECONDS = 180
_LARGE_BYTES = 4 * 1024 * 1024
_NEARLY_LARGE_BYTES = _LARGE_BYTES * 39 // 40


# One connection that has joined nothing


def texts(target: Target) -> None:
    flood(target, opened, again(frame(TEXT, b"3")))


def pings(target: Target) -> None:
    flood(target, opened, again(frame(PING)))


def pongs(target: Target) -> None:
    flood(target, opened, again(frame(PONG)))


def empties(target: Target) -> None:
    """Text frames with nothing in them."""
    flood(target, opened, again(frame(TEXT)))


def pieces(target: Target) -> None:
    """Messages in three frames of a byte each."""
    first, rest = frame(TEXT, b"4", is_last=False), frame(CONTINUATION, b"x", is_last=False)
    flood(target, opened, again(first + rest + frame(CONTINUATION, b"x")))


def endless_pieces(target: Target) -> None:
    """A message of frames with nothing in them: it never ends, and never gets too large."""
    is_first = True

    def chunk(line: Line) -> tuple[bytes, int]:
        nonlocal is_first
        kind, is_first = TEXT if is_first else CONTINUATION, False
        count = CHUNK_BYTES // 6
        return frame(kind, is_last=False) + frame(CONTINUATION, is_last=False) * count, count

    def begin(target: Target, reads: bool) -> Line:
        nonlocal is_first
        is_first = True
        return opened(target, reads)

    flood(target, begin, chunk)


def nowhere(target: Target) -> None:
    """Messages for a namespace that is not there."""
    flood(target, opened, again(frame(TEXT, b'42/nowhere,1["vitals:push",{}]')))


def refused_joins(target: Target) -> None:
    flood(target, opened, again(frame(TEXT, b"40/trainee,{}")))


def small_posts(target: Target) -> None:
    flood(target, polling, posts(b"3"))


def packed_posts(target: Target) -> None:
    flood(target, polling, posts(b"\x1e".join([b'42/nowhere,1["vitals:push",{}]'] * 1000)))


# One trainee


def new_actions(line: Line) -> tuple[bytes, int]:
    count = 200
    texts = (f'42/trainee,7["action:take",{{"id":"{uuid4()}","action":"oxygen_on"}}]' for _ in range(count))
    return b"".join(frame(TEXT, text.encode()) for text in texts), count


def actions(target: Target) -> None:
    flood(target, joined, new_actions)


def clocks(target: Target) -> None:
    flood(target, joined, again(frame(TEXT, b'42/trainee,7["clock:read",{}]')))


def seats(target: Target) -> None:
    """Joins under a new name, and leaves, again and again on one connection."""

    def chunk(line: Line) -> tuple[bytes, int]:
        count = 100
        auths = (json.dumps({"code": target.code, "name": f"Seat {uuid4().hex[:12]}"}) for _ in range(count))
        pairs = (frame(TEXT, f"40/trainee,{auth}".encode()) + frame(TEXT, b"41/trainee,") for auth in auths)
        return b"".join(pairs), count

    flood(target, opened, chunk)


# One that does not read


def unread_pings(target: Target) -> None:
    flood(target, opened, again(frame(PING, b"x" * 125)), reads=False)


def unread_joins(target: Target) -> None:
    flood(target, opened, again(frame(TEXT, b"40/trainee,{}")), reads=False)


def unread_clocks(target: Target) -> None:
    flood(target, joined, again(frame(TEXT, b'42/trainee,7["clock:read",{}]')), reads=False)


def unfetched_joins(target: Target) -> None:
    """By long-polling, without ever polling."""
    flood(target, polling, posts(b"\x1e".join([b"40/trainee,{}"] * 100)))


# HTTP


def endless_head(target: Target) -> None:
    """A head that has another field, and another."""

    def begin(target: Target, reads: bool) -> Line:
        line = bare(target, reads)
        line.say(line.head("GET /healthz")[:-2])
        return line

    flood(target, begin, again(b"X-More: more\r\n"))


def endless_field(target: Target) -> None:
    """A head with a field that does not end."""

    def begin(target: Target, reads: bool) -> Line:
        line = bare(target, reads)
        line.say(line.head("GET /healthz")[:-2] + b"X-More: ")
        return line

    flood(target, begin, again(b"m" * 1024))


def pipelined(target: Target) -> None:
    """Questions whose answers are never read."""

    def chunk(line: Line) -> tuple[bytes, int]:
        asked = line.head("GET /healthz")
        count = CHUNK_BYTES // len(asked)
        return asked * count, count

    flood(target, bare, chunk, reads=False)


# Many, each with a message that does not end


def promised_frames(target: Target) -> None:
    """Each says that a frame has 4 MiB, and sends a fortieth less."""
    stay(target, opened, lambda line: frame(TEXT, b"4" + bytes(_NEARLY_LARGE_BYTES), promised=_LARGE_BYTES))


def endless_messages(target: Target) -> None:
    """The same in frames that are whole, of a message that is not."""
    rest = frame(CONTINUATION, b"x" * 65536, is_last=False) * (_NEARLY_LARGE_BYTES // 65536)
    stay(target, opened, lambda line: frame(TEXT, b"4", is_last=False) + rest)


def unfinished_posts(target: Target) -> None:
    def said(line: Line) -> bytes:
        path = f"POST /socket.io/?EIO=4&transport=polling&sid={line.heard.decode()}"
        return line.head(path, f"Content-Length: {_LARGE_BYTES}") + b"4" + b"x" * _NEARLY_LARGE_BYTES

    stay(target, polling, said)


# Crowds


def silent(target: Target) -> None:
    """TCP, and not a word."""
    stay(target, bare, lambda line: b"")


def half_heads(target: Target) -> None:
    stay(target, bare, lambda line: line.head("GET /healthz")[:-2])


def slow_heads(target: Target) -> None:
    """A byte a second."""
    stay(target, bare, lambda line: line.head("GET /healthz")[:-2] + b"X-More: ", drip=b"m")


def slow_bodies(target: Target) -> None:
    def said(line: Line) -> bytes:
        return line.head("POST /api/v1/join", "Content-Type: application/json", "Content-Length: 4000") + b"{"

    stay(target, bare, said, drip=b" ")


def half_open(target: Target) -> None:
    """They ask to become a WebSocket, join nothing and answer nothing."""
    stay(target, bare, lambda line: line.upgrade_request())


def unjoined(target: Target) -> None:
    """The same, with a heart that beats."""
    stay(target, bare, lambda line: line.upgrade_request(), answers=True)


_ALL: tuple[Callable[[Target], None], ...] = (
    *(texts, pings, pongs, empties, pieces, endless_pieces, nowhere, refused_joins, small_posts, packed_posts),
    *(actions, clocks, seats),
    *(unread_pings, unread_joins, unread_clocks, unfetched_joins),
    *(endless_head, endless_field, pipelined),
    *(promised_frames, endless_messages, unfinished_posts),
    *(silent, half_heads, slow_heads, slow_bodies, half_open, unjoined),
)
ATTACKERS: Mapping[str, Callable[[Target], None]] = {each.__name__.replace("_", "-"): each for each in _ALL}
# Of them: those that the server has to end by itself, for they do nothing that it could refuse.
CROWDS = ("silent", "half-heads", "slow-heads", "slow-bodies", "half-open", "unjoined")


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.attackers", description=__doc__)
    parser.add_argument("name", choices=ATTACKERS)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--code", default="", help="of the session that trainees join")
    parser.add_argument("--count", type=int, default=100, help="connections of a crowd")
    asked = parser.parse_args()
    target = Target(asked.host, asked.port, asked.code, asked.count)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    signal.alarm(_LIFE_SECONDS)
    try:
        ATTACKERS[asked.name](target)
    finally:
        print(target.told(), flush=True)


if __name__ == "__main__":
    main()
