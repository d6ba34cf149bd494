"""A session and its case as they are inserted, whether opened here, sent by a hall, or moved here with their school."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import asyncpg

from server.domain.case import Case
from server.domain.limits import limits_as_json
from server.domain.moving import Edited
from server.domain.outcomes import ID_TAKEN, Conflict
from server.domain.session import Session, judge_new_session
from server.domain.sync import FieldWrite, written_as_json, written_at_first
from server.ports.results import AlreadyThere, CodeTaken
from server.storage.postgres.rows import case_values, forked_from_values, hall_values, lock_values

Values = Mapping[str, object]
_CASE_COLUMNS = (
    "session_id", "template_id", "template_version", "description", "steps", "checklist", "targets", "pass_percent",
)  # fmt: skip


def judge_taken(
    session: Session, stored: Session | None, taken: asyncpg.UniqueViolationError
) -> AlreadyThere[Session] | CodeTaken | Conflict:
    """Why it could not be inserted; `stored`: what is read under its id now."""
    if stored is None:
        # An id whose record was deleted stands for that from now on, and drawing another code would help nothing.
        return CodeTaken() if taken.constraint_name == "sessions_code_key" else ID_TAKEN
    known = judge_new_session(session, stored, is_code_taken=True)
    return AlreadyThere(known) if isinstance(known, Session) else ID_TAKEN


def insert_into(table: str, values: Values) -> str:
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"  # noqa: S608 - names of columns, from here


def edited_first(write: FieldWrite) -> Edited:
    """Of a row that is new with this write."""
    return Edited(write.version, write.version, written_at_first(write))


def edited_columns(edited: Edited) -> Values:
    return {
        "sync_version": edited.version,
        "first_version": edited.first_version,
        "written": written_as_json(edited.written),
    }


def session_columns(session: Session, edited: Edited) -> Values:
    hall = session.hall
    return {
        "id": session.id,
        "school_id": session.school_id,
        "trainer_id": session.trainer_id,
        "template_id": session.template_id,
        "code": session.code,
        "title": session.title,
        "public_title": session.public_title,
        "trainee_name": session.trainee_name,
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "expires_at": session.expires_at,
        "closed_at": session.closed_at,
        "close_reason": session.close_reason,
        "last_values": session.last_values.as_json(),
        "last_seq": session.last_seq,
        "limits": limits_as_json(session.limits),
        "version": session.version,
        "co_trainer_ids": session.co_trainer_ids,
        "shows_conditions": session.shows_conditions,
        "forked_from": forked_from_values(session.forked_from),
        "hall_id": hall.id if hall is not None and hall.is_home else None,
        "hall": hall_values(hall),
        "lock": lock_values(session.lock),
        "names_out_at": session.names_out_at,
        **edited_columns(edited),
    }


def case_columns(session_id: UUID, case: Case) -> Values:
    return dict(zip(_CASE_COLUMNS, case_values(session_id, case), strict=True))
