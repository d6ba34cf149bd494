"""The file `.env`: read as it was meant, or refused in a sentence; and which of its names look misspelt."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

# Of 1: one letter too many, too few, or two in the wrong order.
_LOOKS_LIKE = 0.85


class ConfigError(Exception):
    """A variable has a value that cannot be used; the message names it."""


def read_env_file(file: Path) -> Mapping[str, str]:
    """Nothing where there is none. Raises ConfigError."""
    if not file.is_file():
        return {}
    text = _text_of(file)
    _check_lines(file, text)
    return {name: value for name, value in dotenv_values(stream=StringIO(text)).items() if value is not None}


def misspelt(known: Collection[str], file: Path = Path(".env")) -> Mapping[str, str]:
    """The names in it that set nothing and look like one of `known`, with that. Raises ConfigError."""
    names = dotenv_values(stream=StringIO(_text_of(file))) if file.is_file() else {}
    found: dict[str, str] = {}
    for name in names.keys() - set(known):
        if (meant := get_close_matches(name.strip().upper(), known, 1, _LOOKS_LIKE)) and not name.startswith("PG"):
            found[name] = meant[0]
    return found


def _text_of(file: Path) -> str:
    """Editors put a mark before UTF-8 that is no part of the first name. Raises ConfigError."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
        raise ConfigError(f"{file} is written in UTF-16. Save it as UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}, line {line}: it is not written in UTF-8. Save it as UTF-8.") from None


def _check_lines(file: Path, text: str) -> None:
    """A line that nobody understands sets nothing, and whoever wrote it would not know. Raises ConfigError."""
    for binding in parse_stream(StringIO(text)):
        if binding.error:
            written = binding.original.string
            line = binding.original.line + written[: -len(written.lstrip())].count("\n")
            raise ConfigError(f"{file}, line {line}: this is not NAME=value.")
