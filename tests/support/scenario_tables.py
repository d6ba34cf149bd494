"""Bad input, as tables of (what is sent, which field is named); used over HTTP and over the socket.

What JSON itself cannot say (NaN, Infinity, half a surrogate pair) is written by Python's `json.dumps`,
as careless clients do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.scenario_values import SIGNS

NAN, INFINITY = float("nan"), float("inf")
HALF_A_PAIR = "half \ud800 a pair"
WITH_NUL = "nul \x00 inside"
NO_UUIDS: list[Any] = [
    None, "", "x", 5, True, [], {}, "3f2c1a90-5b6d-4e7f-8a9b", "3f2c1a905b6d4e7f8a9b0c1d2e3f4a5b", "z" * 36,
    "{3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b}", "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b ", WITH_NUL, HALF_A_PAIR,
]  # fmt: skip
NO_OBJECTS: list[Any] = [5, 1.5, "x", True, [], [["heart_rate", 75]], ["heart_rate"]]
NO_NUMBERS: list[Any] = ["75", True, False, [75], {"value": 75}, NAN, INFINITY, -INFINITY, "", "NaN"]
NO_NOTES: list[Any] = [5, None, True, [], {}, "", "   ", "\n", "x" * 2001, WITH_NUL, HALF_A_PAIR]


def bad_pushes() -> Iterator[tuple[str, dict[str, Any], str]]:
    """(label, what a push says, the field that must be named)."""
    yield from _bad_signs()
    yield from _bad_rhythms_and_flags()
    for value in [-1, -0.001, 3601, 3600.5, 1e9, 10**30, *(one for one in NO_NUMBERS)]:
        yield f"ramp {value!r}", {"vitals": {"spo2": 90}, "ramp_seconds": value}, "ramp_seconds"
    for name in ("heart_rate", "Vitals", "seq", "created_at", "by", "last_values", "__class__", ""):
        yield f"unknown {name!r}", {"vitals": {"spo2": 90}, name: 5}, name


def _bad_signs() -> Iterator[tuple[str, dict[str, Any], str]]:
    for value in NO_OBJECTS:
        yield f"vitals {value!r}", {"vitals": value}, "vitals"
    for sign, (low, high, _) in SIGNS.items():
        step = 0.1 if sign == "temperature" else 1
        for value in (round(low - step, 1), round(high + step, 1), -1e9, 1e9, 10**30):
            yield f"{sign} {value!r}", {"vitals": {sign: value}}, f"vitals.{sign}"
        for value in NO_NUMBERS:
            yield f"{sign} {value!r}", {"vitals": {sign: value}}, f"vitals.{sign}"
        if sign != "temperature":
            yield f"{sign} fraction", {"vitals": {sign: 75.5}}, f"vitals.{sign}"
    for value in (37.05, 36.999, 37.00001):
        yield f"temperature {value!r}", {"vitals": {"temperature": value}}, "vitals.temperature"
    for name in ("pulse", "Heart_Rate", "", "heart rate", "__proto__", "rhythm", "x" * 300, "é", HALF_A_PAIR):
        yield f"sign {name[:20]!a}", {"vitals": {name: 75}}, "vitals"
    yield "good and bad", {"vitals": {"heart_rate": 80, "spo2": 101}}, "vitals.spo2"
    yield "diastolic above", {"vitals": {"diastolic": 121}}, "vitals.diastolic"
    yield "systolic below", {"vitals": {"systolic": 79}}, "vitals"
    yield "both crossed", {"vitals": {"systolic": 60, "diastolic": 61}}, "vitals.diastolic"
    yield "a ramp crossed", {"vitals": {"systolic": 60, "diastolic": 61}, "ramp_seconds": 60}, "vitals.diastolic"


def _bad_rhythms_and_flags() -> Iterator[tuple[str, dict[str, Any], str]]:
    for value in ("vf", "SINUS", "", " sinus", 5, True, [], {}, ["sinus"], "x" * 10_000, WITH_NUL, HALF_A_PAIR):
        yield f"rhythm {value if not isinstance(value, str) else value[:20]!a}", {"rhythm": value}, "rhythm"
    for value in NO_OBJECTS:
        yield f"flags {value!r}", {"flags": value}, "flags"
    for key in ("", "A", "1a", "_a", "a-b", "a b", "a.b", "é", "a" * 33, "a" * 5000, "a\x00", "a\n", HALF_A_PAIR):
        yield f"flag key {key[:20]!a}", {"flags": {key: True}}, "flags"
    for value in (5, 1.5, NAN, [], {}, ["x"], "x" * 65, "x" * 10_000, WITH_NUL, HALF_A_PAIR):
        shown = value[:20] if isinstance(value, str) else value
        yield f"flag value {shown!a}", {"flags": {"cpr": value}}, "flags.cpr"
    yield "33 flags", {"flags": {f"flag_{number}": True for number in range(33)}}, "flags"


_NO_KEYS = (5, True, [], {}, "", "A", "1a", "a-b", "a" * 33, "a" * 5000, WITH_NUL, HALF_A_PAIR)


def bad_steps() -> Iterator[tuple[str, dict[str, Any], str]]:
    for value in _NO_KEYS:
        yield f"step {str(value)[:20]!a}", {"step": value}, "step"
    for value in (5, "", "tomorrow", "2026-11-21", WITH_NUL):
        yield f"made_at {str(value)[:20]!a}", {"vitals": {"spo2": 90}, "made_at": value}, "made_at"


def bad_notes() -> Iterator[tuple[str, dict[str, Any], str]]:
    yield "nothing", {}, "text"
    yield "an empty text beside a marker", {"text": " ", "marker": "adrenaline"}, "text"
    for value in _NO_KEYS:
        yield f"marker {str(value)[:20]!a}", {"marker": value}, "marker"


def bad_sessions() -> Iterator[tuple[str, dict[str, Any], str]]:
    for value in NO_UUIDS[1:]:
        yield f"id {value!r:.30}", {"id": value}, "id"
        yield f"template_id {value!r:.30}", {"template_id": value}, "template_id"
    for name in ("title", "public_title", "trainee_name"):
        for value in (5, True, [], {}, "x" * 10_000, WITH_NUL, HALF_A_PAIR):
            yield f"{name} {value!r:.30}", {name: value}, name
    for value in (0, -1, 1e300, 10**30, *NO_NUMBERS):
        yield f"duration {value!r}", {"duration_minutes": value}, "duration_minutes"
    for _, fields, named in _bad_signs():
        yield f"start {fields['vitals']!r:.50}", {"vitals": fields["vitals"]}, named
    for name in ("trainer_id", "school_id", "code", "last_values", "flags", "expires_at", "nope"):
        yield f"unknown {name}", {name: "x"}, name


def bad_changes() -> Iterator[tuple[str, dict[str, Any], str]]:
    for value in (
        5, True, [], {}, "", "tomorrow", "2026-11-21", "2026-13-01T00:00:00.000Z", "2099-02-30T00:00:00Z", "1e9",
        "2001-01-01T00:00:00.000Z", "0000-00-00T00:00:00Z", "99999-01-01T00:00:00Z", WITH_NUL, HALF_A_PAIR,
    ):  # fmt: skip
        yield f"expires_at {value!r:.30}", {"expires_at": value}, "expires_at"
    for name in ("title", "public_title", "trainee_name"):
        for value in (5, True, [], "x" * 10_000, WITH_NUL, HALF_A_PAIR):
            yield f"{name} {value!r:.30}", {name: value}, name
    for value in (5, "x", [], {"nope": {"low": 1}}, {"spo2": {"low": 101}}, {"spo2": {"low": 90, "high": 80}}):
        yield f"limits {value!r:.40}", {"limits": value}, "limits"
    for value in (5, "x", {}, [5], ["x"], ["3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b"]):
        yield f"co_trainer_ids {value!r:.40}", {"co_trainer_ids": value}, "co_trainer_ids"
    for value in (5, "true", []):
        yield f"shows_conditions {value!r}", {"shows_conditions": value}, "shows_conditions"
    for name in ("id", "code", "closed_at", "close_reason", "last_values", "version", "trainer_id"):
        yield f"unknown {name}", {name: "x"}, name


def bad_templates() -> Iterator[tuple[str, dict[str, Any], str]]:
    yield "no title", {}, "title"
    for value in (None, 5, "", "   ", "x" * 10_000, WITH_NUL, HALF_A_PAIR):
        yield f"title {value!r:.30}", {"title": value}, "title"
    for name, values in {
        "description": (5, [], WITH_NUL, HALF_A_PAIR, "x" * 100_000),
        "steps": (5, "x", {}, [5], ["x"], [{}], [{"title": "x", "vitals": {"spo2": 101}}]),
        "checklist": (5, "x", {}, [5], [None], [WITH_NUL], ["x" * 10_000], [{}], [{"text": "x", "nope": 1}]),
        "targets": (5, "x", {}, [5], [{}], [{"marker": "x", "seconds": 0}], [{"marker": "X y", "seconds": 60}]),
        "public_title": (5, [], WITH_NUL, HALF_A_PAIR, "x" * 10_000),
        "duration_minutes": (0, -1, 43_201, 1.5, "5", True, 10**30),
        "language": (5, "", "French", WITH_NUL),
        "limits": (5, "x", [], {"nope": {"low": 1}}, {"spo2": {"low": 101}}, {"spo2": {"low": 90, "high": 80}}),
    }.items():
        for value in values:
            yield f"{name} {value!r:.40}", {"title": "T", name: value}, name
    for step in (
        {"key": "A"},
        {"key": 5},
        {"at_seconds": -1},
        {"at_seconds": 1.5},
        {"ramp_seconds": 3601},
        {"rhythm": "x"},
        {"note": 5},
    ):
        yield f"step {step}", {"title": "T", "steps": [{"title": "S", **step}]}, "steps"
    for label, fields, named in bad_pushes():
        if "ramp_seconds" not in fields and set(fields) <= {"vitals", "rhythm", "flags"} and "below" not in label:
            yield label, {"title": "T", **fields}, named.split(".")[0]


def bad_trainers() -> Iterator[tuple[str, dict[str, Any], str]]:
    good = {"email": "somebody@demo.example", "name": "N", "password": "long-enough"}
    for name, values in {
        "email": (
            None,
            5,
            "",
            "x",
            "@",
            "a@",
            "@b",
            "a b@c",
            "a@b@c ",
            "x" * 400 + "@x.example",
            WITH_NUL,
            HALF_A_PAIR,
        ),
        "name": (None, 5, "", "  ", "x" * 10_000, WITH_NUL, HALF_A_PAIR),
        "password": (None, 5, "", "short", "xyz🚑" * 126, "password123", HALF_A_PAIR),
        "role": (None, 5, "", "king", "ADMIN", ["admin"]),
    }.items():
        for value in values:
            yield f"{name} {value!r:.30}", {**good, name: value}, name
    for name in ("school_id", "password_hash", "deleted_at"):
        yield f"unknown {name}", {**good, name: "x"}, name
    for name in good:
        yield f"no {name}", {key: value for key, value in good.items() if key != name}, name
