"""What the server says about how long a school keeps names and records."""

from __future__ import annotations

from datetime import datetime

from server.domain.people import Retention
from server.domain.retention import Due, told_at
from server.domain.timestamps import write_optional_timestamp, write_timestamp
from server.transport.wire.keeping_shapes import DueAnswer, RetentionAnswer


def retention_answer(retention: Retention) -> RetentionAnswer:
    return {
        "names_months": retention.names_months,
        "records_months": retention.records_months,
        "begins_at": write_optional_timestamp(retention.begins_at),
    }


def due_answer(due: Due, now: datetime) -> DueAnswer:
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
