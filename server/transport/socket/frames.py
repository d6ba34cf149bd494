"""WebSocket frames (RFC 6455, without extensions) between bytes and messages. No I/O.

A server sends its frames unmasked, so the frame of a text is the same bytes for everybody.
"""

from __future__ import annotations

from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

NORMAL, PROTOCOL_ERROR, NOT_UTF_8, TOO_LARGE, RESTARTING = 1000, 1002, 1007, 1009, 1012
NO_CODE, ABNORMAL = 1005, 1006

_FIN = 0x80
_LARGEST_CONTROL = 125


class FrameError(Exception):
    """What the peer sent breaks the protocol; the connection is to be closed with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Gone(OSError):
    """The peer has left; what was to be sent is lost, and that is no fault."""


class Message(NamedTuple):
    """A whole message, put together from its fragments, or a control frame. Text is checked to be UTF-8."""

    kind: int
    payload: bytes


def data_frame(payload: str | bytes) -> bytes:
    """One message as one frame, complete with its header."""
    return text_frame(payload) if isinstance(payload, str) else _frame(BINARY, payload)


def text_frame(text: str) -> bytes:
    return _frame(TEXT, text.encode())


def control_frame(kind: int, payload: bytes = b"") -> bytes:
    return _frame(kind, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    return _frame(CLOSE, code.to_bytes(2, "big") + reason.encode()[: _LARGEST_CONTROL - 2])


def _frame(kind: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((_FIN | kind, size)) + payload
    if size < 0x10000:
        return bytes((_FIN | kind, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_FIN | kind, 127)) + size.to_bytes(8, "big") + payload


def read_close(payload: bytes) -> int:
    """The code of a close frame; 1005 if it has none."""
    if not payload:
        return NO_CODE
    if len(payload) == 1:
        raise FrameError(PROTOCOL_ERROR, "half a close code")
    code = int.from_bytes(payload[:2], "big")
    if not ((1000 <= code <= 1014 and code not in (1004, NO_CODE, ABNORMAL)) or 3000 <= code <= 4999):
        raise FrameError(PROTOCOL_ERROR, "no such close code")
    _checked_text(payload[2:])
    return code


def _checked_text(payload: bytes) -> bytes:
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise FrameError(NOT_UTF_8, "text that is not UTF-8") from None
    return payload


class FrameReader:
    """Takes bytes as they come from a client; holds nothing between whole messages."""

    __slots__ = ("_fragments", "_kind", "_largest", "_rest")

    def __init__(self, largest: int) -> None:
        """`largest`: bytes that a message may have; more is a FrameError."""
        self._largest = largest
        self._rest: bytearray | None = None
        self._fragments: bytearray | None = None
        self._kind = CONTINUATION

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete by now. Raises FrameError; nothing more may be fed then."""
        rest = self._rest
        if rest is not None:
            rest += data
            data = bytes(rest) if len(rest) >= self._wanted(rest) else b""
            if not data:
                return []
        elif self._fragments is None and (text := self._only_text(data)) is not None:
            return [Message(TEXT, _checked_text(text))]
        messages: list[Message] = []
        at = 0
        while (end := self._end_of_frame(data, at)) is not None:
            message = self._read_frame(data, at, end)
            at = end
            if message is not None:
                messages.append(message)
        self._rest = bytearray(data[at:]) if at < len(data) else None
        return messages

    def _only_text(self, data: bytes) -> bytes | None:
        """The payload, if `data` is one whole text, as nearly everything that comes is, up to 64 KiB."""
        if len(data) < 6 or data[0] != _FIN | TEXT or not data[1] & 0x80:
            return None
        size, header = data[1] & 0x7F, 6
        if size == 126:
            size, header = data[2] << 8 | data[3], 8
        if size == 127 or size > self._largest or len(data) != header + size:
            return None
        return _unmasked(data[header - 4 : header], data[header:])

    def _wanted(self, rest: bytearray) -> int:
        """How many bytes the frame at the beginning of `rest` needs; so that a large one is put together once."""
        if len(rest) < 2:
            return 2
        self._judge_header(rest[0], rest[1])
        size, header = rest[1] & 0x7F, 6
        if size == 126:
            header = 8
            size = int.from_bytes(rest[2:4], "big") if len(rest) >= header else 0
        elif size == 127:
            header = 14
            size = int.from_bytes(rest[2:10], "big") if len(rest) >= header else 0
        return header + (size if size <= self._largest else 0)

    def _end_of_frame(self, data: bytes, at: int) -> int | None:
        """Where the frame at `at` ends; None if it is not all there. Judges its header."""
        if len(data) < at + 2:
            return None
        first, second = data[at], data[at + 1]
        self._judge_header(first, second)
        size, header = second & 0x7F, 6
        if size >= 126:
            header = 8 if size == 126 else 14
            if len(data) < at + header:
                return None
            size = int.from_bytes(data[at + 2 : at + header - 4], "big")
        gathered = 0 if self._fragments is None or first & 0x08 else len(self._fragments)
        if size + gathered > self._largest:
            raise FrameError(TOO_LARGE, "too large")
        end = at + header + size
        return end if len(data) >= end else None

    def _judge_header(self, first: int, second: int) -> None:
        kind = first & 0x0F
        if first & 0x70:
            raise FrameError(PROTOCOL_ERROR, "reserved bits")
        if not second & 0x80:
            raise FrameError(PROTOCOL_ERROR, "not masked")
        if kind & 0x08:
            if kind not in (CLOSE, PING, PONG) or not first & _FIN or second & 0x7F > _LARGEST_CONTROL:
                raise FrameError(PROTOCOL_ERROR, "not a control frame")
        elif kind not in (CONTINUATION, TEXT, BINARY):
            raise FrameError(PROTOCOL_ERROR, "unknown kind")
        elif (kind == CONTINUATION) != (self._fragments is not None):
            raise FrameError(PROTOCOL_ERROR, "fragments out of order")

    def _read_frame(self, data: bytes, at: int, end: int) -> Message | None:
        first, size = data[at], data[at + 1] & 0x7F
        payload_at = at + (6 if size < 126 else 8 if size == 126 else 14)
        payload = _unmasked(data[payload_at - 4 : payload_at], data[payload_at:end])
        kind = first & 0x0F
        if kind & 0x08:
            return Message(kind, payload)
        if self._fragments is not None:
            self._fragments += payload
            if not first & _FIN:
                return None
            kind, payload = self._kind, bytes(self._fragments)
            self._fragments = None
        elif not first & _FIN:
            self._kind, self._fragments = kind, bytearray(payload)
            return None
        return Message(kind, _checked_text(payload) if kind == TEXT else payload)


def _unmasked(mask: bytes, payload: bytes) -> bytes:
    """As one large number: that is how Python does it fastest without an extension."""
    size = len(payload)
    if not size:
        return b""
    stretched = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(stretched, "little")).to_bytes(size, "little")
