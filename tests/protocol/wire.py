"""HTTP and WebSocket by hand, so that a test says exactly what goes over the line and sees exactly what comes back."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from tests.support import patience

# Shorter for an engine whose failures are to be counted.
PATIENCE_SECONDS = float(os.environ.get("PROTOCOL_PATIENCE", patience.PATIENCE_SECONDS))
SEPARATOR = "\x1e"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_FINAL = 0x80
_KEY_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    path: str = "/engine.io/"
    # Closed with the test, however far it got.
    lines: list[_Line] = field(default_factory=list)

    def close(self) -> None:
        for line in self.lines:
            line.leave()

    def target(self, **query: str | None) -> str:
        """`None` leaves out what is usually there."""
        said = {"EIO": "4", **query}
        return self.path + "?" + "&".join(f"{name}={value}" for name, value in said.items() if value is not None)


class Cut(Exception):
    """The server has ended the connection."""


class _Line:
    def __init__(self, server: Server) -> None:
        self.server = server
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._come = bytearray()
        server.lines.append(self)

    def leave(self) -> None:
        self._socket.close()

    def write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except ConnectionError as error:
            raise Cut from error

    def _more(self) -> None:
        try:
            come = self._socket.recv(65536)
        except ConnectionError as error:
            raise Cut from error
        if not come:
            raise Cut
        self._come += come

    def _take(self, size: int) -> bytes:
        while len(self._come) < size:
            self._more()
        taken = bytes(self._come[:size])
        del self._come[:size]
        return taken

    def _take_until(self, end: bytes) -> bytes:
        while (at := self._come.find(end)) < 0:
            self._more()
        return self._take(at + len(end))

    def _read_head(self) -> tuple[int, dict[str, str]]:
        first, *lines = self._take_until(b"\r\n\r\n").decode("latin-1").split("\r\n")[:-2]
        fields = (line.partition(":") for line in lines)
        return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, _, value in fields}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def packets(self) -> list[str]:
        assert self.status == 200, (self.status, self.text)
        return self.text.split(SEPARATOR)

    @property
    def opened(self) -> dict[str, Any]:
        """What the open packet says, which is alone."""
        assert self.status == 200, (self.status, self.text)
        assert self.text[0] == "0"
        return json.loads(self.text[1:])


class Http(_Line):
    """One connection, kept for the next request."""

    def begin(
        self, method: str, target: str, body: str | bytes | None = None, headers: dict[str, str] | None = None
    ) -> Http:
        """The request only; its answer is read by `answer`."""
        content = body.encode() if isinstance(body, str) else body
        fields = {"Host": f"127.0.0.1:{self.server.port}", **(headers or {})}
        if content is not None:
            fields.setdefault("Content-Length", str(len(content)))
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.write(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + (content or b""))
        return self

    def answer(self) -> Answer:
        status, headers = self._read_head()
        if headers.get("transfer-encoding") == "chunked":
            return Answer(status, headers, b"".join(self._chunks()))
        return Answer(status, headers, self._take(int(headers.get("content-length", "0"))))

    def ask(
        self, method: str, target: str, body: str | bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        return self.begin(method, target, body, headers).answer()

    def _chunks(self) -> list[bytes]:
        chunks: list[bytes] = []
        while size := int(self._take_until(b"\r\n").split(b";")[0], 16):
            chunks.append(self._take(size))
            self._take(2)
        self._take_until(b"\r\n")
        return chunks


def ask(server: Server, method: str, target: str, body: str | bytes | None = None, **headers: str) -> Answer:
    """One request on a connection of its own."""
    http = Http(server)
    try:
        return http.ask(method, target, body, headers)
    finally:
        http.leave()


class Poller:
    """An Engine.IO connection by long-polling, with one HTTP connection for each direction as browsers have them."""

    def __init__(self, server: Server, sid: str | None = None) -> None:
        self.server = server
        self.down, self.up = Http(server), Http(server)
        if sid is None:
            self.opened = self.down.ask("GET", server.target(transport="polling")).opened
            sid = self.opened["sid"]
        assert isinstance(sid, str)
        self.sid = sid
        self.target = server.target(transport="polling", sid=sid)

    def begin_poll(self) -> Http:
        return self.down.begin("GET", self.target)

    def poll(self) -> list[str]:
        return self.begin_poll().answer().packets

    def poll_until(self, packet: str) -> list[str]:
        """Everything up to the poll that brings it. Pings are answered and left out."""
        found: list[str] = []
        ends = time.monotonic() + PATIENCE_SECONDS
        while packet not in found:
            assert time.monotonic() < ends, found[-5:]
            come = self.poll()
            if "2" in come:
                self.post("3")
            found += [each for each in come if each != "2"]
        return found

    def try_post(self, *packets: str) -> Answer:
        return self.up.ask("POST", self.target, SEPARATOR.join(packets), {"Content-Type": "text/plain;charset=UTF-8"})

    def post(self, *packets: str) -> None:
        answer = self.try_post(*packets)
        assert (answer.status, answer.text.lower()) == (200, "ok")

    def is_over(self) -> bool:
        """Whether the server knows it no more."""
        return ask(self.server, "GET", self.target).status == 400

    def wait_until_over(self) -> None:
        ends = time.monotonic() + PATIENCE_SECONDS
        while not self.is_over():
            assert time.monotonic() < ends, "the server keeps it"

    def leave(self) -> None:
        self.down.leave()
        self.up.leave()


@dataclass(frozen=True, slots=True)
class Frame:
    opcode: int
    payload: bytes
    is_final: bool = True
    # The three bits that only an extension may set.
    reserved: int = 0


@dataclass(slots=True)
class WebSocketLine:
    """An open WebSocket; `refused` has the answer of a server that opened none."""

    line: _Line
    status: int
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.status == 101

    def send(self, *messages: str | bytes) -> None:
        self.line.write(b"".join(message_frame(message) for message in messages))

    def send_raw(self, data: bytes) -> None:
        self.line.write(data)

    def read_frame(self) -> Frame:
        first, size = self.line._take(2)
        assert not size & 0x80, "a server's frames have no mask"
        if size == 126:
            (size,) = struct.unpack("!H", self.line._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.line._take(8))
        return Frame(first & 0x0F, self.line._take(size), bool(first & _FINAL), first >> 4 & 7)

    def read(self) -> str | bytes:
        """The next message. Raises Cut if the connection is closed instead."""
        frame = self.read_frame()
        if frame.opcode == CLOSE:
            raise Cut(frame.payload)
        assert frame.is_final
        assert not frame.reserved
        return frame.payload.decode() if frame.opcode == TEXT else frame.payload

    def read_message(self) -> str | bytes:
        """Likewise, without pings of Engine.IO; they are answered."""
        while (message := self.read()) == "2":
            self.send("3")
        return message

    def read_opened(self) -> dict[str, Any]:
        first = self.read()
        assert isinstance(first, str)
        assert first[0] == "0"
        return json.loads(first[1:])

    def until_cut(self) -> list[str | bytes]:
        """What comes until the server ends the connection, closing frames left out. Nothing is answered."""
        come: list[str | bytes] = []
        try:
            while True:
                come.append(self.read())
        except Cut:
            return come

    def close_code(self) -> int | None:
        """Of the closing frame, other messages being skipped; None if there was none."""
        try:
            while (frame := self.read_frame()).opcode != CLOSE:
                pass
        except Cut:
            return None
        return struct.unpack("!H", frame.payload[:2])[0] if frame.payload else 1005

    def leave(self) -> None:
        self.line.leave()


def message_frame(message: str | bytes) -> bytes:
    return frame(TEXT, message.encode()) if isinstance(message, str) else frame(BINARY, message)


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    is_final: bool = True,
    reserved: int = 0,
    is_masked: bool = True,
    size: int | None = None,
) -> bytes:
    """A client's frame; `size` says another one of it than is true."""
    said = len(payload) if size is None else size
    bit = 0x80 if is_masked else 0
    head = bytes([(_FINAL if is_final else 0) | reserved << 4 | opcode])
    if said < 126:
        head += bytes([bit | said])
    elif said < 2**16:
        head += struct.pack("!BH", bit | 126, said)
    else:
        head += struct.pack("!BQ", bit | 127, said)
    return head + (masked(payload) if is_masked else payload)


def masked(payload: bytes) -> bytes:
    mask = os.urandom(4)
    key = int.from_bytes((mask * (len(payload) // 4 + 1))[: len(payload)], "big")
    return mask + (int.from_bytes(payload, "big") ^ key).to_bytes(len(payload), "big")


def web_socket(
    server: Server, *, sid: str | None = None, target: str | None = None, **headers: str | None
) -> WebSocketLine:
    """Asks for one. A header that is None is left out."""
    line = _Line(server)
    key = base64.b64encode(os.urandom(16)).decode()
    fields: dict[str, str | None] = {
        "Host": f"127.0.0.1:{server.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    target = server.target(transport="websocket", sid=sid) if target is None else target
    line.write(f"GET {target} HTTP/1.1\r\n{head}\r\n".encode())
    try:
        status, answered = line._read_head()
    except Cut:
        return WebSocketLine(line, 0)
    if status == 101:
        accepted = base64.b64encode(hashlib.sha1((key + _KEY_GUID).encode()).digest()).decode()  # noqa: S324
        assert answered["sec-websocket-accept"] == accepted
    return WebSocketLine(line, status, answered)


def opened(server: Server) -> WebSocketLine:
    """With its open packet read."""
    socket = web_socket(server)
    assert socket.is_open
    socket.read_opened()
    return socket


def upgraded(poller: Poller) -> WebSocketLine:
    socket = web_socket(poller.server, sid=poller.sid)
    assert socket.is_open
    socket.send("2probe")
    assert socket.read() == "3probe"
    socket.send("5")
    return socket
