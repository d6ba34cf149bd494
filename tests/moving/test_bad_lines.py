"""A file that is cut, changed or made up is refused with the number of its line, and nothing of it is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from server.commands import moving
from server.domain.arrival import Wrong
from server.domain.moving import ExportBegun
from server.ports.importing import Imported
from server.transport.moving.writing import write_line
from tests.support.making import NOW
from tests.support.moving import exported, schools_in, taken_in, types_of, with_data, wrong_with
from tests.support.school_worlds import a_conflict, a_world

Lines = list[bytes]


EVERYTHING = {
    "trainer",
    "template",
    "session",
    "seat",
    "event",
    "attendance",
    "annotation",
    "moment",
    "score_sheet",
    "reflection",
    "audit",
    "device",
}
KINDS = {"vitals", "note", "action", "case", "lifecycle"}
_found: Lines = []


@pytest.fixture
async def lines() -> Lines:
    """Of a school that has every type of line in it, and every kind of event; made once."""
    for seed in range(100):
        if not _found and _has_everything(tried := await _lines_of(seed)):
            _found.extend(tried)
    return list(_found)


async def _lines_of(seed: int) -> Lines:
    world = await a_world(seed, 160)
    lines = await exported(world.storage, world.school.id)
    return [*lines[:-1], write_line(a_conflict(world), 0), with_data(lines[-1], lines=len(lines) + 1)]


def _has_everything(lines: Lines) -> bool:
    told = [(line["type"], line["data"]) for line in map(json.loads, lines)]
    values = [data["last_values"] for type, data in told if type == "session"]
    return (
        {type for type, _ in told} >= EVERYTHING
        and {data["kind"] for type, data in told if type == "event"} == KINDS
        and any(each["ramps"] for each in values)
        and any(each["nibp"] for each in values)
    )


def first(lines: Sequence[bytes], type: str, which: Callable[[dict[str, Any]], bool] = lambda data: True) -> int:
    told = [json.loads(line) for line in lines]
    return next(place for place, line in enumerate(told) if line["type"] == type and which(line["data"]))


def replaced(lines: Sequence[bytes], place: int, /, **data: Any) -> Lines:
    return [*lines[:place], with_data(lines[place], **data), *lines[place + 1 :]]


def refusal(lines: Sequence[bytes]) -> Wrong:
    wrong = wrong_with(b"".join(lines))
    assert wrong is not None
    return wrong


def changed(lines: Lines, place: int, data: dict[str, Any]) -> Wrong:
    """What is said of this line with something else in it."""
    wrong = refusal(replaced(lines, place, **data))
    assert wrong.number == place + 1, wrong
    return wrong


async def test_the_file_itself_is_good(lines: Lines, database_url: str) -> None:
    assert set(types_of(lines)) > EVERYTHING
    assert wrong_with(b"".join(lines)) is None
    assert isinstance(await taken_in(database_url, lines), Imported)


async def test_a_file_that_is_cut_anywhere_is_refused(lines: Lines) -> None:
    whole = b"".join(lines)
    ends = [len(b"".join(lines[:place])) for place in range(len(lines))]
    random = Random(5)
    cuts = {*random.sample(range(len(whole) - 1), 60), *random.sample(ends, 10), 0, 1, len(whole) - 2}
    for cut in sorted(cuts):
        wrong = wrong_with(whole[:cut])
        assert wrong is not None, cut
        # Where nothing but the end of its line is gone, the next one is missing.
        assert wrong.number == whole[:cut].count(b"\n") + 1 + (whole[cut : cut + 1] == b"\n"), (cut, wrong)
    # Only the last line's end is missing: all of it is there.
    assert wrong_with(whole[:-1]) is None


async def test_what_is_no_line(lines: Lines) -> None:
    for bad in (b"", b"null", b"[]", b"{}", b'{"type":"event"}', b"\xff", b"[" * 100_000, b'{"a":NaN,"b":1,"c":2}'):
        wrong = refusal([*lines[:3], bad + b"\n", *lines[3:]])
        assert wrong.number == 4
        assert "is no" in wrong.sentence


async def test_another_type_and_a_newer_version_say_what_to_do(lines: Lines) -> None:
    wrong = refusal([*lines[:3], b'{"type":"hall","version":1,"data":{}}\n', *lines[3:]])
    assert wrong.number == 4
    assert "type hall" in wrong.sentence
    assert "Shiller 0.0" in wrong.sentence
    told = json.loads(lines[3]) | {"version": 2}
    wrong = refusal([*lines[:3], json.dumps(told).encode() + b"\n", *lines[4:]])
    assert "version 2" in wrong.sentence
    assert "newer" in wrong.sentence


TYPES = ("export", "school", "trainer", "template", "session", "seat", "event", "attendance", "annotation", "moment",
         "score_sheet", "reflection", "audit", "device", "conflict", "end")  # fmt: skip


def held(*limits: dict[str, object]) -> list[dict[str, object]]:
    """One after the other, and all at the same moment."""
    return [{"at": "2026-11-21T09:30:00.000Z", "limits": each} for each in limits]


# A file of an earlier release has none of these.
OPTIONAL: dict[str, set[str]] = {
    "school": {"names_months", "records_months", "retention_begins_at"},
    "template": {
        "description", "public_title", "duration_minutes", "vitals", "rhythm", "flags", "steps", "limits", "checklist",
        "targets", "language", "pass_percent",
    },
    "session": {"lock", "names_out_at", "limits_since"},
    "moment": {"version"},
    "reflection": {"version"},
}  # fmt: skip


async def test_who_sat_in_a_hall_has_no_token(lines: Lines) -> None:
    """A central server that holds copies of a hall's sessions moves, too."""
    assert wrong_with(b"".join(replaced(lines, first(lines, "seat"), token_hash=None))) is None


@pytest.mark.parametrize("type", TYPES)
async def test_every_field_of_every_type_is_asked_for(lines: Lines, type: str) -> None:
    """A field that is missing, unknown, or of another kind."""
    place = first(lines, type)
    told = json.loads(lines[place])
    optional = OPTIONAL.get(type, set())
    for name in told["data"]:
        kept = {key: value for key, value in told["data"].items() if key != name}
        for data in ({**kept, name: ["x", {"y": 1}]}, *([] if name in optional else [kept])):
            line = json.dumps({**told, "data": data}).encode() + b"\n"
            wrong = refusal([*lines[:place], line, *lines[place + 1 :]])
            assert wrong.number == place + 1, (name, wrong)
            assert name.split("_")[0] in wrong.sentence or name in wrong.sentence, (name, wrong)
    assert "hall_id is not a field" in changed(lines, place, {"hall_id": "x"}).sentence


@pytest.mark.parametrize(
    ("type", "data", "said"),
    [
        ("export", {"exported_at": "yesterday"}, "exported_at must be a moment"),
        ("score_sheet", {"by": {"id": None, "name": "Nobody"}}, "by.id is an evaluator's"),
        ("school", {"name": "a\x00b"}, "name holds a"),
        ("trainer", {"email": "nowhere"}, "email must be an e-mail address"),
        ("trainer", {"email": "Ada@example.org"}, "email is not in lower case"),
        ("trainer", {"password_hash": "demo-shiller"}, "password_hash must be a bcrypt hash"),
        ("trainer", {"password_hash": "$2b$31$" + "a" * 53}, "password_hash must be a bcrypt hash"),
        ("trainer", {"role": "head"}, "role must be one of"),
        ("trainer", {"written": {}}, "written needs"),
        ("trainer", {"sync_version": 0}, "sync_version"),
        ("trainer", {"first_version": 2**53}, "first_version is above"),
        ("template", {"vitals": {"heart_rate": 301}}, "vitals.heart_rate must be from 0 to 300"),
        ("template", {"steps": [{"title": "x", "flags": {"X": True}}]}, "steps.0.flags.X must be named"),
        ("template", {"vitals": {"systolic": 50, "diastolic": 90}}, "vitals.diastolic"),
        ("template", {"title": "two  spaces"}, "title is not as an export writes it"),
        ("session", {"code": "OIL010"}, "code must have 6"),
        ("session", {"title": "x" * 201}, "title is 201 characters"),
        ("session", {"limits": {"spo2": {"low": 101}}}, "limits.spo2.low"),
        ("session", {"limits_since": held({"spo2": {"low": 101}})}, "limits_since.0.limits.spo2.low"),
        ("session", {"limits_since": held({"spo2": {"low": 1}})}, "limits_since does not end with the limits"),
        ("session", {"limits_since": held({}, {})}, "limits_since is not in the order of its moments"),
        ("session", {"limits_since": held({}) * 1001}, "limits_since may be at most 1000"),
        ("session", {"closed_at": None, "close_reason": "closed"}, "close_reason stands there with closed_at"),
        ("session", {"last_values": {"heart_rate": 1}}, "last_values"),
        ("session", {"trainer_id": str(uuid4())}, "names the trainer"),
        ("session", {"template_id": str(uuid4())}, "names the template"),
        ("session", {"co_trainer_ids": [str(uuid4())]}, "names the trainer"),
        ("seat", {"name": ""}, "name must not be empty"),
        ("seat", {"token_hash": "00"}, "token_hash"),
        ("seat", {"session_id": str(uuid4())}, "belongs to the session"),
        ("event", {"by": {"role": "trainer", "id": None, "name": "x"}}, "by.id"),
        ("event", {"by": {"role": "trainer", "id": str(uuid4()), "name": "x"}}, "names the trainer"),
        ("event", {"made_at": "2030-01-01T00:00:00.000Z"}, "made_at is later"),
        ("attendance", {"left_at": "2020-01-01T00:00:00.000Z"}, "left_at is before"),
        ("annotation", {"text": "", "marker": None, "kind": "plus"}, "text must not be empty"),
        ("annotation", {"marker": "No Key"}, "marker must be named"),
        ("annotation", {"by": {"role": "trainer", "id": str(uuid4()), "name": "x"}}, "names the trainer"),
        ("moment", {"id": str(uuid4())}, "id is not that of this moment"),
        ("moment", {"title": ""}, "title must not be empty"),
        ("moment", {"kind": "alarm"}, "kind must be one of"),
        ("score_sheet", {"id": str(uuid4())}, "id is not that of this evaluator's sheet"),
        (
            "score_sheet",
            {"items": {"help": {"score": 3, "at": None, "comment": ""}}},
            "items.help.score must be 0, 1, 2",
        ),
        ("score_sheet", {"items": {"No Key": {"score": 1, "at": None, "comment": ""}}}, "items.No Key must be named"),
        ("score_sheet", {"by": {"id": str(uuid4()), "name": "x"}}, "id is not that of this evaluator's sheet"),
        ("reflection", {"scores": {"help": 5}}, "scores.help must be 0, 1, 2"),
        ("reflection", {"words": "x" * 2001}, "words is 2001 characters"),
        ("audit", {"subject": {"type": "school", "id": str(uuid4())}}, "subject.type must not be school"),
        ("audit", {"details": {"x": "y" * 5000}}, "details is"),
        ("device", {"client_id": "x" * 101}, "client_id is 101 characters"),
        ("device", {"trainer_id": str(uuid4())}, "names the trainer"),
        ("conflict", {"local_payload": {"title": "a\x00b"}}, "local_payload holds a NUL"),
        ("end", {"lines": 3}, "lines is not as an export writes it"),
        ("end", {"sync_version": 1}, "is below"),
    ],
)
async def test_values_are_judged_as_over_http(lines: Lines, type: str, data: dict[str, Any], said: str) -> None:
    assert said in changed(lines, first(lines, type), data).sentence


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("vitals", {"heart_rate": 301}, "heart_rate must be from 0 to 300"),
        ("vitals", {"rhythm": "waltz"}, "rhythm is not a known rhythm"),
        ("vitals", {"step": "No Key"}, "step must be named"),
        ("vitals", {"text": "said"}, "text is not as an export writes it"),
        ("note", {"text": "x" * 2001}, "text is 2001 characters"),
        ("note", {"text": None, "marker": None}, "text must not be empty"),
        ("action", {"details": {"action": "nibp_start", "x": "y" * 5000}}, "details is"),
        ("action", {"text": "No Key"}, "text must be named"),
        ("case", {"details": {"action": "begun"}}, "details.action must be one of"),
        ("lifecycle", {"details": {"reason": "tired"}}, "details.reason must be one of"),
    ],
)
async def test_events_are_judged_by_their_kind(lines: Lines, kind: str, data: dict[str, Any], said: str) -> None:
    assert said in changed(lines, first(lines, "event", lambda event: event["kind"] == kind), data).sentence


async def test_a_record_has_every_seq_and_makes_the_values(lines: Lines) -> None:
    place = first(lines, "event", lambda event: event["seq"] == 2)
    session = max(number for number in range(place) if json.loads(lines[number])["type"] == "session")

    wrong = refusal([*lines[: place - 1], *lines[place:]])
    assert (wrong.number, "seq 2 where 1 is due" in wrong.sentence) == (place, True)
    wrong = refusal([*lines[: place + 1], lines[place], *lines[place + 1 :]])
    assert (wrong.number, "seq 2 where 3 is due" in wrong.sentence) == (place + 2, True)
    wrong = refusal([*lines[: place - 1], lines[place], lines[place - 1], *lines[place + 1 :]])
    assert wrong.number == place

    told = json.loads(lines[session])["data"]
    values = told["last_values"] | {"etco2": told["last_values"]["etco2"] ^ 1}
    wrong = refusal(replaced(lines, session, last_values=values))
    assert (wrong.number, "its events make" in wrong.sentence) == (session + 1, True)
    wrong = refusal(replaced(lines, session, last_seq=999))
    assert (wrong.number, "has last_seq 999" in wrong.sentence) == (session + 1, True)


async def test_an_end_is_the_last_of_its_record(lines: Lines) -> None:
    place = first(lines, "session", lambda session: session["close_reason"] is not None)
    wrong = refusal(replaced(lines, place, closed_at=None, close_reason=None))
    assert (wrong.number, "close_reason None" in wrong.sentence) == (place + 1, True)


async def test_lines_stand_in_their_order(lines: Lines) -> None:
    assert "begins with" in refusal(lines[1:]).sentence
    assert "begins with" in refusal([lines[0], *lines[2:]]).sentence
    assert "too late" in refusal([lines[0], *lines]).sentence
    assert "again" in refusal([*lines[:3], *lines[2:]]).sentence
    assert "after the end" in refusal([*lines, lines[-2]]).sentence
    audit = first(lines, "audit")
    assert "too late" in refusal([*lines[: audit + 1], lines[2], *lines[audit + 1 :]]).sentence


async def test_a_fold_of_before_is_taken(lines: Lines) -> None:
    """It knew no cuff, and its ramps began at what was shown; a session of then is not refused for it."""
    ramping = first(lines, "session", lambda session: session["last_values"]["ramps"])
    values = json.loads(lines[ramping])["data"]["last_values"]
    (name, ramp), *rest = values["ramps"].items()
    for by, is_taken in ((0.4, True), (2, False)):
        ramps = {**dict(rest), name: {**ramp, "from": ramp["from"] + by}}
        bad = wrong_with(b"".join(replaced(lines, ramping, last_values={**values, "ramps": ramps})))
        assert (bad is None) == is_taken, bad
    place = first(lines, "session", lambda session: session["last_values"]["nibp"] is not None)
    values = json.loads(lines[place])["data"]["last_values"]
    told = {name: value for name, value in values.items() if name != "cuff"} | {"nibp": None}
    assert (
        wrong_with(b"".join([*lines[:place], with_data(lines[place], last_values=told), *lines[place + 1 :]])) is None
    )


async def test_nothing_of_a_bad_file_is_kept(lines: Lines, database_url: str) -> None:
    """Also when thousands of lines before were good, and also what only the database can refuse."""
    for place in (3, len(lines) // 2, len(lines) - 1):
        assert isinstance(await taken_in(database_url, [*lines[:place], b"?\n", *lines[place + 1 :]]), Wrong)
    versions = [first(lines, "trainer"), first(lines, "trainer") + 1]
    twice = json.loads(lines[versions[0]])["data"]
    same = {name: twice[name] for name in ("sync_version", "first_version", "written")}
    refused = await taken_in(
        database_url, [*lines[: versions[1]], with_data(lines[versions[1]], **same), *lines[versions[1] + 1 :]]
    )
    assert isinstance(refused, Wrong)
    assert "cannot be stored" in refused.sentence
    seat = first(lines, "seat")
    assert isinstance(await taken_in(database_url, [*lines[: seat + 1], *lines[seat:]]), Wrong)
    assert await schools_in(database_url) == set()
    assert isinstance(await taken_in(database_url, lines), Imported)


async def test_a_line_may_be_long_but_not_endless(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "LONGEST_LINE_BYTES", 300)
    wrong = refusal([*lines[:2], b"x" * 1000 + b"\n"])
    assert (wrong.number, "longer" in wrong.sentence) == (3, True)


async def test_the_file_says_when_it_was_made(lines: Lines) -> None:
    told = [json.loads(line) for line in lines]
    assert lines[0] == write_line(ExportBegun(NOW, "0.0"), 0)
    assert told[0]["data"] == {"exported_at": "2026-11-21T09:30:00.123Z", "server": "0.0"}
    assert all(line["version"] == 1 for line in told)
