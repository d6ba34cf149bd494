"""The events in the lines of a school that moves, judged by their kind; and what other lines share with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID

from server.domain.carried import carried_error
from server.domain.events import Author, CaseAction, CloseReason, Event, Written, read_fact
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.patches import read_patch
from server.domain.text import (
    KEY_RULE,
    NAME_LIMIT,
    NOTE_LIMIT,
    is_key,
    line_error,
    read_details,
    text_error,
)
from server.domain.vitals import SIGN_NAMES, VitalsPatch
from server.transport.moving.shapes import (
    AuthorData,
    EventData,
)


def event(sent: EventData, school_id: UUID, errors: list[FieldError]) -> Event | None:
    by = author(sent.by, errors)
    if sent.made_at > sent.created_at:
        errors.append(FieldError("made_at", "is later than created_at"))
    for name in ("step", "marker"):
        value = getattr(sent, name)
        if value is not None and not is_key(value):
            errors.append(FieldError(name, KEY_RULE))
    patch = _patch(sent, errors)
    _judge_words(sent, patch, errors)
    if errors:
        return None
    written = Written(sent.kind, patch, sent.text, sent.details, sent.step, sent.marker)
    return Event(
        id=sent.id,
        session_id=sent.session_id,
        seq=sent.seq,
        created_at=sent.created_at,
        made_at=sent.made_at,
        by=by,
        fact=read_fact(written),
    )


def _patch(sent: EventData, errors: list[FieldError]) -> VitalsPatch | None:
    if sent.kind != "vitals":
        return None
    signs = {name: value for name in SIGN_NAMES if (value := getattr(sent, name)) is not None}
    patch = read_patch(signs, sent.rhythm, sent.flags, sent.ramp_seconds)
    if isinstance(patch, InvalidFields):
        errors.extend(FieldError(error.field.removeprefix("vitals."), error.message) for error in patch.errors)
        return None
    return patch


def _judge_words(sent: EventData, patch: VitalsPatch | None, errors: list[FieldError]) -> None:
    details = sent.details or {}
    match sent.kind:
        case "vitals":
            if patch is not None and patch.is_empty() and sent.step is None:
                errors.append(FieldError("kind", "is vitals, and nothing changes"))
            _judge_cause(details, errors)
            note(errors, carried_error(details))
        case "note":
            if sent.text is not None or (sent.marker is None and details.get("redacted") is not True):
                note(errors, text_error("text", sent.text or "", NOTE_LIMIT, is_stored=True))
        case "action":
            note(errors, None if is_key(sent.text or "") else FieldError("text", KEY_RULE))
            judge_details({name: value for name, value in details.items() if name != "action"}, errors)
        case "case":
            judge_choice("details.action", details.get("action"), get_args(CaseAction), errors)
            _judge_cause(details, errors)
        case "lifecycle":
            judge_choice("details.reason", details.get("reason"), get_args(CloseReason), errors)


def _judge_cause(details: Mapping[str, Any], errors: list[FieldError]) -> None:
    judge_details(details, errors)
    left = details.get("from")
    if left is not None and not (isinstance(left, str) and is_key(left)):
        errors.append(FieldError("details.from", KEY_RULE))
    if "because" in details and not isinstance(details["because"], dict):
        errors.append(FieldError("details.because", "must be an object"))


def judge_choice(field: str, value: object, known: tuple[str, ...], errors: list[FieldError]) -> None:
    if value not in known:
        errors.append(FieldError(field, f"must be one of {', '.join(known)}"))


def judge_details(raw: object, errors: list[FieldError], field: str = "details") -> None:
    read = read_details(raw, field)
    if isinstance(read, FieldError):
        errors.append(read)


def author(sent: AuthorData, errors: list[FieldError]) -> Author:
    note(errors, line_error("by.name", sent.name, NAME_LIMIT, is_stored=True))
    match sent.role, sent.id:
        case ("system", UUID()) | ("trainer" | "trainee", None):
            errors.append(FieldError("by.id", "is a trainer's or a seat's, and null for the system alone"))
        case _:
            pass
    return Author(sent.role, sent.id, sent.name)


def note(errors: list[FieldError], error: FieldError | None) -> None:
    if error is not None:
        errors.append(error)
