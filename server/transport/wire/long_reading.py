"""JSON of a body that is long, read in slices, with the same outcome as by `read_json`."""

from __future__ import annotations

import json
import re
from typing import cast

from server.domain.outcomes import InvalidBody
from server.ports.slices import Slices
from server.transport.wire.reading import FAR_TOO_DEEP, NOT_JSON, read_integer

# What is shorter is read at once, in a tenth of a millisecond; what is longer member by member.
PIECE_CHARACTERS = 16 * 1024
# Of members that are longer than a piece, within each other; what is deeper still is refused by whoever looks at it.
_DEPTH = 64

_at_once = json.JSONDecoder(parse_int=read_integer).raw_decode
_after_space = re.compile(r"[ \t\n\r]*").match


async def read_long_json(body: bytes) -> object | InvalidBody:
    try:
        return await _Reading(body.decode("utf-8"), Slices()).whole()
    except RecursionError:
        return FAR_TOO_DEEP
    except ValueError:
        return NOT_JSON


class _Reading:
    def __init__(self, text: str, slices: Slices) -> None:
        self._text = text
        self._slices = slices

    async def whole(self) -> object:
        value, at = await self._value(self._begin(0), 0)
        if self._begin(at) != len(self._text):
            raise ValueError("there is something after its end")
        return value

    async def _value(self, at: int, depth: int) -> tuple[object, int]:
        """The value that begins at `at`, and where it ends."""
        opening = self._text[at : at + 1]
        if opening not in ("{", "["):
            return _at_once(self._text, at)
        await self._slices.breathe()
        piece = self._text[at : at + PIECE_CHARACTERS]
        try:
            value, length = _at_once(piece, 0)
            return value, at + length
        except ValueError:
            # It is longer than the piece, or no JSON: that will be seen further in.
            await self._slices.breathe()
        if depth == _DEPTH:
            return _at_once(self._text, at)
        return await (self._object(at + 1, depth + 1) if opening == "{" else self._list(at + 1, depth + 1))

    async def _list(self, at: int, depth: int) -> tuple[list[object], int]:
        members: list[object] = []
        at = self._begin(at)
        if self._text.startswith("]", at):
            return members, at + 1
        while True:
            some, at = self._members(at)
            members += some
            member, at = await self._value(at, depth)
            members.append(member)
            at = self._begin(at)
            if self._text.startswith("]", at):
                return members, at + 1
            at = self._begin(self._past(",", at))
            await self._slices.breathe()

    def _members(self, at: int) -> tuple[list[object], int]:
        """Those of a list that lie within a piece, and where the one after them begins; none if that cannot be told by
        how the last of them ends. Small ones take half as long together as one by one.
        """
        end = self._text.rfind("},", at, at + PIECE_CHARACTERS) + 1
        piece = f"[{self._text[at:end]}]"
        try:
            members, length = _at_once(piece, 0)
        except ValueError:
            return [], at
        # Brackets that close too early were this list's own end, or that of one within it.
        return (cast(list[object], members), self._begin(end + 1)) if end and length == len(piece) else ([], at)

    async def _object(self, at: int, depth: int) -> tuple[dict[str, object], int]:
        members: dict[str, object] = {}
        at = self._begin(at)
        if self._text.startswith("}", at):
            return members, at + 1
        while True:
            if not self._text.startswith('"', at):
                raise ValueError("a member has no name")
            name, at = _at_once(self._text, at)
            at = self._past(":", self._begin(at))
            members[cast(str, name)], at = await self._value(self._begin(at), depth)
            at = self._begin(at)
            if self._text.startswith("}", at):
                return members, at + 1
            at = self._begin(self._past(",", at))
            await self._slices.breathe()

    def _begin(self, at: int) -> int:
        """Where the next token is."""
        space = _after_space(self._text, at)
        return at if space is None else space.end()

    def _past(self, token: str, at: int) -> int:
        if not self._text.startswith(token, at):
            raise ValueError(f"{token} is missing")
        return at + 1
