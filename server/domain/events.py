"""Events: the immutable, persisted facts of a session. One class for each fact, named in the past tense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, NamedTuple, cast
from uuid import UUID

from server.domain.carried import CARRIED, Carried, read_carried
from server.domain.nibp import CUFF_ACTIONS, START, act, details_of, due, felt
from server.domain.outcomes import InvalidFields
from server.domain.vitals import LastValues, VitalsPatch, fold, pause, resume

EventKind = Literal["vitals", "note", "action", "case", "lifecycle"]
AuthorRole = Literal["trainer", "trainee", "system"]
CloseReason = Literal["closed", "expired"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who did it, as they were called at that moment; `id` is a trainer's or a seat's, None for the system."""

    role: AuthorRole
    id: UUID | None
    name: str


SYSTEM = Author("system", None, "Shiller")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a rule left a step: the key of that step, and the rule's own condition."""

    left: str | None
    because: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class VitalsPushed:
    """`step` is the key of the step that was played, `cause` what played it if nobody did by hand.

    `carried` only in the first event of a session that goes on from another one: what that brings along besides.
    """

    kind: ClassVar[EventKind] = "vitals"
    patch: VitalsPatch
    step: str | None = None
    cause: Cause | None = None
    carried: Carried | None = None


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """A text, or the marker of something that happened, or both.

    `step` only in records of before: a step that changes nothing was played by its note. `is_redacted`: it had a text,
    which was taken out with the names.
    """

    kind: ClassVar[EventKind] = "note"
    text: str | None = None
    marker: str | None = None
    step: str | None = None
    is_redacted: bool = False


@dataclass(frozen=True, slots=True)
class ActionTaken:
    """Something done at the patient's side, by a trainee or for one."""

    kind: ClassVar[EventKind] = "action"
    action: str
    details: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class CaseStarted:
    kind: ClassVar[EventKind] = "case"


@dataclass(frozen=True, slots=True)
class CasePaused:
    kind: ClassVar[EventKind] = "case"


@dataclass(frozen=True, slots=True)
class CaseResumed:
    kind: ClassVar[EventKind] = "case"


@dataclass(frozen=True, slots=True)
class AutomationSwitched:
    """Whether rules may move the case by themselves from now on."""

    kind: ClassVar[EventKind] = "case"
    is_on: bool


@dataclass(frozen=True, slots=True)
class ControlsTaken:
    """A trainer took the controls of a colleague's session."""

    kind: ClassVar[EventKind] = "case"


@dataclass(frozen=True, slots=True)
class CaseEnded:
    """A rule led to the end of the case; the session goes on, unless it is a try of homework. Made by rules alone."""

    kind: ClassVar[EventKind] = "case"
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The last event of every session that has ended."""

    kind: ClassVar[EventKind] = "lifecycle"
    reason: CloseReason


CaseFact = CaseStarted | CasePaused | CaseResumed | AutomationSwitched | ControlsTaken | CaseEnded
Fact = VitalsPushed | NoteAdded | ActionTaken | CaseFact | SessionEnded
CaseAction = Literal["started", "paused", "resumed", "automation_off", "automation_on", "controls_taken", "ended"]


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What somebody wants recorded, under an id that its maker chose, and when they say that it was made."""

    id: UUID
    by: Author
    fact: Fact
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """`created_at` is when it was stored, `made_at` when it was made: earlier, by somebody who was offline."""

    id: UUID
    session_id: UUID
    seq: int
    created_at: datetime
    made_at: datetime
    by: Author
    fact: Fact

    @property
    def kind(self) -> EventKind:
        return self.fact.kind


def fold_fact(last: LastValues, fact: Fact, at: datetime) -> LastValues | InvalidFields:
    """What the session shows after the fact, stored at `at`; refused if it would be what cannot be."""
    match fact:
        case VitalsPushed():
            folded = fold(last, fact.patch, at)
            if fact.carried is not None:
                return folded if isinstance(folded, InvalidFields) else fact.carried.onto(folded, at)
            return folded if last.nibp is None or isinstance(folded, InvalidFields) else felt(folded, at)
        case ActionTaken():
            return act(last, fact.action, fact.details, at)
        case CasePaused():
            return pause(last, at)
        case CaseResumed():
            return resume(last, at)
        case NoteAdded() | CaseStarted() | AutomationSwitched() | ControlsTaken() | CaseEnded():
            return last
        case SessionEnded():
            return last


def due_measurement(last: LastValues) -> ActionTaken | None:
    """What the server does next by itself, as it is recorded; None if nothing is to come."""
    measurement = due(last)
    return None if measurement is None else ActionTaken(START, details_of(measurement))


def is_shown(fact: Fact) -> bool:
    """Whether it changes what every screen of the session shows."""
    match fact:
        case VitalsPushed() | CasePaused() | CaseResumed():
            return True
        case ActionTaken():
            return fact.action in CUFF_ACTIONS
        case NoteAdded() | CaseStarted() | AutomationSwitched() | ControlsTaken() | CaseEnded():
            return False
        case SessionEnded():
            return False


class Written(NamedTuple):
    """A fact as it stands in a row and in an answer: the same fields for every kind, None where they say nothing."""

    kind: EventKind
    patch: VitalsPatch | None = None
    text: str | None = None
    details: Mapping[str, object] | None = None
    step: str | None = None
    marker: str | None = None


def write_fact(fact: Fact) -> Written:
    # Asked twice of every push, for its row and for its answer: hence no patterns and no names of arguments there.
    match fact:
        case VitalsPushed():
            details = None if fact.cause is None else _write_cause(fact.cause)
            if fact.carried is not None:
                details = {CARRIED: fact.carried.as_json()}
            return Written("vitals", fact.patch, None, details, fact.step, None)
        case NoteAdded(text, marker, step, is_redacted):
            return Written("note", None, text, {"redacted": True} if is_redacted else None, step, marker)
        case ActionTaken(action, details):
            # The name stands in `text` for people, and in `details` beside what came with it.
            return Written("action", text=action, details={**details, "action": action})
        case SessionEnded(reason):
            return Written("lifecycle", details={"reason": reason})
        case _:
            cause = fact.cause if isinstance(fact, CaseEnded) else None
            because: Mapping[str, object] = {} if cause is None else _write_cause(cause)
            return Written("case", details={"action": action_of(fact), **because})


def action_of(fact: CaseFact) -> CaseAction:
    match fact:
        case CaseStarted():
            return "started"
        case CasePaused():
            return "paused"
        case CaseResumed():
            return "resumed"
        case AutomationSwitched(is_on):
            return "automation_on" if is_on else "automation_off"
        case ControlsTaken():
            return "controls_taken"
        case CaseEnded():
            return "ended"


def read_fact(written: Written) -> Fact:
    """What `write_fact` wrote, also before there were steps and markers."""
    details = written.details or {}
    match written.kind:
        case "vitals":
            return VitalsPushed(
                written.patch or VitalsPatch(), written.step, _read_cause(details), read_carried(details)
            )
        case "note":
            return NoteAdded(written.text, written.marker, written.step, details.get("redacted") is True)
        case "action":
            rest = {name: value for name, value in details.items() if name != "action"}
            return ActionTaken(written.text or "", rest)
        case "case":
            return _read_case(cast(CaseAction, details["action"]), details)
        case "lifecycle":
            return SessionEnded(cast(CloseReason, details["reason"]))


def _read_case(action: CaseAction, details: Mapping[str, object]) -> CaseFact:
    match action:
        case "started":
            return CaseStarted()
        case "paused":
            return CasePaused()
        case "resumed":
            return CaseResumed()
        case "automation_off" | "automation_on":
            return AutomationSwitched(action == "automation_on")
        case "controls_taken":
            return ControlsTaken()
        case "ended":
            return CaseEnded(_read_cause(details))


def _write_cause(cause: Cause) -> Mapping[str, object]:
    return {"from": cause.left, "because": cause.because}


def _read_cause(details: Mapping[str, object]) -> Cause | None:
    if "because" not in details:
        return None
    return Cause(cast(str | None, details.get("from")), cast(Mapping[str, object], details["because"]))
