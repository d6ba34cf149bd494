"""AES-256 in CBC mode, decryption only (FIPS 197, SP 800-38A), of many blocks at once.

The key of the files that it opens is published: nothing secret passes here, so it need not take the same time for
every input. Byte n of all blocks lies together in one plane: then a substitution is `bytes.translate` of a plane, a
shift of rows changes the order of planes, and an addition is one exclusive or of two long integers.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

BLOCK = 16
BLOCKS_AT_ONCE = 512
_KEY_WORDS = 8
_ROUNDS = 14


def _times(one: int, other: int) -> int:
    """In the field of 256 elements."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        one = (one << 1) ^ (0x11B if one & 0x80 else 0)
        other >>= 1
    return product


def _substitution() -> bytes:
    """Each byte's inverse in the field, and then its bits mixed."""
    table = bytearray(256)
    inverse, power = 1, 1
    for _ in range(255):
        # 3 reaches every element but 0, and 0xf6 is its inverse.
        mixed = inverse
        for turn in (1, 2, 3, 4):
            mixed ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
        table[power] = mixed ^ 0x63
        power, inverse = _times(power, 3), _times(inverse, 0xF6)
    table[0] = 0x63
    return bytes(table)


_FORWARD = _substitution()
_BACK = bytes(_FORWARD.index(value) for value in range(256))
_MULTIPLES = {factor: bytes(_times(value, factor) for value in range(256)) for factor in (9, 11, 13, 14)}
_COLUMN = (14, 11, 13, 9)
# Where the byte at each place of a block stood before the rows were shifted.
_SHIFTED = tuple((place - 4 * (place % 4)) % BLOCK for place in range(BLOCK))


def decrypt_cbc(ciphered: bytes, key: bytes, start: bytes) -> Generator[None, None, bytes | None]:
    """The text without its filling (PKCS 7); None: the filling is wrong, so it is damaged, cut, or of another key."""
    if not ciphered or len(ciphered) % BLOCK:
        return None
    keys = _round_keys(key)
    pieces: list[bytes] = []
    size = BLOCK * BLOCKS_AT_ONCE
    for at in range(0, len(ciphered), size):
        planes = [ciphered[at + place : at + size : BLOCK] for place in range(BLOCK)]
        planes = yield from _decrypt(planes, keys)
        piece = bytearray(BLOCK * len(planes[0]))
        for place, plane in enumerate(planes):
            piece[place::BLOCK] = plane
        before = ciphered[at - BLOCK : at + size - BLOCK] if at else start + ciphered[: size - BLOCK]
        pieces.append(_xor(bytes(piece), before[: len(piece)]))
    filling = pieces[-1][-1]
    if not 1 <= filling <= BLOCK or not pieces[-1].endswith(bytes([filling]) * filling):
        return None
    pieces[-1] = pieces[-1][:-filling]
    return b"".join(pieces)


def _decrypt(planes: list[bytes], keys: Sequence[bytes]) -> Generator[None, None, list[bytes]]:
    planes = [_add(plane, keys[_ROUNDS][place]) for place, plane in enumerate(planes)]
    for number in range(_ROUNDS - 1, -1, -1):
        yield
        shifted = (planes[place].translate(_BACK) for place in _SHIFTED)
        planes = [_add(plane, keys[number][place]) for place, plane in enumerate(shifted)]
        if number:
            planes = [plane for at in range(0, BLOCK, 4) for plane in _unmix(planes[at : at + 4])]
    return planes


def _unmix(column: Sequence[bytes]) -> list[bytes]:
    size = len(column[0])
    multiples = [
        {factor: int.from_bytes(plane.translate(table), "little") for factor, table in _MULTIPLES.items()}
        for plane in column
    ]
    return [
        (
            multiples[0][_COLUMN[-row % 4]]
            ^ multiples[1][_COLUMN[(1 - row) % 4]]
            ^ multiples[2][_COLUMN[(2 - row) % 4]]
            ^ multiples[3][_COLUMN[(3 - row) % 4]]
        ).to_bytes(size, "little")
        for row in range(4)
    ]


def _add(plane: bytes, byte: int) -> bytes:
    return _xor(plane, bytes([byte]) * len(plane))


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "little") ^ int.from_bytes(other, "little")).to_bytes(len(one), "little")


def _round_keys(key: bytes) -> list[bytes]:
    words = [key[at : at + 4] for at in range(0, len(key), 4)]
    constant = 1
    for place in range(_KEY_WORDS, 4 * (_ROUNDS + 1)):
        word = words[-1]
        if place % _KEY_WORDS == 0:
            turned = (word[1:] + word[:1]).translate(_FORWARD)
            word = bytes([turned[0] ^ constant]) + turned[1:]
            constant = _times(constant, 2)
        elif place % _KEY_WORDS == 4:
            word = word.translate(_FORWARD)
        words.append(_xor(words[-_KEY_WORDS], word))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]
