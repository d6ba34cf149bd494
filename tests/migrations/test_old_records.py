"""0003 on a record of before: what was recognised by its words or its content has a key afterwards."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from server.domain.events import CaseStarted, Event, NoteAdded, VitalsPushed
from server.domain.vitals import START_VALUES
from server.storage.migrations import migrate_down, migrate_up, migration_status
from server.storage.postgres import PostgresStorage
from tests.support.rows import contents

MIGRATION = "0003_events_and_cases"
SCHOOL, TRAINER, TEMPLATE, SESSION, OTHER = (str(uuid4()) for _ in range(5))
OPENED = "2026-11-21T09:30:00.000Z"

# As the server of then wrote it: no keys, and bare texts.
STEPS: list[dict[str, Any]] = [
    {"title": "Worse", "vitals": {"heart_rate": 120, "temperature": 38.0}, "ramp_seconds": 60},
    {"title": "The family arrives", "note": " Somebody cries\n"},
    {"title": "Worse again", "vitals": {"heart_rate": 120, "temperature": 38.0}, "ramp_seconds": 10},
    {"title": "Arrest", "rhythm": "asystole", "flags": {"pulseless": True, "haemorrhage": None}},
    {"title": "The end"},
]
CONTENT: dict[str, Any] = {
    "title": "Septic shock",
    "description": "Ward",
    "vitals": {"heart_rate": 100},
    "rhythm": None,
    "flags": {},
    "steps": [
        {"at_seconds": None, "ramp_seconds": 0, "vitals": {}, "rhythm": None, "flags": {}, "note": None, **step}
        for step in STEPS
    ],
    "limits": {},
    "checklist": ["Cultures", "Antibiotic"],
}
VITALS = {"heart_rate": 120, "temperature": 38.0}
# kind, columns; expected step, marker.
RECORD: list[tuple[str, dict[str, Any], str | None, str | None]] = [
    ("vitals", {"heart_rate": 100, "ramp_seconds": 0}, None, None),
    ("note", {"text": "Scenario starts"}, None, None),
    ("note", {"text": "Début du scénario"}, None, None),
    ("vitals", {**VITALS, "ramp_seconds": 3.5}, "step_1", None),
    ("note", {"text": "Adrénaline injectée"}, None, "adrenaline"),
    ("vitals", {**VITALS, "ramp_seconds": 0}, "step_3", None),
    ("vitals", {**VITALS, "ramp_seconds": 0}, None, None),
    ("vitals", {"heart_rate": 120, "ramp_seconds": 0}, None, None),
    ("note", {"text": "Somebody cries"}, "step_2", None),
    ("note", {"text": "IV access"}, None, "access"),
    ("note", {"text": "Appel à l’aide"}, None, "help"),
    ("note", {"text": "adrenaline given"}, None, None),
    (
        "vitals",
        {"rhythm": "asystole", "flags": {"pulseless": True, "haemorrhage": None}, "ramp_seconds": 0},
        "step_4",
        None,
    ),
    ("action", {"text": "marker", "details": {"action": "marker"}}, None, None),
    ("note", {"text": "The end"}, "step_5", None),
    ("lifecycle", {"details": {"reason": "closed"}}, None, None),
]
BARE: list[tuple[str, dict[str, Any]]] = [("vitals", VITALS), ("note", {"text": "Defibrillation"})]


@pytest.fixture
def old_url(empty_database_url: str) -> str:
    """A database of the first release, with a record in it."""
    migrate_up(empty_database_url)
    _back(empty_database_url)
    assert migrate_down(empty_database_url) == ["0002_sync_log"]
    _fill(empty_database_url)
    return empty_database_url


def _back(url: str) -> None:
    while next(one.is_applied for one in migration_status(url) if one.id == MIGRATION):
        migrate_down(url)


def _fill(url: str) -> None:
    with psycopg.connect(url) as connection:
        run = connection.execute
        run("INSERT INTO schools (id, name) VALUES (%s, 'Lab')", [SCHOOL])
        run(
            """INSERT INTO trainers (id, school_id, email, password_hash, name, role)
               VALUES (%s, %s, 'a@b', 'x', 'Ada', 'admin')""",
            [TRAINER, SCHOOL],
        )
        run(
            "INSERT INTO session_templates (id, school_id, content, version) VALUES (%s, %s, %s, 7)",
            [TEMPLATE, SCHOOL, Jsonb(CONTENT)],
        )
        last = START_VALUES.as_json()
        for session, template, code in ((SESSION, TEMPLATE, "ABCDEF"), (OTHER, None, "GHJKMN")):
            run(
                """INSERT INTO sessions (id, school_id, trainer_id, template_id, code, title, created_at, expires_at,
                                         last_values, last_seq, limits)
                   VALUES (%s, %s, %s, %s, %s, 'Old', %s, '2026-11-21T13:30Z', %s, %s, '{}')""",
                [session, SCHOOL, TRAINER, template, code, OPENED, Jsonb(last), len(RECORD) if template else len(BARE)],
            )
        _write(connection, SESSION, [(kind, columns) for kind, columns, _, _ in RECORD])
        _write(connection, OTHER, BARE)


def _write(connection: psycopg.Connection[Any], session: str, record: list[tuple[str, dict[str, Any]]]) -> None:
    for seq, (kind, columns) in enumerate(record, start=1):
        values = {
            "id": str(uuid4()),
            "session_id": session,
            "seq": seq,
            "kind": kind,
            "created_at": f"2026-11-21T09:30:{seq - 1:02}.000Z",
            "by_role": "trainer",
            "by_name": "Ada",
            **{name: Jsonb(value) if isinstance(value, dict) else value for name, value in columns.items()},
        }
        names = ", ".join(values)
        places = ", ".join(["%s"] * len(values))
        connection.execute(
            f"INSERT INTO session_events ({names}) VALUES ({places})",  # noqa: S608
            list(values.values()),
        )


async def _read(url: str, session: str) -> tuple[list[Event], Any]:
    storage = await PostgresStorage.open(url)
    try:
        events = await storage.sessions.events_after(UUID(session), 0, 100)
        return list(events), await storage.sessions.find_case(UUID(session))
    finally:
        await storage.close()


def _keys(events: list[Event]) -> list[tuple[str | None, str | None]]:
    return [
        (
            event.fact.step if isinstance(event.fact, VitalsPushed | NoteAdded) else None,
            event.fact.marker if isinstance(event.fact, NoteAdded) else None,
        )
        for event in events
    ]


async def test_steps_and_markers_of_old_records_have_their_keys(old_url: str) -> None:
    await asyncio.to_thread(migrate_up, old_url)
    events, case = await _read(old_url, SESSION)
    assert [event.seq for event in events] == list(range(1, len(RECORD) + 1))
    assert _keys(events) == [(step, marker) for _, _, step, marker in RECORD]
    assert [event.made_at for event in events] == [event.created_at for event in events]
    # Of two that began it, the later one did.
    assert [event.seq for event in events if event.fact == CaseStarted()] == [3]
    assert isinstance(events[1].fact, NoteAdded)
    assert (case.template_id, case.template_version, case.description) == (UUID(TEMPLATE), 7, "Ward")
    assert [(step.key, step.title) for step in case.steps] == [
        (f"step_{number}", step["title"]) for number, step in enumerate(STEPS, start=1)
    ]
    assert [(item.key, item.text) for item in case.checklist] == [("item_1", "Cultures"), ("item_2", "Antibiotic")]


async def test_a_session_without_a_template_has_markers_and_no_steps(old_url: str) -> None:
    await asyncio.to_thread(migrate_up, old_url)
    events, case = await _read(old_url, OTHER)
    assert case is None
    assert _keys(events) == [(None, None), (None, "defibrillation")]


def test_what_stood_there_stands_there_still_and_comes_back_twice(old_url: str) -> None:
    before = contents(old_url)
    migrate_up(old_url)
    after = contents(old_url)
    _back(old_url)
    back = contents(old_url)
    migrate_up(old_url)
    again = contents(old_url)
    assert _in_order(again) == _in_order(after)
    for old, new, returned in zip(_in_order(before), _in_order(after), _in_order(back), strict=True):
        started = new["kind"] == "case"
        assert {**old, "kind": "", "details": None} == {
            **{name: new[name] for name in old},
            "kind": "",
            "details": None,
        }
        assert (new["kind"], new["details"]) == (
            ("case", {"action": "started"}) if started else (old["kind"], old["details"])
        )
        assert returned == ({**old, "details": {"action": "started"}} if started else old)


def _in_order(tables: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return sorted(tables["session_events"], key=lambda event: (event["session_id"], event["seq"]))
