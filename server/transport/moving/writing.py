"""The lines of a school that moves: one JSON object each, `{"type", "version", "data"}`.

The names in `data` are in alphabetical order, so that the same school is the same text from every storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from server.domain.annotations import Annotation
from server.domain.attendance import SeatSpan
from server.domain.audit import AuditEntry
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.devices import Device, EditConflict
from server.domain.events import Author, Event
from server.domain.moving import (
    Edited,
    ExportBegun,
    Head,
    MovedSeat,
    MovedSession,
    MovedTemplate,
    MovedTrainer,
    Part,
)
from server.domain.people import School
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.session import ForkedFrom
from server.domain.sync import written_as_json
from server.domain.timestamps import write_optional_timestamp, write_timestamp
from server.json_text import write_sorted_json
from server.transport.wire.answers import (
    annotation_answer,
    audit_answer,
    case_answer,
    event_answer,
    limits_since_answer,
    session_answer,
    template_answer,
    trainer_answer,
)

LINE_VERSION = 1
_WRITTEN_WITHOUT_POINT = 1e16

Data = Mapping[str, object]


def told_as(part: Part, lines_before: int) -> Data:
    """The `data` of its line."""
    return _told(part, lines_before)[1]


def write_line(part: Part, lines_before: int) -> bytes:
    type, data = _told(part, lines_before)
    return b'{"type":"%s","version":%d,"data":%s}\n' % (type.encode(), LINE_VERSION, write_sorted_json(data))


def _told(part: Part, lines_before: int) -> tuple[str, Data]:  # noqa: C901 - one line for each type
    match part:
        case ExportBegun(exported_at, server):
            return "export", {"exported_at": write_timestamp(exported_at), "server": server}
        case School():
            return "school", _school(part)
        case MovedTrainer(trainer, password_hash, edited):
            return "trainer", {
                **_without(trainer_answer(trainer), "school_id"),
                "password_hash": password_hash,
                **_edited(edited),
            }
        case MovedTemplate(template, edited):
            return "template", {**_without(template_answer(template), "school_id"), **_edited(edited)}
        case MovedSession(session, case, edited, limits_since):
            return "session", {
                **_without(session_answer(session), "school_id", "paused_at", "hall", "clock_offset_ms"),
                **_forked_from(session.forked_from),
                "case": None if case is None else case_answer(case),
                "limits_since": limits_since_answer(limits_since),
                **_edited(edited),
            }
        case MovedSeat():
            return "seat", _seat(part)
        case Event():
            return "event", _with_plain(event_answer(part), "details")
        case SeatSpan():
            return "attendance", _span(part)
        case Annotation():
            return "annotation", cast(Data, annotation_answer(part))
        case MomentEdit():
            return "moment", _moment(part)
        case ScoreSheet():
            return "score_sheet", _sheet(part)
        case Reflection():
            return "reflection", _reflection(part)
        case AuditEntry():
            return "audit", _with_plain(audit_answer(part), "details")
        case Device():
            return "device", _device(part)
        case EditConflict():
            return "conflict", _conflict(part)
        case Head(version):
            return "end", {"sync_version": version, "lines": lines_before + 1}


def _edited(edited: Edited) -> Data:
    return {
        "sync_version": edited.version,
        "first_version": edited.first_version,
        "written": written_as_json(edited.written),
    }


def _forked_from(forked: ForkedFrom | None) -> Data:
    """With what clients are not told: trainees who were away find their way by it."""
    if forked is None or not forked.moves_trainees:
        return {}
    return {"forked_from": {"session_id": str(forked.session_id), "seq": forked.seq, "moves_trainees": True}}


def _school(school: School) -> Data:
    retention = school.retention
    return {
        "id": str(school.id),
        "name": school.name,
        "created_at": write_timestamp(school.created_at),
        "names_months": retention.names_months,
        "records_months": retention.records_months,
        "retention_begins_at": write_optional_timestamp(retention.begins_at),
    }


def _seat(part: MovedSeat) -> Data:
    seat = part.seat
    return {
        "id": str(seat.id),
        "session_id": str(seat.session_id),
        "name": seat.name,
        "joined_at": write_timestamp(seat.joined_at),
        "removed_at": write_optional_timestamp(seat.removed_at),
        "token_hash": None if part.token_hash is None else part.token_hash.hex(),
    }


def _moment(edit: MomentEdit) -> Data:
    return {
        "id": str(edit.id),
        "session_id": str(edit.session_id),
        "seq": edit.seq,
        "kind": edit.kind,
        "is_hidden": edit.is_hidden,
        "title": edit.title,
        "updated_at": write_timestamp(edit.updated_at),
        "version": edit.version,
    }


def _sheet(sheet: ScoreSheet) -> Data:
    return {
        "id": str(sheet.id),
        "session_id": str(sheet.session_id),
        "by": _name(sheet.by),
        "items": {key: item.as_json() for key, item in sheet.items.items()},
        "comment": sheet.comment,
        "created_at": write_timestamp(sheet.created_at),
        "updated_at": write_timestamp(sheet.updated_at),
        "version": sheet.version,
    }


def _reflection(reflection: Reflection) -> Data:
    """The hash too: a seat that comes back finds its own words again."""
    return {
        "id": str(reflection.id),
        "session_id": str(reflection.session_id),
        "author_hash": reflection.author_hash.hex(),
        "seat_id": None if reflection.seat_id is None else str(reflection.seat_id),
        "words": reflection.words,
        "scores": dict(reflection.scores),
        "version": reflection.version,
    }


def _span(span: SeatSpan) -> Data:
    return {
        "id": str(span.id),
        "seat_id": str(span.seat_id),
        "session_id": str(span.session_id),
        "joined_at": write_timestamp(span.joined_at),
        "left_at": write_optional_timestamp(span.left_at),
    }


def _device(device: Device) -> Data:
    revoked = device.revoked
    return {
        "client_id": device.client_id,
        "trainer_id": None if device.trainer_id is None else str(device.trainer_id),
        "last_seen_at": write_timestamp(device.last_seen_at),
        "revoked": None if revoked is None else {"at": write_timestamp(revoked.at), "by": _name(revoked.by)},
    }


def _conflict(conflict: EditConflict) -> Data:
    data = conflict.data
    server = None
    if data is not None:
        server = {
            "version": data.version,
            "deleted": data.is_deleted,
            "payload": data.payload,
            "written_at": write_optional_timestamp(data.written_at),
            "written_by": None if data.written_by is None else _name(data.written_by),
        }
    return {
        "id": str(conflict.id),
        "client_id": conflict.client_id,
        "trainer_id": None if conflict.trainer_id is None else str(conflict.trainer_id),
        "event_id": str(conflict.event_id),
        "entity_type": conflict.entity_type,
        "entity_id": str(conflict.entity_id),
        "reason": conflict.reason,
        "local_payload": _plain(conflict.local_payload),
        "local_fields": None if conflict.local_fields is None else sorted(conflict.local_fields),
        "server_data": _plain(server),
        "created_at": write_timestamp(conflict.created_at),
    }


def _name(author: Author) -> Data:
    """Of whoever has an account, or of nobody who has."""
    return {"id": None if author.id is None else str(author.id), "name": author.name}


def _without(answer: Mapping[str, Any], *names: str) -> Data:
    return {name: value for name, value in answer.items() if name not in names}


def _with_plain(answer: Mapping[str, Any], name: str) -> Data:
    return {**answer, name: _plain(answer[name])}


def _plain(value: Any) -> Any:
    """Free JSON as a database gives it back: numbers stand there by their digits."""
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in cast(dict[str, Any], value).items()}
        case list():
            return [_plain(inner) for inner in cast(list[Any], value)]
        case float() if not value:
            return 0.0
        case float() if abs(value) >= _WRITTEN_WITHOUT_POINT:
            return int(Decimal(repr(value)))
        case _:
            return value
