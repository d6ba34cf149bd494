"""What the monitors showed, against the vectors that the screens are held to as well; and laws of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.events import ActionTaken, CasePaused, CaseResumed, Fact, VitalsPushed, fold_fact
from server.domain.history import LOOKED_BACK, NOTHING_SEEN, Memory, remember
from server.domain.patches import read_patch
from server.domain.readings import readings_at
from server.domain.timestamps import read_timestamp
from server.domain.vitals import RHYTHMS, SIGN_NAMES, START_VALUES, LastValues, VitalsPatch

FILE: dict[str, Any] = json.loads((Path(__file__).parent.parent / "vectors" / "shown.json").read_text(encoding="utf-8"))
BEGINS_AT = read_timestamp(FILE["begins_at"])


def _at(seconds: float) -> datetime:
    return BEGINS_AT + timedelta(milliseconds=round(seconds * 1000))


def _fact(move: dict[str, Any]) -> Fact:
    if "pause" in move:
        return CasePaused()
    if "resume" in move:
        return CaseResumed()
    if "action" in move:
        return ActionTaken(move["action"])
    patch = read_patch(**move["push"])
    assert isinstance(patch, VitalsPatch)
    return VitalsPushed(patch)


def _remembered(moves: list[dict[str, Any]], until: float) -> Memory:
    last, memory = START_VALUES, NOTHING_SEEN
    if not moves or moves[0]["at"] >= 0:
        memory = remember(memory, last, _at(-60))
    for move in moves:
        if move["at"] > until:
            break
        after = fold_fact(last, _fact(move), _at(move["at"]))
        assert isinstance(after, LastValues)
        last = after
        memory = remember(memory, last, _at(move["at"]))
    return memory


@pytest.mark.parametrize("vector", FILE["vectors"], ids=[vector["name"] for vector in FILE["vectors"]])
def test_what_was_shown_is_what_the_vector_says(vector: dict[str, Any]) -> None:
    for shown in vector["shown"]:
        read = readings_at(_remembered(vector["moves"], shown["at"]), _at(shown["at"]))
        assert {"at": shown["at"], **read} == shown


_PUSHES = st.lists(
    st.tuples(
        st.floats(0, 40, allow_nan=False).map(lambda gap: round(gap, 3)),
        st.fixed_dictionaries(
            {},
            optional={
                "vitals": st.fixed_dictionaries(
                    {},
                    optional={
                        "heart_rate": st.sampled_from([0, 40, 90, 180]),
                        "respiratory_rate": st.sampled_from([0, 2, 16, 40]),
                        "etco2": st.integers(0, 90),
                        "spo2": st.integers(60, 100),
                    },
                ),
                "rhythm": st.sampled_from(RHYTHMS),
                "flags": st.dictionaries(
                    st.sampled_from(["pulseless", "cpr", "ecg_off", "co2_off", "spo2_off"]), st.booleans(), max_size=2
                ),
                "ramp_seconds": st.sampled_from([0, 5, 60]),
            },
        ),
    ),
    max_size=12,
)


@given(_PUSHES, st.floats(0, 60))
def test_a_number_is_one_that_the_sign_can_have_and_a_sensor_that_is_off_shows_none(
    pushes: list[tuple[float, dict[str, Any]]], after: float
) -> None:
    moves, at = [], 0.0
    for gap, push in pushes:
        at += gap
        moves.append({"at": at, "push": push})
    memory = _remembered(moves, at)
    read = readings_at(memory, _at(at + after))
    for name in SIGN_NAMES:
        value = read[name]
        assert isinstance(value, str) or 0 <= value <= 300, (name, value)
    flags = memory.present.flags
    assert (read["spo2"] == "off") == bool(flags.get("spo2_off"))
    assert (read["etco2"] == "off") == bool(flags.get("co2_off"))


@given(_PUSHES)
def test_what_it_remembers_is_bounded(pushes: list[tuple[float, dict[str, Any]]]) -> None:
    moves, at = [], 0.0
    for gap, push in pushes * 3:
        at += gap
        moves.append({"at": at, "push": push})
    memory = _remembered(moves, at)
    assert all(state.since > _at(at) - LOOKED_BACK for state in memory.states[1:])


def test_after_a_while_without_a_change_nothing_moves_any_more() -> None:
    memory = _remembered([{"at": 0, "push": {"rhythm": "asystole"}}], 0)
    minute = readings_at(memory, _at(60))
    assert minute == readings_at(memory, _at(3600))
    assert (minute["heart_rate"], minute["spo2"], minute["respiratory_rate"], minute["etco2"]) == (
        0,
        "unreadable",
        0,
        0,
    )
