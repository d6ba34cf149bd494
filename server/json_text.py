"""JSON that is written for every push: compact, by a fast library where it can write a value."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

import orjson


def _plain(value: object) -> str:
    """As the library writes what JSON has no word for."""
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case _:
            raise TypeError(f"{type(value).__name__} is no JSON")


# Made once: `json.dumps` with options makes one for each value.
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)
_SORTED_WRITER = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain, sort_keys=True
)


def write_json(value: object) -> str:
    """Raises TypeError for what no JSON can say. NaN and infinities, which the domain lets in nowhere, are null; half a
    surrogate pair, likewise, is written as it is.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS).decode()
    except TypeError:
        # Integers of more than 64 bits, for one, which are good JSON and may stand in `details`.
        return _WRITER.encode(value)


def write_json_bytes(value: object) -> bytes:
    """The same in UTF-8; a text in it may be a Fragment, JSON already."""
    return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def write_sorted_json(value: object) -> bytes:
    """As `write_json`, with the names of each object in alphabetical order: the same value is the same bytes."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS)
    except TypeError:
        return _SORTED_WRITER.encode(value).encode()
