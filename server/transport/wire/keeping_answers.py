"""What the server says about how long a school keeps names and records."""

from __future__ import annotations

from datetime import datetime

from server.domain.free_texts import FreeText
from server.domain.people import Retention
from server.domain.retention import DueMeasure, told_at
from server.domain.seat_export import SeatExport
from server.domain.timestamps import write_optional_timestamp, write_timestamp
from server.transport.wire.answers import annotation_answer, event_answer
from server.transport.wire.keeping_shapes import DueAnswer, FreeTextAnswer, RetentionAnswer, SeatExportAnswer
from server.transport.wire.reflection_shapes import ToldReflectionAnswer
from server.transport.wire.score_shapes import ScoresAnswer


def retention_answer(retention: Retention) -> RetentionAnswer:
    return {
        "names_months": retention.names_months,
        "records_months": retention.records_months,
        "begins_at": write_optional_timestamp(retention.begins_at),
    }


def due_answer(due: DueMeasure, now: datetime) -> DueAnswer:
    session = due.session
    return {
        "session_id": str(session.id),
        "title": session.title,
        "created_at": write_timestamp(session.created_at),
        "ended_at": write_optional_timestamp(session.closed_at),
        "measure": due.measure,
        "since": write_timestamp(due.since),
        "at": write_timestamp(told_at(due, now)),
    }


def free_text_answer(text: FreeText) -> FreeTextAnswer:
    return {
        "id": str(text.id),
        "kind": text.kind,
        "at": write_optional_timestamp(text.at),
        "by": text.by,
        "text": text.text,
        "longest": text.longest,
    }


def seat_export_answer(
    export: SeatExport, scores: ScoresAnswer, own_words: list[ToldReflectionAnswer]
) -> SeatExportAnswer:
    session, seat = export.session, export.seat
    return {
        "session": {
            "id": str(session.id),
            "title": session.public_title or session.title,
            "created_at": write_timestamp(session.created_at),
            "closed_at": write_optional_timestamp(session.closed_at),
        },
        "seat": {
            "id": str(seat.id),
            "name": seat.name,
            "joined_at": write_timestamp(seat.joined_at),
            "removed_at": write_optional_timestamp(seat.removed_at),
        },
        "attendance": [
            {"joined_at": write_timestamp(span.joined_at), "left_at": write_optional_timestamp(span.left_at)}
            for span in export.attendance
        ],
        "actions": [event_answer(event) for event in export.actions],
        "notes": [event_answer(event) for event in export.notes],
        "annotations": [annotation_answer(annotation) for annotation in export.annotations],
        "moments": [{"seq": each.seq, "kind": each.kind, "title": each.title} for each in export.moments],
        "scores": scores,
        "own_words": own_words,
        "named_by": [
            {"kind": each.kind, "at": write_optional_timestamp(each.at), "by": each.by, "text": each.text}
            for each in export.named_by
        ],
    }
