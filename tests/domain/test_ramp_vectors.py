"""value_at against the vectors that the screens are held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.domain.timestamps import read_timestamp
from server.domain.vitals import SIGN_NAMES, SIGNS, START_VALUES, LastValues, Ramp, value_at

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "ramps.json").read_text(encoding="utf-8")
)["vectors"]


def _name(vector: dict[str, Any]) -> str:
    return f"{vector['sign']} {vector['from']}-{vector['to']} in {vector['seconds']} at {vector['at'][11:23]}"


@pytest.mark.parametrize("vector", VECTORS, ids=_name)
def test_a_ramp_stands_where_the_vector_says(vector: dict[str, Any]) -> None:
    name = vector["sign"]
    ramp = Ramp(vector["from"], read_timestamp(vector["started_at"]), vector["seconds"])
    last = LastValues(signs={**START_VALUES.signs, name: vector["to"]}, ramps={name: ramp})
    value = value_at(last, name, read_timestamp(vector["at"]))
    assert value == vector["value"]
    assert isinstance(value, float if SIGNS[name].decimals else int)


def test_the_vectors_are_many_and_of_every_sign() -> None:
    assert len(VECTORS) >= 40
    assert {vector["sign"] for vector in VECTORS} == set(SIGN_NAMES)
