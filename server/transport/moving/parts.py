"""What stands in the lines of a school that moves, judged by the rules by which it came in: every wrong field goes into
`errors`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.attendance import SeatSpan
from server.domain.audit import AuditEntry, Subject
from server.domain.case import Case
from server.domain.case_reading import read_checklist, read_steps, read_targets
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.devices import CLIENT_ID_LIMIT, Device, DeviceRevocation, EditConflict, ServerData
from server.domain.events import Author
from server.domain.limits import limits_from_json, read_limits, read_limits_since
from server.domain.moving import Edited, ExportBegun, Head, MovedSeat, MovedSession, MovedTemplate, MovedTrainer
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.patches import read_patch
from server.domain.people import School, Trainer, account_errors, normal_email
from server.domain.reflections import WORDS_LIMIT, Reflection
from server.domain.retention import LOCK_REASON_LIMIT, judge_retention
from server.domain.scores import ScoreSheet, read_any_items, read_any_scores
from server.domain.session import (
    CO_TRAINERS_LIMIT,
    CODE_ALPHABET,
    CODE_LENGTH,
    ForkedFrom,
    Seat,
    Session,
    SessionLock,
    title_errors,
)
from server.domain.sync import REST, FieldWrite
from server.domain.template import Template, judge_template, pass_percent_error
from server.domain.text import (
    DESCRIPTION_LIMIT,
    DISPLAY_NAME_LIMIT,
    KEY_RULE,
    NAME_LIMIT,
    NOTE_LIMIT,
    TITLE_LIMIT,
    is_key,
    is_storable,
    line_error,
    storable_error,
    text_error,
)
from server.domain.vitals import SIGN_NAMES, LastValues
from server.transport.moving.events import author, judge_choice, judge_details, note
from server.transport.moving.shapes import (
    AnnotationData,
    AuditData,
    CaseData,
    ConflictData,
    DeviceData,
    EditedData,
    EndData,
    ExportData,
    LockData,
    MomentData,
    NameData,
    ReflectionData,
    SchoolData,
    SeatData,
    ServerSideData,
    SessionData,
    SheetData,
    SpanData,
    TemplateData,
    TrainerData,
)
from server.transport.wire.reading import step_draft, template_draft

# A larger one makes each guess at a login take minutes of the processor.
_PASSWORD_HASH = re.compile(r"\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}")
_CODE = re.compile(f"[{CODE_ALPHABET}]{{{CODE_LENGTH}}}")


def export_begun(sent: ExportData, school_id: UUID, errors: list[FieldError]) -> ExportBegun:
    note(errors, line_error("server", sent.server, NAME_LIMIT, is_stored=True))
    return ExportBegun(sent.exported_at, sent.server)


def school(sent: SchoolData, school_id: UUID, errors: list[FieldError]) -> School:
    note(errors, line_error("name", sent.name, NAME_LIMIT, is_stored=True))
    retention = judge_retention(sent.names_months, sent.records_months, sent.created_at)
    if isinstance(retention, InvalidFields):
        errors.extend(retention.errors)
        return School(sent.id, sent.name, sent.created_at)
    return School(sent.id, sent.name, sent.created_at, replace(retention, begins_at=sent.retention_begins_at))


def _edited(sent: EditedData, errors: list[FieldError]) -> Edited:
    if sent.first_version > sent.sync_version:
        errors.append(FieldError("first_version", "is above sync_version"))
    if REST not in sent.written or any(write[0] > sent.sync_version for write in sent.written.values()):
        errors.append(FieldError("written", f'needs "{REST}", and no version above sync_version'))
    if not all(map(is_storable, (*sent.written, *(write[1] or "" for write in sent.written.values())))):
        errors.append(FieldError("written", "holds a character that cannot be stored"))
    written = {name: FieldWrite(*write) for name, write in sent.written.items()}
    return Edited(sent.sync_version, sent.first_version, written)


def trainer(sent: TrainerData, school_id: UUID, errors: list[FieldError]) -> MovedTrainer:
    errors.extend(account_errors(email=sent.email, name=sent.name, is_stored=True))
    if sent.email != normal_email(sent.email):
        errors.append(FieldError("email", "is not in lower case"))
    if not (sent.deleted_at is not None and sent.password_hash == "") and not _PASSWORD_HASH.fullmatch(
        sent.password_hash
    ):
        errors.append(FieldError("password_hash", "must be a bcrypt hash whose cost is from 4 to 14"))
    trainer = Trainer(
        id=sent.id,
        school_id=school_id,
        email=sent.email,
        name=sent.name,
        role=sent.role,
        created_at=sent.created_at,
        updated_at=sent.updated_at,
        deleted_at=sent.deleted_at,
        version=sent.version,
    )
    return MovedTrainer(trainer, sent.password_hash, _edited(sent, errors))


def template(sent: TemplateData, school_id: UUID, errors: list[FieldError]) -> MovedTemplate | None:
    edited = _edited(sent, errors)
    content = judge_template(template_draft(sent)[1])
    if isinstance(content, InvalidFields):
        errors.extend(content.errors)
        return None
    template = Template(
        id=sent.id,
        school_id=school_id,
        content=content,
        created_at=sent.created_at,
        updated_at=sent.updated_at,
        deleted_at=sent.deleted_at,
        version=sent.version,
    )
    return MovedTemplate(template, edited)


def session(sent: SessionData, school_id: UUID, errors: list[FieldError]) -> MovedSession | None:
    errors.extend(
        title_errors(
            title=sent.title or None,
            public_title=sent.public_title,
            trainee_name=sent.trainee_name,
            is_stored=True,
        )
    )
    limits = read_limits(sent.limits, errors)
    limits_since = read_limits_since([(each.at, each.limits) for each in sent.limits_since], limits, errors)
    if not _CODE.fullmatch(sent.code):
        errors.append(FieldError("code", f"must have {CODE_LENGTH} of {CODE_ALPHABET}"))
    if len(sent.co_trainer_ids) > CO_TRAINERS_LIMIT:
        errors.append(FieldError("co_trainer_ids", f"may hold at most {CO_TRAINERS_LIMIT} trainers"))
    if (sent.closed_at is None) != (sent.close_reason is None):
        errors.append(FieldError("close_reason", "stands there with closed_at, or neither does"))
    last_values = _last_values(sent.last_values, errors)
    case = None if sent.case is None else _case(sent.case, errors)
    edited = _edited(sent, errors)
    if errors or last_values is None:
        return None
    forked = sent.forked_from
    lock = None if sent.lock is None else _lock(sent.lock, errors)
    session = Session(
        id=sent.id,
        code=sent.code,
        title=sent.title,
        public_title=sent.public_title,
        trainee_name=sent.trainee_name,
        trainer_id=sent.trainer_id,
        co_trainer_ids=tuple(sent.co_trainer_ids),
        limits=limits_from_json(sent.limits),
        shows_conditions=sent.shows_conditions,
        forked_from=None if forked is None else ForkedFrom(forked.session_id, forked.seq, forked.moves_trainees),
        school_id=school_id,
        template_id=sent.template_id,
        created_at=sent.created_at,
        updated_at=sent.updated_at,
        expires_at=sent.expires_at,
        closed_at=sent.closed_at,
        close_reason=sent.close_reason,
        last_values=last_values,
        last_seq=sent.last_seq,
        version=sent.version,
        lock=lock,
        names_out_at=sent.names_out_at,
    )
    return MovedSession(session, case, edited, limits_since)


def _lock(sent: LockData, errors: list[FieldError]) -> SessionLock:
    note(errors, line_error("lock.reason", sent.reason, LOCK_REASON_LIMIT, is_stored=True))
    return SessionLock(sent.reason, _named(sent.by, "lock.by", errors), sent.at)


def _last_values(raw: Mapping[str, object], errors: list[FieldError]) -> LastValues | None:
    """Whether they are those that the record makes is asked when it has been read; here, whether they can be any."""
    signs = {name: raw.get(name) for name in SIGN_NAMES}
    patch = read_patch(signs, raw.get("rhythm"), raw.get("flags"), prefix="last_values.")
    if isinstance(patch, InvalidFields):
        errors.extend(patch.errors)
        return None
    try:
        return LastValues.from_json(raw)
    except (LookupError, TypeError, ValueError, AttributeError):
        errors.append(FieldError("last_values", "is not what a session shows"))
        return None


def _case(sent: CaseData, errors: list[FieldError]) -> Case:
    before = len(errors)
    note(errors, text_error("description", sent.description, DESCRIPTION_LIMIT, required=False))
    steps = read_steps([step_draft(step) for step in sent.steps], errors)
    checklist = read_checklist(sent.checklist, errors)
    targets = read_targets(sent.targets, errors)
    note(errors, pass_percent_error(sent.pass_percent))
    errors[before:] = [FieldError(f"case.{error.field}", error.message) for error in errors[before:]]
    return Case(sent.template_id, sent.template_version, sent.description, steps, checklist, targets, sent.pass_percent)


def seat(sent: SeatData, school_id: UUID, errors: list[FieldError]) -> MovedSeat:
    note(errors, line_error("name", sent.name, DISPLAY_NAME_LIMIT, is_stored=True))
    seat = Seat(sent.id, sent.session_id, sent.name, sent.joined_at, sent.removed_at)
    return MovedSeat(seat, None if sent.token_hash is None else bytes.fromhex(sent.token_hash))


def span(sent: SpanData, school_id: UUID, errors: list[FieldError]) -> SeatSpan:
    if sent.left_at is not None and sent.left_at < sent.joined_at:
        errors.append(FieldError("left_at", "is before joined_at"))
    return SeatSpan(sent.id, sent.seat_id, sent.session_id, sent.joined_at, sent.left_at)


def annotation(sent: AnnotationData, school_id: UUID, errors: list[FieldError]) -> Annotation:
    needs_text = sent.kind != "bookmark" and sent.marker is None
    note(errors, text_error("text", sent.text, NOTE_LIMIT, required=needs_text, is_stored=True))
    if sent.marker is not None and not is_key(sent.marker):
        errors.append(FieldError("marker", KEY_RULE))
    judge_choice("by.role", sent.by.role, ("trainer",), errors)
    return Annotation(
        id=sent.id,
        session_id=sent.session_id,
        school_id=school_id,
        at=sent.at,
        kind=sent.kind,
        text=sent.text,
        marker=sent.marker,
        author=author(sent.by, errors),
        created_at=sent.created_at,
        updated_at=sent.updated_at,
        version=sent.version,
        deleted_at=sent.deleted_at,
    )


def moment(sent: MomentData, school_id: UUID, errors: list[FieldError]) -> MomentEdit:
    if sent.title is not None:
        note(errors, line_error("title", sent.title, TITLE_LIMIT, is_stored=True))
    edit = MomentEdit(
        session_id=sent.session_id,
        school_id=school_id,
        seq=sent.seq,
        kind=sent.kind,
        is_hidden=sent.is_hidden,
        title=sent.title,
        updated_at=sent.updated_at,
        version=sent.version,
    )
    if sent.id != edit.id:
        errors.append(FieldError("id", "is not that of this moment"))
    return edit


def score_sheet(sent: SheetData, school_id: UUID, errors: list[FieldError]) -> ScoreSheet:
    note(errors, text_error("comment", sent.comment, NOTE_LIMIT, required=False))
    by = _named(sent.by, "by", errors)
    if by.id is None:
        errors.append(FieldError("by.id", "is an evaluator's"))
    sheet = ScoreSheet(
        session_id=sent.session_id,
        school_id=school_id,
        by=by,
        items=read_any_items(sent.items, errors),
        comment=sent.comment,
        created_at=sent.created_at,
        updated_at=sent.updated_at,
        version=sent.version,
    )
    if sent.id != sheet.id:
        errors.append(FieldError("id", "is not that of this evaluator's sheet"))
    return sheet


def reflection(sent: ReflectionData, school_id: UUID, errors: list[FieldError]) -> Reflection:
    note(errors, text_error("words", sent.words, WORDS_LIMIT, required=False))
    return Reflection(
        id=sent.id,
        session_id=sent.session_id,
        school_id=school_id,
        author_hash=bytes.fromhex(sent.author_hash),
        seat_id=sent.seat_id,
        words=sent.words,
        scores=read_any_scores(sent.scores, errors),
        version=sent.version,
    )


def audit(sent: AuditData, school_id: UUID, errors: list[FieldError]) -> AuditEntry:
    judge_details(sent.details, errors)
    if sent.subject.type == "school":
        errors.append(FieldError("subject.type", "must not be school: that stays where it happened"))
    by = _named(sent.by, "by", errors)
    subject = Subject(sent.subject.type, sent.subject.id)
    return AuditEntry(sent.id, school_id, sent.at, by, sent.action, subject, sent.details)


def device(sent: DeviceData, school_id: UUID, errors: list[FieldError]) -> Device:
    note(errors, text_error("client_id", sent.client_id, CLIENT_ID_LIMIT, required=False))
    revoked = sent.revoked
    return Device(
        school_id,
        sent.client_id,
        sent.trainer_id,
        sent.last_seen_at,
        revoked=None if revoked is None else DeviceRevocation(revoked.at, _named(revoked.by, "revoked.by", errors)),
    )


def conflict(sent: ConflictData, school_id: UUID, errors: list[FieldError]) -> EditConflict:
    note(errors, text_error("client_id", sent.client_id, CLIENT_ID_LIMIT, required=False))
    if error := storable_error("local_payload", [sent.local_payload, sent.local_fields]):
        errors.append(error)
    server = sent.server_data
    return EditConflict(
        id=sent.id,
        school_id=school_id,
        client_id=sent.client_id,
        trainer_id=sent.trainer_id,
        event_id=sent.event_id,
        entity_type=sent.entity_type,
        entity_id=sent.entity_id,
        reason=sent.reason,
        local_payload=sent.local_payload,
        data=None if server is None else _server_data(server, errors),
        created_at=sent.created_at,
        local_fields=None if sent.local_fields is None else frozenset(sent.local_fields),
    )


def _server_data(sent: ServerSideData, errors: list[FieldError]) -> ServerData:
    note(errors, storable_error("server_data", sent.payload))
    by = None if sent.written_by is None else _named(sent.written_by, "server_data.written_by", errors)
    return ServerData(sent.version, sent.deleted, sent.payload, sent.written_at, by)


def _named(sent: NameData, field: str, errors: list[FieldError]) -> Author:
    note(errors, line_error(f"{field}.name", sent.name, NAME_LIMIT, is_stored=True))
    return Author("system" if sent.id is None else "trainer", sent.id, sent.name)


def head(sent: EndData, school_id: UUID, errors: list[FieldError]) -> Head:
    return Head(sent.sync_version)
