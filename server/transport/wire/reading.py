"""From what a client sent to what the services understand, or to the refusal that says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel, ValidationError

from server.domain.case_reading import StepDraft
from server.domain.dry_run import Tried
from server.domain.events import (
    ActionTaken,
    Author,
    AutomationSwitched,
    CaseFact,
    CasePaused,
    CaseResumed,
    CaseStarted,
    EventDraft,
    NoteAdded,
    VitalsPushed,
)
from server.domain.nesting import nesting_errors
from server.domain.nibp import details_error
from server.domain.opening import NewSession
from server.domain.outcomes import ERRORS_TOLD, FieldError, InvalidBody, InvalidFields, invalid
from server.domain.patches import read_patch
from server.domain.session import SessionChange
from server.domain.template import TemplateDraft
from server.domain.text import KEY_RULE, NOTE_LIMIT, is_key, one_line, read_details, text_error
from server.domain.vitals import VitalsPatch
from server.transport.wire.requests import (
    ActionEventBody,
    ActionMessage,
    CaseEventBody,
    ControlMessage,
    DryRunBody,
    Id,
    Moment,
    NoteEventBody,
    NoteMessage,
    Request,
    SessionBody,
    SessionChangeBody,
    StepBody,
    TemplateBody,
    TemplateChangeBody,
    VitalsEventBody,
    VitalsMessage,
)

Model = TypeVar("Model", bound=BaseModel)

EventBody = VitalsEventBody | NoteEventBody | ActionEventBody | CaseEventBody


class _EventHead(Request):
    id: Id
    made_at: Moment | None = None


_EVENT_BODIES: Mapping[str, type[EventBody]] = {
    "vitals": VitalsEventBody,
    "note": NoteEventBody,
    "action": ActionEventBody,
    "case": CaseEventBody,
}
_LONGEST_INTEGER = 100
# The library's own words, in our words.
_EXPECTED = {
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
}
# How the library ends the place of a name that cannot be one, behind that name.
_OF_A_NAME, _NAMED_AT = "[key]", 2
NOT_JSON = InvalidBody("The body is not JSON.")
FAR_TOO_DEEP = InvalidBody("The body is nested too deeply to be read.")


def read_json(body: bytes) -> object | InvalidBody:
    """Any JSON text. NaN and Infinity pass, so that they are refused by the name of their field."""
    try:
        return json.loads(body.decode("utf-8"), parse_int=read_integer)
    except RecursionError:
        return FAR_TOO_DEEP
    except ValueError:
        return NOT_JSON


def read_model(
    model: type[Model], raw: object, judged_alone: Collection[str] = ()
) -> Model | InvalidBody | InvalidFields:
    """Whether what is in `judged_alone` is nested too deeply is for the caller to ask."""
    if not isinstance(raw, dict):
        return InvalidBody("This takes a JSON object.")
    fields = _without_excess(model, cast(dict[object, object], raw))
    too_deep = nesting_errors({name: value for name, value in fields.items() if name not in judged_alone})
    try:
        read = model.model_validate(fields)
    except ValidationError as error:
        wrong = tuple(
            FieldError(_path(problem["loc"]), _message(problem))
            for problem in error.errors(include_url=False, include_input=False)
        )
        return InvalidFields((*(error for error in too_deep if error.field in model.model_fields), *wrong))
    return InvalidFields(too_deep) if too_deep else read


def _without_excess(model: type[BaseModel], raw: dict[object, object]) -> dict[object, object]:
    """Of thousands of unknown fields a few are enough to be refused for; each takes time to be refused."""
    known = model.model_fields
    if len(raw) <= len(known) + ERRORS_TOLD:
        return raw
    unknown = [name for name in raw if name not in known][:ERRORS_TOLD]
    return {name: raw[name] for name in known if name in raw} | dict.fromkeys(unknown)


def event_model(raw: object) -> type[EventBody] | None:
    """Which of the four bodies of `POST …/events` was sent, by its `kind`; None for one that is none of them."""
    kind = cast(dict[str, object], raw).get("kind") if isinstance(raw, dict) else None
    return _EVENT_BODIES.get(kind) if isinstance(kind, str) else None


def read_event(raw: object) -> EventBody | InvalidBody | InvalidFields:
    if (model := event_model(raw)) is not None:
        return read_model(model, raw)
    if not isinstance(raw, dict):
        return InvalidBody("This takes a JSON object.")
    sent = cast(dict[str, object], raw)
    # What every event has is judged all the same.
    common = read_model(_EventHead, {name: sent[name] for name in _EventHead.model_fields if name in sent})
    errors = common.errors if isinstance(common, InvalidFields) else ()
    return InvalidFields((FieldError("kind", 'must be "vitals", "note", "action" or "case"'), *errors))


def vitals_draft(sent: VitalsEventBody | VitalsMessage, by: Author) -> EventDraft | InvalidFields:
    patch = read_patch(sent.vitals, sent.rhythm, sent.flags, sent.ramp_seconds)
    if sent.step is not None and not is_key(sent.step):
        errors = patch.errors if isinstance(patch, InvalidFields) else ()
        return InvalidFields((*errors, FieldError("step", KEY_RULE)))
    if isinstance(patch, InvalidFields):
        return patch
    if patch.is_empty() and sent.step is None:
        return invalid("vitals", "names nothing to change: name a vital sign, a rhythm, a flag or a step")
    return EventDraft(sent.id, by, VitalsPushed(patch, sent.step), sent.made_at)


def note_draft(sent: NoteEventBody | NoteMessage, by: Author) -> EventDraft | InvalidFields:
    errors: list[FieldError] = []
    if sent.marker is not None and not is_key(sent.marker):
        errors.append(FieldError("marker", KEY_RULE))
    text = None
    if sent.text is not None or sent.marker is None:
        text = (sent.text or "").strip()
        if error := text_error("text", sent.text or "", NOTE_LIMIT):
            errors.append(error)
    return (
        InvalidFields(tuple(errors)) if errors else EventDraft(sent.id, by, NoteAdded(text, sent.marker), sent.made_at)
    )


def action_draft(sent: ActionEventBody | ActionMessage, by: Author) -> EventDraft | InvalidFields:
    if not is_key(sent.action):
        return invalid("action", KEY_RULE)
    details: Mapping[str, object] = {}
    if sent.details is not None:
        read = read_details(sent.details)
        if isinstance(read, FieldError):
            return InvalidFields((read,))
        details = {name: value for name, value in read.items() if name != "action"}
    if error := details_error(sent.action, details):
        return InvalidFields((error,))
    return EventDraft(sent.id, by, ActionTaken(sent.action, details), sent.made_at)


def case_fact(sent: ControlMessage | CaseEventBody) -> CaseFact:
    match sent.action:
        case "start":
            return CaseStarted()
        case "pause":
            return CasePaused()
        case "resume":
            return CaseResumed()
        case "automation_off" | "automation_on":
            return AutomationSwitched(sent.action == "automation_on")


def new_session(body: SessionBody) -> NewSession | InvalidFields:
    start: VitalsPatch | InvalidFields | None = None
    if body.vitals is not None:
        start = read_patch(vitals=body.vitals)
        if isinstance(start, InvalidFields):
            return start
    duration = None
    if body.duration_minutes is not None:
        try:
            duration = timedelta(minutes=body.duration_minutes)
        except OverflowError:
            return invalid("duration_minutes", "is far too long")
    return NewSession(
        id=body.id,
        title=body.title,
        public_title=body.public_title,
        trainee_name=body.trainee_name,
        duration=duration,
        template_id=body.template_id,
        start=start,
    )


def session_change(body: SessionChangeBody) -> SessionChange:
    sent_name = "trainee_name" in body.model_fields_set
    return SessionChange(
        title=None if body.title is None else one_line(body.title),
        trainee_name=one_line(body.trainee_name or "") if sent_name else None,
        expires_at=body.expires_at,
        public_title=None if body.public_title is None else one_line(body.public_title),
        limits=None if body.limits is None else {name: sides or {} for name, sides in body.limits.items()},
        co_trainer_ids=None if body.co_trainer_ids is None else tuple(dict.fromkeys(body.co_trainer_ids)),
        shows_conditions=body.shows_conditions,
    )


def template_draft(body: TemplateBody) -> tuple[UUID | None, TemplateDraft]:
    return body.id, TemplateDraft(**_template_fields(body))


def dry_run_draft(body: DryRunBody) -> tuple[TemplateDraft, Sequence[Tried]]:
    _, draft = template_draft(body.template)
    markers = (Tried(each.at_seconds, NoteAdded(marker=each.marker)) for each in body.markers)
    actions = (Tried(each.at_seconds, ActionTaken(each.action)) for each in body.actions)
    return draft, (*markers, *actions)


def template_change(body: TemplateChangeBody) -> dict[str, Any]:
    """The fields of a TemplateDraft that the client sent."""
    fields = _template_fields(body)
    return {name: fields[name] for name in body.model_fields_set}


def _template_fields(body: TemplateBody | TemplateChangeBody) -> dict[str, Any]:
    return {
        "title": body.title,
        "public_title": body.public_title,
        "description": body.description,
        "duration_minutes": body.duration_minutes,
        "pass_percent": body.pass_percent,
        "vitals": body.vitals,
        "rhythm": body.rhythm,
        "flags": body.flags,
        "steps": tuple(step_draft(step) for step in body.steps),
        "limits": {name: sides or {} for name, sides in body.limits.items()},
        "checklist": tuple(body.checklist),
        "targets": tuple(body.targets),
        "language": body.language,
    }


def step_draft(step: StepBody) -> StepDraft:
    return StepDraft(
        title=step.title,
        vitals=step.vitals,
        rhythm=step.rhythm,
        flags=step.flags,
        ramp_seconds=step.ramp_seconds,
        at_seconds=step.at_seconds,
        note=step.note,
        key=step.key,
        transitions=step.transitions,
    )


def read_integer(text: str) -> int | float:
    """One that is too long to be worked with is read as 1e400 is, so that it is refused by the name of its field."""
    return int(text) if len(text) <= _LONGEST_INTEGER else float(text)


def _path(location: tuple[int | str, ...]) -> str:
    """`steps.0.title`. A name that the client made up is shown short, and printable everywhere."""
    if len(location) > _NAMED_AT and location[-1] == _OF_A_NAME:
        location = location[:-1]
    shown = ".".join(str(part)[:40] for part in location)
    return shown.encode("ascii", "backslashreplace").decode("ascii")


def _message(problem: Any) -> str:
    match problem["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return "is not a field of this"
        case "value_error":
            return str(problem["ctx"]["error"])
        case "literal_error":
            return f"must be one of {problem['ctx']['expected']}"
        case kind if kind in _EXPECTED:
            return _EXPECTED[kind]
        case _:
            message = str(problem["msg"])
            return message[:1].lower() + message[1:]
