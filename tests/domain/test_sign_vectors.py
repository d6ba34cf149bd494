"""The tables of signs, rhythms, flags and limits against the file that the screens are held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from server.domain.limits import ADULT_LIMITS, limits_as_json
from server.domain.vitals import KNOWN_FLAGS, RHYTHMS, SIGNS

TABLES: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "signs.json").read_text(encoding="utf-8")
)


def test_the_signs_are_those_of_the_screens() -> None:
    assert TABLES["signs"] == [
        {
            "name": sign.name,
            "unit": sign.unit,
            "min": sign.minimum,
            "max": sign.maximum,
            "start": sign.start,
            "decimals": sign.decimals,
        }
        for sign in SIGNS.values()
    ]


def test_the_rhythms_and_the_flags_are_those_of_the_screens() -> None:
    assert TABLES["rhythms"] == list(RHYTHMS)
    assert TABLES["flags"] == list(KNOWN_FLAGS)


def test_the_limits_are_those_of_the_screens() -> None:
    assert TABLES["limits"] == limits_as_json(ADULT_LIMITS)
