"""What a hall sends of a template, a session, an event, or what is written beside them: of the same state it has the
same id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import cast

from server.domain.annotations import Annotation
from server.domain.attendance import SeatAttendance, joined_spans
from server.domain.events import Event
from server.domain.hall_beside import beside_type
from server.domain.limits import LimitsSince
from server.domain.session import ForkedFrom, Session
from server.domain.template import TEMPLATE_FIELDS, Template
from server.domain.timestamps import write_optional_timestamp, write_timestamp
from server.domain.upstream import Link, event_id, outgoing
from server.json_text import write_json
from server.ports.upstream import BesideRecord, BesideRecordType, SessionPut, WaitingTemplate
from server.transport.moving.beside import told_beside
from server.transport.wire.answers import (
    annotation_answer,
    case_answer,
    event_answer,
    limits_since_answer,
    session_answer,
    template_answer,
)

Envelope = Mapping[str, object]


def template_envelope(link: Link, waiting: WaitingTemplate) -> Envelope:
    row, template = waiting.row, waiting.row.entity
    edit = outgoing(link.met.hall_id, link.met.epoch, "TEMPLATE", template.id, row, waiting.mark, TEMPLATE_FIELDS)
    envelope: dict[str, object] = {
        "id": str(edit.id),
        "entityType": "TEMPLATE",
        "entityId": str(template.id),
        "operation": edit.operation,
        "payload": None if row.is_deleted else _template_payload(template),
        "localVersion": edit.local_version,
        "seq": edit.seq,
    }
    return envelope if edit.changed is None else {**envelope, "changedFields": sorted(edit.changed)}


def _template_payload(template: Template) -> Mapping[str, object]:
    return {name: value for name, value in template_answer(template).items() if name in TEMPLATE_FIELDS}


def session_envelope(link: Link, put: SessionPut) -> Envelope:
    session = put.session
    payload: dict[str, object] = {
        **session_answer(session),
        **_sent_over(session.forked_from),
        **_limits_since(put.limits_since),
        "case": None if put.case is None else case_answer(put.case),
        "seats": [_seat_payload(session, attendance) for attendance in put.attendance],
        "clock_offset_ms": link.offset_ms,
    }
    # By its content: who sits there changes, and the session's version does not.
    digest = hashlib.sha256(write_json(payload).encode()).hexdigest()
    return {
        "id": str(event_id(link.met.hall_id, link.met.epoch, "SESSION", session.id, digest)),
        "entityType": "SESSION",
        "entityId": str(session.id),
        "operation": "CREATE",
        "payload": payload,
        "localVersion": 0,
    }


def _sent_over(forked: ForkedFrom | None) -> Mapping[str, object]:
    """That the trainees went there, too, which clients are not told."""
    if forked is None or not forked.moves_trainees:
        return {}
    return {"forked_from": {"session_id": str(forked.session_id), "seq": forked.seq, "moves_trainees": True}}


def _limits_since(limits_since: Sequence[LimitsSince]) -> Mapping[str, object]:
    """Only where they were changed: a central of an earlier version does not know it."""
    return {"limits_since": limits_since_answer(limits_since)} if limits_since else {}


def _seat_payload(session: Session, attendance: SeatAttendance) -> Mapping[str, object]:
    seat = attendance.seat
    return {
        "id": str(seat.id),
        "name": seat.name,
        "joined_at": write_timestamp(seat.joined_at),
        "removed_at": write_optional_timestamp(seat.removed_at),
        "spans": [
            {"joined_at": write_timestamp(span.joined_at), "left_at": write_optional_timestamp(span.left_at)}
            for span in joined_spans(attendance.spans, session.closed_at)
        ],
    }


def beside_envelope(link: Link, row: BesideRecord) -> Envelope:
    payload = cast(Mapping[str, object], annotation_answer(row)) if isinstance(row, Annotation) else told_beside(row)
    # By its content: a hall whose disk was put back counts its versions anew.
    digest = hashlib.sha256(write_json(payload).encode()).hexdigest()
    return {
        "id": str(event_id(link.met.hall_id, link.met.epoch, type_beside(row), row.id, digest)),
        "entityType": type_beside(row),
        "entityId": str(row.id),
        "operation": "CREATE",
        "payload": payload,
        "localVersion": 0,
    }


def type_beside(row: BesideRecord) -> BesideRecordType:
    return "ANNOTATION" if isinstance(row, Annotation) else beside_type(row)


def event_envelope(event: Event) -> dict[str, object]:
    return {
        "id": str(event.id),
        "entityType": "SESSION_EVENT",
        "entityId": str(event.id),
        "operation": "CREATE",
        "localVersion": 0,
        "payload": cast(Mapping[str, object], event_answer(event)),
    }


def size_of(event: Event) -> int:
    """About so many bytes as JSON; only what people write, and what came with an action, is ever long."""
    return 700 + 8 * len(str(event.fact)) if event.kind != "vitals" else 900
