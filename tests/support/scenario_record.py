"""The record of a session is whole: promises 1 and 2, asked from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.support.scenario_clients import Json, Line, Person
from tests.support.scenario_outbox import Outbox
from tests.support.scenario_values import SIGNS, START_VALUES, folded, seconds_between, value_at


async def check_record(person: Person, session: Json, outboxes: Collection[Outbox]) -> list[Json]:
    """Confirmed means stored, once, in a seq without gaps that folds to last_values. The events, as they are stored."""
    events = await person.events(session)
    stored = {event["id"]: event for event in events}
    assert len(stored) == len(events)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    sent: set[str] = set()
    for outbox in outboxes:
        sent |= set(outbox.sent)
        for id_, event in outbox.events.items():
            assert stored.get(id_) == event
    assert {event["id"] for event in events if event["kind"] != "lifecycle"} <= sent
    now = await person.get(f"/sessions/{session['id']}")
    assert now["last_seq"] == len(events)
    check_values(now["last_values"], events)
    return events


def check_values(last_values: Mapping[str, Any], events: Collection[Mapping[str, Any]]) -> None:
    """They are the fold of the events: the targets, and where every sign stands while its ramp runs."""
    targets = {name: value for name, value in last_values.items() if name not in ("ramps", "cuff")}
    assert folded(events) == {**targets, "nibp": None}
    again = _with_ramps(events)
    for event in list(events)[-1:]:
        for seconds in (0, 1, 7, 20, 3600):
            moment = (datetime.fromisoformat(event["created_at"]) + timedelta(seconds=seconds)).isoformat()
            for sign in SIGNS:
                assert value_at(last_values, sign, moment) == value_at(again, sign, moment), (sign, seconds)


def check_order(outbox: Outbox) -> None:
    """What was sent on one line and never refused is stored in the order in which it was sent."""
    seqs = [outbox.events[id_]["seq"] for id_ in outbox.sent if id_ in outbox.events and id_ not in outbox.sent_again]
    assert seqs == sorted(seqs)


def check_told_once(watcher: Line, session: Json, events: Collection[Json]) -> None:
    """A watcher whose line held was told of every event of the session, each once and as it is stored."""
    told = [event for event in watcher.all("event:added") if event["session_id"] == session["id"]]
    assert sorted(event["seq"] for event in told) == [event["seq"] for event in events]
    assert sorted(told, key=lambda event: event["seq"]) == list(events)


def _with_ramps(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {**START_VALUES, "ramps": {}}
    for event in events:
        at, seconds = event["created_at"], event["ramp_seconds"]
        for sign in SIGNS:
            if event[sign] is not None:
                stands = _raw(values, sign, at)
                values["ramps"].pop(sign, None)
                values[sign] = event[sign]
                if seconds and stands != event[sign]:
                    values["ramps"][sign] = {"from": stands, "started_at": at, "seconds": seconds}
    return values


def _raw(values: Mapping[str, Any], sign: str, moment: str) -> float:
    """A ramp begins where the sign is then: in whole milliseconds, and not rounded."""
    ramp, value = values["ramps"].get(sign), values[sign]
    if ramp is None:
        return value
    share = max(0, round(seconds_between(ramp["started_at"], moment) * 1000)) / (ramp["seconds"] * 1000)
    return value if share >= 1 else ramp["from"] + (value - ramp["from"]) * share
