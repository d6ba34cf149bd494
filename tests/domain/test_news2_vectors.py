"""NEWS2 and its friends by their table: the same vectors are for every language that computes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.domain.debrief.news2 import Observations, band_of, mean_pressure, news2_parts, shock_index

_VECTORS = json.loads((Path(__file__).parents[1] / "vectors/news2.json").read_text())


@pytest.mark.parametrize("vector", _VECTORS["boundaries"])
def test_the_boundaries_of_each_row(vector: dict[str, Any]) -> None:
    assert sum(news2_parts(Observations(**vector["seen"])).values()) == vector["total"]


@pytest.mark.parametrize("vector", _VECTORS["whole"])
def test_whole_patients(vector: dict[str, Any]) -> None:
    parts = news2_parts(Observations(**vector["seen"]))
    assert parts == vector["parts"]
    assert sum(parts.values()) == vector["total"]
    assert band_of(parts) == vector["band"]


def test_the_mean_pressure_and_the_shock_index() -> None:
    assert [mean_pressure(each["systolic"], each["diastolic"]) for each in _VECTORS["mean"]] == [
        each["mean"] for each in _VECTORS["mean"]
    ]
    assert [shock_index(each["heart_rate"], each["systolic"]) for each in _VECTORS["shock_index"]] == [
        each["shock_index"] for each in _VECTORS["shock_index"]
    ]
