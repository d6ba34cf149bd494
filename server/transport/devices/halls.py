"""/api/sync with the token of a hall server (docs/api.md, Hall servers)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server import __version__
from server.domain.devices import EntityType
from server.domain.halls import Hall, HallContact, Waiting
from server.domain.outcomes import InvalidBody, InvalidFields, Refusal
from server.domain.permissions import HALLS_ONLY
from server.domain.timestamps import write_timestamp
from server.ports.slices import Slices, let_go
from server.service.sync.engine import UpOutcome
from server.service.sync.events import HallEvent
from server.service.sync.halls import Hello, stand_in
from server.service.sync.pages import Changes
from server.transport.devices.answers import show_to
from server.transport.devices.hall_reading import read_hall_event, refuse_changed
from server.transport.devices.hall_requests import HelloBody
from server.transport.devices.reading import Envelope, read_version
from server.transport.devices.requests import DownBody, UpBody
from server.transport.http.endpoint import Answer, Call, Endpoint

Asked = tuple[int, Sequence[EntityType], int]
"""Of a `down`: the cursor, the types, and how many at the most."""


async def up_from_hall(call: Call, body: UpBody, envelopes: Sequence[Envelope]) -> UpOutcome | Refusal:
    hall = _hall_of(call)
    slices = Slices()
    sent: list[tuple[Envelope, HallEvent]] = []
    for envelope in envelopes:
        sent.append((envelope, read_hall_event(envelope, body.clientId, hall, call.now)))
        await slices.breathe()
    events = refuse_changed(sent)
    show = show_to(stand_in(hall))
    after = read_version(body.lastSyncTimestamp) or 0
    outcome = await call.services.hall_calls.up(
        hall, body.clientId, body.serverEpoch, events, show, call.now, after=after
    )
    await let_go(sent, events)
    return outcome


async def down_to_hall(call: Call, hall: Hall, body: DownBody, asked: Asked) -> Changes | Refusal:
    """Whoever lets a trainer in knows the address: it is what they log in by."""
    show = show_to(stand_in(hall), with_addresses=True)
    return await call.services.hall_calls.down(hall, body.clientId, body.serverEpoch, *asked, show, call.now)


async def _hello(call: Call) -> Answer | Refusal:
    if call.hall is None:
        return HALLS_ONLY
    body = call.body(HelloBody)
    if isinstance(body, InvalidBody | InvalidFields):
        return body
    told = body.waiting
    waiting = Waiting(told.templates, told.sessions, told.events, told.since, told.annotations)
    contact = HallContact(body.clientId, body.release, waiting, body.clockOffsetMs)
    hello = await call.services.hall_calls.hello(call.hall, contact, body.sessions, call.now)
    if not isinstance(hello, Hello):
        return hello
    return Answer(200, {**_hello_answer(call.hall, hello), "serverTime": write_timestamp(call.services.clock())})


def _hello_answer(hall: Hall, hello: Hello) -> dict[str, Any]:
    return {
        "serverEpoch": hello.epoch,
        "release": __version__,
        "school": {"id": str(hello.school.id), "name": hello.school.name},
        "hall": {
            "id": str(hall.id),
            "name": hall.name,
            "trainers": "all" if hall.trainer_ids == "all" else [str(each) for each in hall.trainer_ids],
        },
        "sessions": {
            str(session.id): {
                "lastSeq": session.last_seq,
                "takenOver": session.hall is None or not session.hall.is_home or session.hall.id != hall.id,
                "lastEventId": None if (last := hello.last_events.get(session.id)) is None else str(last),
                "isForgotten": session.names_out_at is not None,
            }
            for session in hello.sessions.values()
        },
    }


def _hall_of(call: Call) -> Hall:
    if call.hall is None:
        raise AssertionError("this call is a hall's")
    return call.hall


ENDPOINTS = (
    Endpoint(
        "POST", "/sync/hello", "A hall server is in contact", _hello, {200: None}, ("forbidden", "hall_revoked"),
        bodies=(HelloBody,), base="/api", takes_halls=True,
    ),
)  # fmt: skip
