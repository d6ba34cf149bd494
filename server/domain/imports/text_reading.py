"""The text of a file, or what is wrong with its characters."""

from __future__ import annotations

import codecs
from collections.abc import Generator

from server.domain.imports.report import UnreadableFile

PIECE_BYTES = 128 * 1024

_COMPRESSED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(body: bytes) -> Generator[None, None, str | UnreadableFile]:
    """In pieces; a mark of UTF-8 at its beginning is taken away."""
    if body.startswith(_COMPRESSED):
        return UnreadableFile("compressed")
    if body.startswith(_UTF_16) or _alternates(body):
        return UnreadableFile("utf_16")
    decoder = codecs.getincrementaldecoder("utf-8")()
    pieces: list[str] = []
    is_blank = True
    for start in range(0, len(body), PIECE_BYTES):
        piece = body[start : start + PIECE_BYTES]
        if (place := piece.find(b"\x00")) >= 0:
            return UnreadableFile("holds_nul", {"line": _line(body, start + place)})
        try:
            pieces.append(decoder.decode(piece, final=start + PIECE_BYTES >= len(body)))
        except UnicodeDecodeError as error:
            return UnreadableFile("not_utf8", {"line": _line(body, start + error.start)})
        is_blank = is_blank and not pieces[-1].strip("\ufeff \t\r\n")
        yield
    return UnreadableFile("empty_file") if is_blank else "".join(pieces).removeprefix("\ufeff")


def _line(body: bytes, place: int) -> int:
    return body.count(b"\n", 0, place) + 1


def _alternates(body: bytes) -> bool:
    """Western text in UTF-16 without a mark: every other byte is NUL."""
    head = body[:64]
    return len(head) >= 4 and (not any(head[0::2]) or not any(head[1::2]))
