"""Whatever is pushed, in whatever order: the record and the session tell the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.events import ActionTaken
from server.domain.outcomes import InvalidFields
from server.domain.record import Recorded
from server.domain.vitals import LastValues, VitalsPatch, fold
from server.ports.storage import Storage
from tests.support.folding import folded, record_of, sound_session
from tests.support.houses import House, open_session
from tests.support.making import NOW, a_note, a_push, later
from tests.support.strategies import patches, storable_json

pushes = st.tuples(st.integers(0, 90_000), patches)


# The storage lives as long as the whole test; each example has a session of its own in it.
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(pushes | st.just(None), min_size=1, max_size=12))
async def test_the_fold_of_the_record_is_last_values(
    storage: Storage,
    second_storage: Storage,
    house: House,
    steps: list[tuple[int, VitalsPatch] | None],
) -> None:
    session = await open_session(storage, house.trainer, expires_at=later(3600 * 24))
    expected, now, length = session.last_values, NOW, 0
    for number, step in enumerate(steps):
        place = (storage, second_storage)[number % 3 == 2]
        if step is None:
            draft, after = a_note(house.trainer), expected
        else:
            pause_ms, patch = step
            now += timedelta(milliseconds=pause_ms)
            draft, after = a_push(house.trainer, patch), fold(expected, patch, now)
        outcome = await place.sessions.append_event(session.id, house.trainer, draft, now)
        if isinstance(after, InvalidFields):
            assert outcome == after
        else:
            expected, length = after, length + 1
            assert isinstance(outcome, Recorded)
            assert outcome.session.last_values == expected
            assert outcome.event.fact == draft.fact
    stored = await sound_session(second_storage, session.id)
    assert (stored.last_values, stored.last_seq) == (expected, length)
    # The JSON that the screens get is the same too, the kinds of its numbers included.
    assert _as_sent(stored.last_values) == _as_sent(expected)
    assert folded(await record_of(storage, session.id)) == expected


# `action` is the action's own name there, whatever else is sent under it.
DETAIL_NAMES = st.text(st.characters(codec="ascii", categories=["L"])).filter(lambda name: name != "action")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(details=st.dictionaries(DETAIL_NAMES, storable_json, max_size=4))
async def test_details_come_back_as_they_went_in(
    storage: Storage, second_storage: Storage, house: House, details: dict[str, object]
) -> None:
    session = await open_session(storage, house.trainer)
    draft = replace(a_note(house.trainer), fact=ActionTaken("marker", details))
    await storage.sessions.append_event(session.id, house.trainer, draft, NOW)
    (event,) = await second_storage.sessions.events_after(session.id, 0, 10)
    assert event.fact == draft.fact


def _as_sent(last: LastValues) -> str:
    return json.dumps(last.as_json(), sort_keys=True)
