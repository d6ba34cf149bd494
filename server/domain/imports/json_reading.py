"""JSON that somebody found somewhere, read in small pieces and within bounds.

The library's reader is faster, and takes in one go whatever it is given: it holds the processor for as long as that
takes, keeps the last of two members of one name without a word, and gives up at a depth that is not told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import cast

from server.domain.imports.report import UnreadableFile

DEPTH_LIMIT = 32
VALUES_LIMIT = 200_000
"""Commas, colons and brackets: at least as many as there are values. The largest case has a tenth of that."""
TEXT_LIMIT = 16_000
REPEATED_TOLD = 20
TOKENS_AT_ONCE = 100

SPACE_AT_ONCE = 4096

_decode = json.JSONDecoder(strict=False).raw_decode
_space = re.compile(rf"[ \t\n\r]{{0,{SPACE_AT_ONCE}}}").match
_number = re.compile(r"-?(?:0|[1-9][0-9]{0,399})(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,20})?").match
_words = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}
_word = re.compile(r"true|false|null|NaN|-?Infinity").match
_LONGEST_INTEGER = 18
# Of a text with backslashes, as much is taken first.
_SHORT = 200


@dataclass(frozen=True, slots=True)
class JsonRead:
    value: object
    repeated: tuple[str, ...]
    """Names that stood more than once in one object; the last of each counts."""


@dataclass(slots=True)
class _Open:
    """An object or a list whose end has not come."""

    members: dict[str, object] | list[object]
    name: str = ""

    @property
    def end(self) -> str:
        return "}" if isinstance(self.members, dict) else "]"


@dataclass(slots=True)
class _Reading:
    text: str
    at: int = 0
    tokens: int = 0
    repeated: dict[str, None] = field(default_factory=dict[str, None])

    def broken(self) -> UnreadableFile:
        return UnreadableFile("json_broken", {"line": self.text.count("\n", 0, self.at) + 1})

    def skip_space(self) -> Generator[None]:
        """To the next token; now and then in between others get their turn."""
        self.tokens += 1
        if self.tokens % TOKENS_AT_ONCE == 0:
            yield
        while (found := _space(self.text, self.at)) is not None and found.end() > self.at:
            self.at = found.end()
            if self.at - found.start() == SPACE_AT_ONCE:
                yield

    def put(self, into: _Open, value: object) -> None:
        if isinstance(into.members, list):
            into.members.append(value)
            return
        if into.name in into.members and len(self.repeated) < REPEATED_TOLD:
            self.repeated[into.name] = None
        into.members[into.name] = value

    def take(self, characters: str) -> str | None:
        following = self.text[self.at : self.at + 1]
        if following == "" or following not in characters:
            return None
        self.at += 1
        return following

    def text_value(self) -> str | None:
        """Behind its opening quote; None: it does not end, or not soon enough."""
        end = self.text.find('"', self.at, self.at + TEXT_LIMIT)
        if end < 0:
            return None
        if self.text.find("\\", self.at, end) < 0:
            value = self.text[self.at : end]
            self.at = end + 1
            return value
        for longest in (_SHORT, TEXT_LIMIT):
            try:
                value, length = _decode(self.text[self.at - 1 : self.at + longest])
            except ValueError:
                continue
            self.at += length - 1
            return cast(str, value)
        return None

    def plain_value(self) -> tuple[object] | None:
        if self.take('"'):
            value = self.text_value()
            return None if value is None else (value,)
        if word := _word(self.text, self.at):
            self.at = word.end()
            return (_words[word.group()],)
        number = _number(self.text, self.at)
        if number is None or self.text[number.end() : number.end() + 1].isdigit():
            return None
        self.at = number.end()
        written = number.group()
        is_whole = number.group(1) is None and number.group(2) is None
        return (int(written) if is_whole and len(written) <= _LONGEST_INTEGER else float(written),)


def read_json(text: str) -> Generator[None, None, JsonRead | UnreadableFile]:
    marks = 0
    for mark in ",:[{":
        marks += text.count(mark)
        if marks > VALUES_LIMIT:
            return UnreadableFile("json_large")
        yield
    reading = _Reading(text)
    value = yield from _read_value(reading)
    if isinstance(value, UnreadableFile):
        return value
    yield from reading.skip_space()
    if reading.at != len(text):
        return reading.broken()
    return JsonRead(value[0], tuple(reading.repeated))


def _read_value(reading: _Reading) -> Generator[None, None, tuple[object] | UnreadableFile]:
    """Without recursion: what is open stands in a list."""
    stack: list[_Open] = []
    while True:
        yield from reading.skip_space()
        if stack and not (yield from _read_name(reading, stack[-1])):
            return reading.broken()
        opening = reading.take("{[")
        if opening is not None:
            if len(stack) == DEPTH_LIMIT:
                return UnreadableFile("json_deep", {"limit": DEPTH_LIMIT, **reading.broken().values})
            stack.append(_Open({} if opening == "{" else []))
            yield from reading.skip_space()
            if reading.take(stack[-1].end) is None:
                continue
            value: tuple[object] | None = (stack.pop().members,)
        else:
            value = reading.plain_value()
        if value is None:
            return reading.broken()
        outcome = yield from _put(reading, stack, value)
        if outcome is not None:
            return outcome


def _read_name(reading: _Reading, into: _Open) -> Generator[None, None, bool]:
    """Of a member of an object; what is in a list has none."""
    if isinstance(into.members, list):
        return True
    if reading.take('"') is None or (name := reading.text_value()) is None:
        return False
    into.name = name
    yield from reading.skip_space()
    if reading.take(":") is None:
        return False
    yield from reading.skip_space()
    return True


def _put(
    reading: _Reading, stack: list[_Open], value: tuple[object]
) -> Generator[None, None, tuple[object] | UnreadableFile | None]:
    """A value is whole: it belongs to what is open, and may be the last of it. None: more is to come."""
    while stack:
        reading.put(stack[-1], value[0])
        yield from reading.skip_space()
        if reading.take(","):
            return None
        if reading.take(stack[-1].end) is None:
            return reading.broken()
        value = (stack.pop().members,)
    return value
