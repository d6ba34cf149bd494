"""What a hall server sent, read: sessions and events as they are at home, of which nothing is made up here.

By hand and not by a model: a hall's day is some hundred thousand events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, cast, get_args
from uuid import UUID, uuid5

from server.domain.annotations import Annotation, annotation_errors
from server.domain.attendance import SeatSpan
from server.domain.carried import carried_error
from server.domain.case import Case
from server.domain.events import (
    Author,
    AuthorRole,
    CaseAction,
    CloseReason,
    Event,
    EventKind,
    Fact,
    Written,
    read_fact,
)
from server.domain.hall_beside import BesideType
from server.domain.hall_records import SessionCopy, hash_of_events
from server.domain.halls import Hall
from server.domain.judging import OPERATIONS, Rejected
from server.domain.limits import read_limits, read_limits_since
from server.domain.outcomes import FieldError, InvalidBody, InvalidFields
from server.domain.patches import read_patch
from server.domain.session import CODE_ALPHABET, CODE_LENGTH, ForkedFrom, HomeHall, Seat, Session, title_errors
from server.domain.template import TemplateDraft, read_content
from server.domain.text import KEY_RULE, NOTE_LIMIT, TITLE_LIMIT, is_key, is_storable, read_details, shown, text_error
from server.domain.timestamps import read_timestamp, write_timestamp
from server.domain.vitals import SIGN_NAMES, START_VALUES, VitalsPatch
from server.service.sync.events import (
    DeviceFact,
    HallEvent,
    SentAnnotation,
    SentBeside,
    SentCopy,
    SentFact,
    UnreadableFact,
)
from server.service.sync.halls import stand_in
from server.transport.devices.hall_requests import AnnotationCopyBody, CaseCopyBody, SessionCopyBody
from server.transport.devices.reading import Envelope, read_device_event
from server.transport.moving.beside import read_beside
from server.transport.wire.ids import read_uuid
from server.transport.wire.reading import read_model, step_draft
from server.transport.wire.shapes import EventAnswer

_LARGEST_SEQ = 2**31 - 1
_EVENT_FIELDS = frozenset(EventAnswer.__annotations__)
_KINDS = frozenset(get_args(EventKind))
_ROLES = frozenset(get_args(AuthorRole))
_CASE_ACTIONS = frozenset(get_args(CaseAction))
_CLOSE_REASONS = frozenset(get_args(CloseReason))
# What follows from the events, or is this server's own.
_NOT_COPIED = frozenset(
    (
        "id", "school_id", "version", "updated_at", "deleted_at", "closed_at", "close_reason", "last_seq",
        "last_values", "paused_at", "event_count", "trainee_count", "hall", "lock", "names_out_at",
    )
)  # fmt: skip


def read_hall_event(envelope: Envelope, client: str, hall: Hall, now: datetime) -> HallEvent:
    match envelope.type:
        case "SESSION":
            return _read_copy(envelope, hall, now)
        case "SESSION_EVENT":
            return _read_fact(envelope)
        case "ANNOTATION":
            return _read_annotation(envelope, hall)
        case "SCORE_SHEET" | "REFLECTION" | "MOMENT":
            return _read_beside(envelope, envelope.type, hall)
        case "TRAINER":
            return envelope.refused("forbidden")
        case _:
            event = read_device_event(envelope, client, stand_in(hall), now)
            assert not isinstance(event, DeviceFact)  # noqa: S101 - those were read above
            return event


def refuse_changed(sent: Sequence[tuple[Envelope, HallEvent]]) -> list[HallEvent]:
    """The events as they were read; where the hall told a hash of those of a session, and they are not that, the one
    that told it cannot be taken.
    """
    payloads: defaultdict[UUID, list[Mapping[str, object]]] = defaultdict(list)
    told: dict[UUID, tuple[int, object]] = {}
    for place, (envelope, event) in enumerate(sent):
        if isinstance(event, SentFact):
            payloads[event.session_id].append(cast(Mapping[str, object], envelope.raw["payload"]))
            told[event.session_id] = place, envelope.raw.get("eventsSha256")
    events = [event for _, event in sent]
    for session_id, (place, wanted) in told.items():
        if wanted is not None and wanted != (found := hash_of_events(payloads[session_id])):
            envelope = sent[place][0]
            error = FieldError("eventsSha256", f"is {shown(str(wanted))}, but what came has {found}")
            refused = Rejected("invalid_fields", (error,))
            events[place] = UnreadableFact(envelope.id, session_id, envelope.entity_id, refused)
    return events


def _read_copy(envelope: Envelope, hall: Hall, now: datetime) -> HallEvent:
    raw, entity_id = envelope.raw, read_uuid(envelope.raw.get("entityId"))
    payload = raw.get("payload")
    if entity_id is None:
        return envelope.unreadable(FieldError("entityId", "must be a UUID"))
    if raw.get("operation") not in OPERATIONS or not isinstance(payload, dict):
        return envelope.unreadable(FieldError("payload", "must be an object, to be created or updated"))
    if raw.get("operation") == "DELETE":
        return envelope.refused("forbidden")
    sent = {name: value for name, value in cast(dict[str, object], payload).items() if name not in _NOT_COPIED}
    body = read_model(SessionCopyBody, sent)
    if isinstance(body, InvalidBody):
        return envelope.unreadable(FieldError("payload", body.detail))
    copy = body if isinstance(body, InvalidFields) else _copy_of(body, entity_id, hall, now)
    if isinstance(copy, InvalidFields):
        return envelope.unreadable(*(FieldError(f"payload.{each.field}", each.message) for each in copy.errors))
    return SentCopy(envelope.id, copy)


def _copy_of(body: SessionCopyBody, session_id: UUID, hall: Hall, now: datetime) -> SessionCopy | InvalidFields:
    errors = title_errors(
        title=body.title or None, public_title=body.public_title, trainee_name=body.trainee_name, is_stored=True
    )
    if len(body.code) != CODE_LENGTH or not set(body.code) <= set(CODE_ALPHABET):
        errors.append(FieldError("code", f"must have {CODE_LENGTH} of {CODE_ALPHABET}"))
    limits = read_limits(_sides(body.limits), errors)
    since = [(each.at, _sides(each.limits)) for each in body.limits_since]
    limits_since = read_limits_since(since, limits, errors)
    case = _read_case(body.case, errors)
    seats = tuple(Seat(seat.id, session_id, seat.name, seat.joined_at, seat.removed_at) for seat in body.seats)
    for place, seat in enumerate(seats):
        if not is_storable(seat.name) or len(seat.name) > TITLE_LIMIT:
            errors.append(FieldError(f"seats.{place}.name", "cannot be stored"))
    if errors:
        return InvalidFields(tuple(errors))
    forked = body.forked_from
    session = Session(
        id=session_id,
        code=body.code,
        title=body.title,
        trainee_name=body.trainee_name or None,
        trainer_id=body.trainer_id,
        school_id=hall.school_id,
        template_id=body.template_id,
        created_at=body.created_at,
        updated_at=now,
        expires_at=body.expires_at,
        last_values=START_VALUES,
        limits=limits,
        public_title=body.public_title,
        co_trainer_ids=tuple(body.co_trainer_ids),
        shows_conditions=body.shows_conditions,
        forked_from=None if forked is None else ForkedFrom(forked.session_id, forked.seq, forked.moves_trainees),
        hall=HomeHall(hall.id, hall.name, body.clock_offset_ms, now),
    )
    spans = tuple(
        SeatSpan(uuid5(seat.id, write_timestamp(span.joined_at)), seat.id, session_id, span.joined_at, span.left_at)
        for seat in body.seats
        for span in seat.spans
    )
    return SessionCopy(session, case, seats, spans, limits_since)


def _sides(limits: Mapping[str, Mapping[str, Any] | None]) -> Mapping[str, Mapping[str, object]]:
    return {name: sides or {} for name, sides in limits.items()}


def _read_case(body: CaseCopyBody | None, errors: list[FieldError]) -> Case | None:
    if body is None or body.template_id is None or body.template_version is None:
        return None
    draft = TemplateDraft(
        title="-",
        description=body.description,
        steps=tuple(step_draft(step) for step in body.steps),
        checklist=tuple(body.checklist),
        targets=tuple(body.targets),
        pass_percent=body.pass_percent,
    )
    content = read_content(draft)
    if isinstance(content, InvalidFields):
        errors += [FieldError(f"case.{each.field}", each.message) for each in content.errors]
        return None
    steps, checklist, targets = content.steps, content.checklist, content.targets
    return Case(
        body.template_id, body.template_version, body.description, steps, checklist, targets, content.pass_percent
    )


def _read_annotation(envelope: Envelope, hall: Hall) -> HallEvent:
    raw, payload = envelope.raw, envelope.raw.get("payload")
    if raw.get("operation") != "CREATE":
        return envelope.refused("forbidden")
    if not isinstance(payload, dict):
        return envelope.unreadable(FieldError("payload", "must be an object"))
    body = read_model(AnnotationCopyBody, cast(dict[str, object], payload))
    if isinstance(body, InvalidBody):
        return envelope.unreadable(FieldError("payload", body.detail))
    if isinstance(body, InvalidFields):
        return envelope.unreadable(*(FieldError(f"payload.{each.field}", each.message) for each in body.errors))
    if read_uuid(raw.get("entityId")) != body.id:
        return envelope.unreadable(FieldError("entityId", "must be the UUID of the annotation"))
    annotation = Annotation(
        id=body.id,
        session_id=body.session_id,
        school_id=hall.school_id,
        at=body.at,
        kind=body.kind,
        text=body.text,
        marker=body.marker,
        author=Author("trainer", body.by.id, body.by.name),
        created_at=body.created_at,
        updated_at=body.updated_at,
        version=body.version,
        deleted_at=body.deleted_at,
    )
    errors = annotation_errors(annotation, is_stored=True)
    if not is_storable(annotation.author.name) or len(annotation.author.name) > TITLE_LIMIT:
        errors = (*errors, FieldError("by.name", "cannot be stored"))
    if errors:
        return envelope.unreadable(*(FieldError(f"payload.{each.field}", each.message) for each in errors))
    return SentAnnotation(envelope.id, annotation)


def _read_beside(envelope: Envelope, type: BesideType, hall: Hall) -> HallEvent:
    raw, payload = envelope.raw, envelope.raw.get("payload")
    if raw.get("operation") != "CREATE":
        return envelope.refused("forbidden")
    if not isinstance(payload, dict):
        return envelope.unreadable(FieldError("payload", "must be an object"))
    row = read_beside(type, cast(dict[str, object], payload), hall.school_id)
    if isinstance(row, InvalidFields):
        return envelope.unreadable(*(FieldError(f"payload.{each.field}", each.message) for each in row.errors))
    if read_uuid(raw.get("entityId")) != row.id:
        return envelope.unreadable(FieldError("entityId", "must be the UUID of what is sent"))
    return SentBeside(envelope.id, row)


def _read_fact(envelope: Envelope) -> HallEvent:
    raw = envelope.raw
    sent = raw.get("payload")
    payload = cast(Mapping[str, object], sent) if isinstance(sent, dict) else dict[str, object]()
    session_id = read_uuid(payload.get("session_id"))
    if session_id is None:
        return envelope.unreadable(FieldError("payload.session_id", "must be a UUID"))

    def refuse(*errors: FieldError) -> UnreadableFact:
        return UnreadableFact(envelope.id, session_id, envelope.entity_id, Rejected("invalid_fields", errors))

    if raw.get("operation") != "CREATE":
        return UnreadableFact(envelope.id, session_id, envelope.entity_id, Rejected("forbidden"))
    entity_id = read_uuid(raw.get("entityId"))
    if entity_id is None or read_uuid(payload.get("id")) not in (None, entity_id):
        return refuse(FieldError("entityId", "must be the UUID of the event"))
    folded = raw.get("lastValuesSha256")
    if folded is not None and not isinstance(folded, str):
        return refuse(FieldError("lastValuesSha256", "must be a text"))
    event = _read_event(payload, entity_id, session_id)
    if isinstance(event, InvalidFields):
        return refuse(*(FieldError(f"payload.{each.field}", each.message) for each in event.errors))
    return SentFact(envelope.id, event, None if folded is None else shown(folded) if len(folded) != 64 else folded)


def _read_event(payload: Mapping[str, object], event_id: UUID, session_id: UUID) -> Event | InvalidFields:
    errors = [FieldError(shown(name), "is not a field of this") for name in payload if name not in _EVENT_FIELDS][:50]
    seq = payload.get("seq")
    if isinstance(seq, bool) or not isinstance(seq, int) or not 1 <= seq <= _LARGEST_SEQ:
        errors.append(FieldError("seq", f"must be a whole number from 1 to {_LARGEST_SEQ}"))
        seq = 0
    created_at = _read_moment(payload, "created_at", errors)
    is_made_then = payload.get("made_at") in (None, payload.get("created_at"))
    made_at = created_at if is_made_then else _read_moment(payload, "made_at", errors)
    by = _read_author(payload.get("by"), errors)
    fact = _read_what(payload, errors)
    if errors or created_at is None or made_at is None or by is None or fact is None:
        return InvalidFields(tuple(errors))
    return Event(event_id, session_id, seq, created_at, made_at, by, fact)


def _read_moment(payload: Mapping[str, object], name: str, errors: list[FieldError]) -> datetime | None:
    try:
        return read_timestamp(cast(str, payload[name]))
    except (KeyError, TypeError, ValueError, OverflowError):
        errors.append(FieldError(name, "must be a moment such as 2026-11-21T09:30:00.000Z"))
        return None


def _read_author(raw: object, errors: list[FieldError]) -> Author | None:
    by: Mapping[str, object] = cast(Any, raw) if isinstance(raw, dict) else {}
    role, name, author_id = by.get("role"), by.get("name"), by.get("id")
    read_id = read_uuid(author_id)
    is_known = isinstance(role, str) and role in _ROLES and (author_id is None or read_id is not None)
    is_named = isinstance(name, str) and len(name) <= TITLE_LIMIT and is_storable(name)
    if not is_known or not is_named:
        errors.append(FieldError("by", "must be {role, id, name}"))
        return None
    return _author(cast(AuthorRole, role), read_id, cast(str, name))


# Of a record nearly all events are by a few.
_author = lru_cache(maxsize=64)(Author)


def _read_what(payload: Mapping[str, object], errors: list[FieldError]) -> Fact | None:
    """What happened: the parts of it that its kind has."""
    kind = payload.get("kind")
    if kind not in _KINDS:
        errors.append(FieldError("kind", f"must be one of {', '.join(sorted(_KINDS))}"))
        return None
    patch = _read_patch(payload, errors) if kind == "vitals" else None
    written = Written(
        cast(EventKind, kind),
        patch,
        _read_text(payload.get("text"), errors),
        _read_details(cast(EventKind, kind), payload.get("details"), errors),
        _read_key(payload, "step", errors),
        _read_key(payload, "marker", errors),
    )
    return None if errors else read_fact(written)


def _read_patch(payload: Mapping[str, object], errors: list[FieldError]) -> VitalsPatch | None:
    signs = {name: value for name in SIGN_NAMES if (value := payload.get(name)) is not None}
    patch = read_patch(signs, payload.get("rhythm"), payload.get("flags"), payload.get("ramp_seconds"))
    if isinstance(patch, InvalidFields):
        errors += patch.errors
        return None
    return patch


def _read_text(raw: object, errors: list[FieldError]) -> str | None:
    if raw is None:
        return None
    error = (
        text_error("text", raw, NOTE_LIMIT, is_stored=True)
        if isinstance(raw, str)
        else FieldError("text", "must be a text")
    )
    if error is not None:
        errors.append(error)
        return None
    return cast(str, raw)


def _read_key(payload: Mapping[str, object], name: str, errors: list[FieldError]) -> str | None:
    raw = payload.get(name)
    if raw is None:
        return None
    if not isinstance(raw, str) or not is_key(raw):
        errors.append(FieldError(name, KEY_RULE))
        return None
    return raw


def _read_details(kind: EventKind, raw: object, errors: list[FieldError]) -> Mapping[str, object] | None:
    if raw is None and kind in ("vitals", "note"):
        return None
    named = cast(Mapping[str, object], raw) if isinstance(raw, dict) else dict[str, object]()
    # Where an action is named a second time, that counts for nothing of what its details may hold.
    details = read_details({name: each for name, each in named.items() if name != "action"})
    if isinstance(details, FieldError):
        errors.append(details)
        return None
    if kind == "vitals" and (error := carried_error(named)) is not None:
        errors.append(error)
    if kind == "case" and named.get("action") not in _CASE_ACTIONS:
        errors.append(FieldError("details.action", f"must be one of {', '.join(sorted(_CASE_ACTIONS))}"))
    if kind == "lifecycle" and named.get("reason") not in _CLOSE_REASONS:
        errors.append(FieldError("details.reason", f"must be one of {', '.join(sorted(_CLOSE_REASONS))}"))
    return named
