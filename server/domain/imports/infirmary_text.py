"""The text inside an Infirmary Integrated file (`.ii`): how it is packed, and its blocks.

Three lines: `.ii:t1`, the check sum of the text in hexadecimal (SHA-256; of old files MD5), and the text itself,
enciphered with a key that stands in the tool's published source: it hides nothing.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from server.domain.imports.aes import decrypt_cbc
from server.domain.imports.report import UnreadableFile, plain
from server.domain.imports.text_reading import read_text

MARK = ".ii:"
VERSION = "t1"
BEGIN = "> Begin:"
_END = "> End:"
_KEY = b"!8x/A?b(G+KbPe$hVkYpEs6V9y$B&E)H"
_LINES_LIMIT = 20_000
_DEPTH_LIMIT = 16
_VALUE_LIMIT = 16_000
_PIECE = 128 * 1024
_LINES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Unpacked:
    text: str
    is_hash_right: bool


@dataclass(slots=True)
class Block:
    name: str
    values: dict[str, str] = field(default_factory=dict[str, str])
    blocks: list[Block] = field(default_factory=list["Block"])

    def all(self, name: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.name == name)

    def first(self, name: str) -> Block | None:
        return next(self.all(name), None)


def unpack(text: str) -> Generator[None, None, Unpacked | UnreadableFile]:
    head, _, rest = text.partition("\n")
    version = head.strip().removeprefix(MARK)
    if version != VERSION:
        return UnreadableFile("ii_version", {"version": plain(version)})
    stated, _, content = rest.partition("\n")
    ciphered = yield from _decode(content)
    if ciphered is None:
        return UnreadableFile("ii_not_base64")
    decrypted = yield from decrypt_cbc(ciphered, _KEY, _KEY[:16])
    if decrypted is None:
        return UnreadableFile("ii_not_decrypted")
    inner = yield from read_text(decrypted)
    if isinstance(inner, UnreadableFile):
        return inner
    is_right = yield from _has_hash(inner, stated.strip().lower())
    return Unpacked(inner, is_right)


def read_blocks(text: str) -> Generator[None, None, Block | UnreadableFile]:
    """The whole as one block without a name. A block that is not ended ends with the text."""
    if text.count("\n") > _LINES_LIMIT:
        return UnreadableFile("ii_large")
    stack = [Block("")]
    for number, line in enumerate(_lines(text)):
        if number % _LINES_AT_ONCE == 0:
            yield
        if line.startswith(BEGIN):
            block = Block(line[len(BEGIN) :].strip())
            stack[-1].blocks.append(block)
            if len(stack) == _DEPTH_LIMIT:
                return UnreadableFile("ii_large")
            stack.append(block)
        elif line.startswith(_END):
            if len(stack) > 1:
                stack.pop()
        elif line:
            # An alarm has blanks only: `HR True 50 130 High`.
            name, _, value = line.partition(":" if ":" in line else " ")
            stack[-1].values[name.strip()[:100]] = value.strip()
    return stack[0]


def _lines(text: str) -> Iterator[str]:
    """Without what is beyond any length that is of use."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start : min(end, start + _VALUE_LIMIT)].strip()
        start = end + 1


def _decode(content: str) -> Generator[None, None, bytes | None]:
    try:
        raw = content.encode("ascii")
    except UnicodeEncodeError:
        return None
    raw = raw.translate(None, b" \t\r\n")
    pieces: list[bytes] = []
    for start in range(0, len(raw), _PIECE):
        try:
            pieces.append(binascii.a2b_base64(raw[start : start + _PIECE], strict_mode=True))
        except binascii.Error:
            return None
        yield
    return b"".join(pieces)


def _has_hash(text: str, stated: str) -> Generator[None, None, bool]:
    # MD5 is what old files have; it protects nothing here, neither does the other.
    digest = hashlib.md5(usedforsecurity=False) if len(stated) == 32 else hashlib.sha256()
    for start in range(0, len(text), _PIECE):
        digest.update(text[start : start + _PIECE].encode("ascii", "replace"))
        yield
    return digest.hexdigest() == stated
