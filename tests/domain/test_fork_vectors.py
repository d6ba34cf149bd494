"""The vectors of forks, to which the screens are held as well: what a fork opens with, shows, and does next."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.domain.case import Case, stored_steps
from server.domain.forking import NewFork, begin, follow, fork
from server.domain.moves import next_move
from server.domain.outcomes import FieldError
from server.domain.people import School, Trainer
from server.domain.session import Session
from server.domain.timestamps import read_timestamp, write_timestamp
from server.domain.vitals import START_VALUES
from server.transport.moving import events as moving
from server.transport.moving.shapes import EventData
from server.transport.wire.answers import event_answer

_PATH = Path(__file__).parent.parent / "vectors" / "forks.json"
VECTORS: list[dict[str, Any]] = json.loads(_PATH.read_text(encoding="utf-8"))
SCHOOL = School(UUID(int=1), "Skills lab", datetime.fromisoformat("2026-11-28T09:00:00+00:00"))
TRAINER = Trainer(
    UUID(int=2), SCHOOL.id, "ada@example.org", "Ada", "trainer", SCHOOL.created_at, SCHOOL.created_at
)  # fmt: skip


def _source() -> Session:
    now = SCHOOL.created_at
    return Session(
        UUID(int=3), "ABCDEF", "Evening", None, TRAINER.id, SCHOOL.id, UUID(int=4), now, now,
        now + timedelta(hours=4), START_VALUES,
    )  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_a_fork_is_as_the_vector_says(vector: dict[str, Any]) -> None:
    answered = answer(vector)
    assert {part: answered[part] for part in ("opens_with", "last_values", "next")} == {
        part: vector[part] for part in ("opens_with", "last_values", "next")
    }


def answer(vector: dict[str, Any]) -> dict[str, Any]:
    errors: list[FieldError] = []
    source, steps = _source(), stored_steps(vector["steps"])
    events = [moving.event(EventData.model_validate(each), SCHOOL.id, errors) for each in vector["events"]]
    assert not errors
    case = Case(UUID(int=4), 1, "", steps, (), ())
    standing = follow(begin(source), [each for each in events if each is not None], case)
    made = fork(
        source, standing, case, TRAINER, NewFork(standing.seq), timedelta(hours=4),
        session_id=UUID(int=5), now=read_timestamp(vector["begins_at"]),
    )  # fmt: skip
    # As another server, or a file of the school, brings them.
    told = [json.loads(json.dumps(event_answer(each))) for each in made.events]
    back = [moving.event(EventData.model_validate(each), SCHOOL.id, errors) for each in told]
    assert (back, errors) == (list(made.events), [])
    move = next_move(steps, follow(begin(made.session), made.events, case).progress)
    return {
        "opens_with": [event_answer(each) for each in made.events],
        "last_values": made.session.last_values.as_json(),
        "next": None if move is None else {"at": write_timestamp(move.at), "to": move.transition.to},
    }
