"""The events of one call, judged in order, each on the outcome of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from server.domain.audit import AuditAction, author_of, entry_of_edit
from server.domain.devices import (
    Acknowledged,
    Conflicted,
    EditConflict,
    Entity,
    EventOutcome,
    Key,
    LoggedEvent,
    ServerData,
    outcome_without_address,
)
from server.domain.events import Author
from server.domain.judging import (
    AlreadyThus,
    Conflicting,
    ConflictReason,
    Merged,
    Rejected,
    Row,
    Taken,
    judge,
    version_made_on,
)
from server.domain.opening import template_errors
from server.domain.outcomes import FieldError, InvalidFields
from server.domain.people import Trainer, TrainerChange, changed_trainer_fields, ends_logins
from server.domain.permissions import owns_device, sees_addresses
from server.domain.sync import FieldWrite, FieldWrites, written_after, written_at_first
from server.ports.slices import Slices, Turn
from server.ports.sync import Answered, Held, Judgement, KnownOutcome, RowWrite
from server.service.sync.events import DeviceEdit, DeviceEvent, DeviceFact, SchoolNames, TrainerValues, UnreadableEvent
from server.service.sync.rules import RULES
from server.service.sync.school_state import REQUIRED, SchoolState
from server.service.sync.session_rules import co_trainer_errors
from server.service.sync.trainer_rules import EMAIL_IS_TAKEN

Show = Callable[[Entity], Mapping[str, object]]
"""An entity as REST shows it to the trainer that asks."""

# What devices never sent, and never get: its presence says nothing of what they have.
_WRITE_ONLY = frozenset(("password",))


@dataclass
class Judging:
    """One call on its way: what is there by now, and what is to be written."""

    actor: Trainer
    author: Author
    client: str
    now: datetime
    held: Held
    show: Show
    school: SchoolState
    rows: dict[Key, Row[Entity]]
    outcomes: list[EventOutcome] = field(default_factory=list[EventOutcome])
    writes: dict[Key, RowWrite] = field(default_factory=dict[Key, RowWrite])
    answered: dict[UUID, Answered] = field(default_factory=dict[UUID, Answered])
    conflicts: list[EditConflict] = field(default_factory=list[EditConflict])
    closed: dict[UUID, EditConflict] = field(default_factory=dict[UUID, EditConflict])
    newest: int = 0
    """The newest version of the school, what this call writes included."""

    @classmethod
    def of(
        cls,
        actor: Trainer,
        client: str,
        default_life: timedelta,
        held: Held,
        show: Show,
        now: datetime,
        author: Author | None = None,
    ) -> Judging:
        """`author` is whom the audit names: the actor, unless told."""
        school = SchoolState.of(actor, now, default_life, held)
        return cls(
            actor, author or author_of(actor), client, now, held, show, school, dict(held.rows), newest=held.newest
        )

    def judge(self, event: DeviceEvent, version: int) -> None:
        outcome = self._known(event.id) or self._new(event, version)
        self.outcomes.append(outcome)

    def judgement(self) -> Judgement:
        return Judgement(
            self.outcomes,
            list(self.writes.values()),
            list(self.answered.values()),
            self.conflicts,
            [(conflict_id, "local") for conflict_id in self.closed],
        )

    def _known(self, event_id: UUID) -> EventOutcome | None:
        if (answered := self.answered.get(event_id)) is not None:
            return answered.outcome
        known = self.held.known.get(event_id)
        return None if known is None else answer_again(known, self.client, self.actor)

    def _new(self, event: DeviceEvent, version: int) -> EventOutcome:
        match event:
            case DeviceEdit():
                outcome = named_in_payload(self.edit(event, version))
                entity_type, entity_id = event.type, str(event.entity_id)
            case UnreadableEvent():
                outcome, entity_type, entity_id = self.unreadable(event), event.type, event.entity_id
            case DeviceFact():
                raise AssertionError("facts of a record go through the journal")
        self.answered[event.id] = answered(event.id, entity_type, entity_id, outcome)
        return outcome

    def unreadable(self, event: UnreadableEvent) -> Rejected:
        told = {error.field for error in event.rejected.errors}
        also = [each for each in in_payload(self.named_errors(event.named)) if each.field not in told]
        return replace(event.rejected, errors=(*event.rejected.errors, *also)) if also else event.rejected

    def named_errors(self, named: SchoolNames) -> Sequence[FieldError]:
        """What is wrong besides with what cannot be read."""
        template = None if named.template_id is None else self.school.templates.get(named.template_id)
        row = None if named.entity is None else self.rows.get(named.entity)
        # An account that was deleted gave everything back.
        is_new = row is None or (row.is_deleted and isinstance(row.entity, Trainer))
        return (
            *(FieldError(name, REQUIRED) for name in named.lacking if is_new),
            *template_errors(named.template_id, template),
            *co_trainer_errors(named.co_trainer_ids, self.school, None if row is None else row.entity),
        )

    def edit(self, event: DeviceEdit, version: int) -> EventOutcome:
        rules = RULES[event.type]
        row = self.rows.get(event.key)
        if refusal := rules.permit(event, row, self.school):
            return refusal
        # What another school has counts as missing here; only its id cannot be had.
        if event.key in self.held.foreign and event.edit.operation == "CREATE":
            return Rejected("id_taken")
        if event.made_on is not None and row is not None:
            made_on = version_made_on(row, row.entity.version, event.made_on, self.newest)
            event = replace(event, edit=replace(event.edit, local_version=made_on))

        def merge() -> Merged[Entity] | InvalidFields:
            return rules.merge(event, row, self.school)

        verdict = judge(row, event.edit, rules.fields, self.newest, self.held.newest, merge)
        match verdict:
            case Rejected():
                return verdict
            case AlreadyThus(present):
                return Acknowledged(present, self._data_if_new(event, row, row))
            case Conflicting(reason):
                return self._conflict(event, row, reason)
            case Taken(entity):
                return self._write(event, row, entity, version)

    def _conflict(self, event: DeviceEdit, row: Row[Entity] | None, reason: ConflictReason) -> Conflicted:
        conflict = EditConflict(
            id=uuid4(),
            school_id=self.actor.school_id,
            client_id=self.client,
            trainer_id=self.actor.id,
            event_id=event.id,
            entity_type=event.type,
            entity_id=event.entity_id,
            reason=reason,
            local_payload=event.payload,
            local_fields=event.edit.changed if event.edit.operation == "UPDATE" else None,
            data=self.shown(row),
            created_at=self.now,
        )
        self.conflicts.append(conflict)
        return Conflicted(conflict.id, reason, conflict.data)

    def _write(self, event: DeviceEdit, before: Row[Entity] | None, entity: Entity, version: int) -> Acknowledged:
        row = self._written(event, before, entity, version)
        self.rows[event.key] = row
        self.newest = max(self.newest, version)
        self.school.wrote(entity)
        self._keep(event, before, row)
        self._close_conflicts(event)
        return Acknowledged(version, self._data_if_new(event, before, row))

    def _written(self, event: DeviceEdit, before: Row[Entity] | None, entity: Entity, version: int) -> Row[Entity]:
        write = FieldWrite(version, self.client, event.edit.seq)
        is_deleted = event.edit.operation == "DELETE"
        if before is None or before.is_deleted:
            return Row(entity, is_deleted, version, version, written_at_first(write))
        written: FieldWrites = (
            written_at_first(write) if is_deleted else written_after(before.written, event.edit.written, write)
        )
        return Row(entity, is_deleted, version, before.first_version, written)

    def _keep(self, event: DeviceEdit, before: Row[Entity] | None, row: Row[Entity]) -> None:
        """The row's last state is written, once; each edit has its line in the audit."""
        earlier = self.writes.get(event.key)
        action = _action(event, before)
        fields = tuple(sorted(event.edit.written)) if action == "changed" else ()
        entry = entry_of_edit(uuid4(), action, row.entity, self.author, fields)
        values = event.values if isinstance(event.values, TrainerValues) else None
        password_hash = values.password_hash if values is not None and "password" in event.edit.written else None
        opened = self.school.opened.get(event.entity_id)
        self.writes[event.key] = RowWrite(
            type=event.type,
            entity=row.entity,
            is_new=earlier.is_new if earlier is not None else before is None,
            version=row.version,
            first_version=row.first_version,
            written=row.written,
            entries=(*(earlier.entries if earlier is not None else ()), entry),
            password_hash=password_hash or (earlier.password_hash if earlier is not None else None),
            ends_logins=(earlier is not None and earlier.ends_logins) or _ends_logins(before, row, password_hash),
            case=None if opened is None else opened.case,
            first_event=None if opened is None else opened.first_event,
        )

    def _close_conflicts(self, event: DeviceEdit) -> None:
        """Written on the version that it was shown: the device's person has chosen."""
        for conflict in self.held.conflicts:
            shown = 0 if conflict.data is None else conflict.data.version
            # The id of a device that was forgotten may be a colleague's by now.
            is_its = conflict.client_id == self.client and owns_device(conflict, self.actor.id)
            is_of_it = (conflict.entity_type, conflict.entity_id) == event.key
            if is_its and is_of_it and shown == event.edit.local_version:
                self.closed[conflict.id] = conflict

    def _data_if_new(
        self, event: DeviceEdit, before: Row[Entity] | None, after: Row[Entity] | None
    ) -> ServerData | None:
        """What is stored, unless the device has just that: its base with what it sent on top."""
        if after is None or event.payload is None or event.edit.operation == "DELETE":
            return None
        data = self.data(after)
        if data is None:
            return None
        fields = RULES[event.type].fields - _WRITE_ONLY
        named = event.edit.named - _WRITE_ONLY
        missing = object()
        is_as_sent = all(event.payload.get(name, missing) == data.payload.get(name) for name in named)
        # Of what is deleted it has nothing: what was below is there again when it is revived.
        had_base = before is not None and not before.is_deleted and before.version <= event.edit.local_version
        return None if is_as_sent and (had_base or named >= fields) else data

    def shown(self, row: Row[Entity] | None) -> ServerData | None:
        """In a conflict: with its moment, and whose it is if that is known here."""
        data = self.data(row)
        if data is None or row is None:
            return None
        by = author_of(self.actor) if row.version > self.held.newest else None
        return replace(data, written_at=row.entity.updated_at, written_by=by)

    def data(self, row: Row[Entity] | None) -> ServerData | None:
        return None if row is None else ServerData(row.version, row.is_deleted, self.show(row.entity))


def in_payload(errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    return tuple(FieldError(f"payload.{each.field}", each.message) for each in errors)


def named_in_payload(outcome: EventOutcome) -> EventOutcome:
    """An event's field is named within its payload; but for an address that somebody else has, which is `email`."""
    if not isinstance(outcome, Rejected) or outcome.errors == EMAIL_IS_TAKEN:
        return outcome
    return replace(outcome, errors=in_payload(outcome.errors))


async def judge_all(judging: Judging, events: Sequence[DeviceEvent], turn: Turn) -> Judgement:
    slices = Slices(turn)
    for event, version in zip(events, judging.held.versions, strict=True):
        judging.judge(event, version)
        await slices.breathe()
    return judging.judgement()


def answer_again(known: KnownOutcome, client: str, actor: Trainer) -> EventOutcome:
    """Another device's answer is its own. Whoever was an admin then may be none now."""
    if known.client_id != client:
        return Rejected("id_taken")
    return known.outcome if sees_addresses(actor) else outcome_without_address(known.outcome)


def answered(event_id: UUID, entity_type: str, entity_id: str, outcome: EventOutcome) -> Answered:
    match outcome:
        case Acknowledged():
            return Answered(LoggedEvent(event_id, entity_type, entity_id, "acknowledged", None), outcome)
        case Conflicted(_, reason):
            return Answered(LoggedEvent(event_id, entity_type, entity_id, "conflict", reason), outcome)
        case Rejected(reason):
            return Answered(LoggedEvent(event_id, entity_type, entity_id, "rejected", reason), outcome)


def logged(events: Sequence[DeviceEvent], outcomes: Sequence[EventOutcome]) -> Sequence[LoggedEvent]:
    """What the log tells of a call: each of its events with its outcome, a repeat like any other."""
    told: list[LoggedEvent] = []
    for event, outcome in zip(events, outcomes, strict=True):
        entity_type = "SESSION_EVENT" if isinstance(event, DeviceFact) else event.type
        told.append(answered(event.id, entity_type, str(event.entity_id), outcome).event)
    return told


def _action(event: DeviceEdit, before: Row[Entity] | None) -> AuditAction:
    if event.edit.operation == "DELETE":
        return "deleted"
    if before is None or before.is_deleted:
        return "opened" if event.type == "SESSION" else "added"
    return "changed"


def _ends_logins(before: Row[Entity] | None, after: Row[Entity], password_hash: str | None) -> bool:
    if before is None or not isinstance(before.entity, Trainer) or not isinstance(after.entity, Trainer):
        return False
    change = TrainerChange(password_hash=password_hash)
    return after.is_deleted or ends_logins(changed_trainer_fields(before.entity, after.entity, change))
