"""WebSocket frames (RFC 6455, without extensions) between bytes and messages. No I/O.

A server sends its frames unmasked, so the frame of a text is the same bytes for everybody.
"""

from __future__ import annotations

from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

NORMAL, PROTOCOL_ERROR, NOT_UTF_8, POLICY, TOO_LARGE, RESTARTING = 1000, 1002, 1007, 1008, 1009, 1012
NO_CODE, ABNORMAL = 1005, 1006

_FIN = 0x80
_LARGEST_CONTROL = 125


class FrameError(Exception):
    """What the peer sent breaks the protocol; the connection is to be closed with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Message(NamedTuple):
    """A whole message put together from its fragments, a control frame, or FRAGMENT. Of a TEXT, `text` is all of it."""

    kind: int
    payload: bytes
    text: str = ""


# A frame that only begins or continues a message; told, so that whoever counts frames counts it.
FRAGMENT = Message(CONTINUATION, b"")


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
    _text(payload[2:])
    return code


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise FrameError(NOT_UTF_8, "text that is not UTF-8") from None


class FrameReader:
    """Takes bytes as they come, gives one frame at a time, and never holds more of a message than it was told to.

    A message that is longer is handed on as far as it was held; what is longer than the longest is a FrameError.
    """

    __slots__ = (
        "_at",
        "_data",
        "_gathered",
        "_is_final",
        "_kind",
        "_left",
        "_mask",
        "_size",
        "held",
        "longest",
        "whole",
    )

    def __init__(self, held: int, longest: int, whole: int | None = None) -> None:
        """Bytes of one message: held at most while it is not finished, and sent at most. One that has come all at once
        need not be held: of it so much as `whole` is handed on, if that is more.
        """
        self.held = held
        self.longest = longest
        self.whole = whole or held
        self._data = b""
        self._at = 0
        # Of the message that has begun: its kind, what is held of it, and how long it is by now.
        self._gathered: bytearray | None = None
        self._kind = CONTINUATION
        self._size = 0
        # Of the data frame that has begun: bytes that are to come, the mask from here on, whether it is the last one.
        self._left = 0
        self._mask = b""
        self._is_final = False

    @property
    def has_more(self) -> bool:
        """Bytes have come that were not looked at yet, or that are less than a frame's header."""
        return self._at < len(self._data)

    def feed(self, data: bytes) -> None:
        self._data = self._data[self._at :] + data if self._at < len(self._data) else data
        self._at = 0

    def next(self) -> Message | None:
        """The next frame that is complete; None if there is none. Raises FrameError; nothing may be asked then."""
        if self._left:
            return self._go_on()
        data, at = self._data, self._at
        if at >= len(data):
            self._data, self._at = b"", 0
            return None
        if self._gathered is None and (text := self._plain_text(data, at)) is not None:
            return text
        return self._begin(data, at)

    def _plain_text(self, data: bytes, at: int) -> Message | None:
        """A short text in one frame, as nearly everything is that comes."""
        if len(data) < at + 6 or data[at] != _FIN | TEXT:
            return None
        size = data[at + 1] - 0x80
        end = at + 6 + size
        if not 0 <= size < 126 or end > len(data) or size > self.held:
            return None
        self._at = end
        payload = _unmasked(data[at + 2 : at + 6], data[at + 6 : end])
        return Message(TEXT, payload, _text(payload))

    def _begin(self, data: bytes, at: int) -> Message | None:
        if len(data) < at + 2:
            return None
        first, second = data[at], data[at + 1]
        self._judge(first, second)
        size, header = second & 0x7F, 6
        if size >= 126:
            header = 8 if size == 126 else 14
            if len(data) < at + header:
                return None
            size = int.from_bytes(data[at + 2 : at + header - 4], "big")
        elif len(data) < at + header:
            return None
        mask, begin = data[at + header - 4 : at + header], at + header
        if first & 0x08:
            if len(data) < begin + size:
                return None
            self._at = begin + size
            return Message(first & 0x0F, _unmasked(mask, data[begin : begin + size]))
        if self._size + size > self.longest:
            raise FrameError(TOO_LARGE, "too large")
        if self._gathered is None:
            if first & _FIN and size <= self.whole and begin + size <= len(data):
                self._at = begin + size
                payload = _unmasked(mask, data[begin : self._at])
                return Message(first & 0x0F, payload, _text(payload) if first & 0x0F == TEXT else "")
            self._gathered, self._kind = bytearray(), first & 0x0F
        self._at, self._left, self._mask, self._is_final = begin, size, mask, bool(first & _FIN)
        return self._go_on()

    def _go_on(self) -> Message | None:
        """With the data frame that has begun."""
        assert self._gathered is not None  # noqa: S101 - a data frame has begun
        part = self._data[self._at : self._at + self._left]
        room = self.held - len(self._gathered)
        if room > 0:
            self._gathered += _unmasked(self._mask, part[:room])
        turned = len(part) % 4
        self._mask = self._mask[turned:] + self._mask[:turned]
        self._at += len(part)
        self._left -= len(part)
        self._size += len(part)
        if self._left:
            self._data, self._at = b"", 0
            return None
        return self._whole() if self._is_final else FRAGMENT

    def _whole(self) -> Message:
        assert self._gathered is not None  # noqa: S101 - a message has begun
        payload, is_cut = bytes(self._gathered), self._size > len(self._gathered)
        self._gathered, self._size = None, 0
        if self._kind != TEXT:
            return Message(self._kind, payload)
        # The beginning of a text may end within a character.
        return Message(TEXT, payload, payload.decode("utf-8", "ignore") if is_cut else _text(payload))

    def _judge(self, first: int, second: int) -> None:
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
        elif (kind == CONTINUATION) != (self._gathered is not None):
            raise FrameError(PROTOCOL_ERROR, "fragments out of order")


def _unmasked(mask: bytes, payload: bytes) -> bytes:
    """As one large number: that is how Python does it fastest without an extension."""
    size = len(payload)
    if not size:
        return b""
    stretched = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(stretched, "little")).to_bytes(size, "little")
