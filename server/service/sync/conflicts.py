"""Conflicts: where a device and somebody else disagree, until a person has chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.devices import (
    Acknowledged,
    EditConflict,
    Entity,
    Kept,
    ServerData,
    conflict_without_address,
    data_by,
)
from server.domain.judging import Rejected, Row
from server.domain.outcomes import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    SessionClosed,
    SessionExpired,
)
from server.domain.people import Trainer
from server.domain.permissions import NOT_THIS_ROLE, judge_action, judge_school_action, owns_device, sees_addresses
from server.domain.session import Session
from server.ports.results import Cursor, Page
from server.ports.slices import Turn
from server.ports.sync import Held, Judgement, Synced, SyncStore
from server.service.sync.engine import Sync, sync_call
from server.service.sync.events import DeviceEdit
from server.service.sync.judging import Judging, Show, named_in_payload

NO_CONFLICT = NotFound("There is no such conflict.")
_CHOSEN_OTHERWISE = Conflict("This conflict was resolved already, the other way; edit the entity itself.")


@dataclass(frozen=True, slots=True)
class Resolved:
    """`data` is what stands there now; None where there is nothing."""

    entity_id: UUID
    data: ServerData | None


@dataclass(frozen=True, slots=True)
class Moved:
    """It has been changed since the version that was shown: `data` is what it is now. Nothing was written."""

    data: ServerData | None


Outcome = Resolved | Moved | Forbidden | Conflict | InvalidFields | SessionClosed | SessionExpired | NotHome


@dataclass(frozen=True, slots=True)
class Choice:
    """`server_version` is the version that was looked at; `edit` writes the device's side on it."""

    kept: Kept
    server_version: int
    edit: DeviceEdit | None


class Conflicts:
    def __init__(self, store: SyncStore, sync: Sync, default_life: timedelta) -> None:
        self._store = store
        self._sync = sync
        self._default_life = default_life

    async def list(self, trainer: Trainer, limit: int, after: Cursor | None) -> Page[EditConflict]:
        """The open ones of the trainer's own edits; of all, for an admin."""
        sees_all = judge_school_action(trainer, "see_devices") is None
        page = await self._store.list_conflicts(trainer.school_id, None if sees_all else trainer.id, limit, after)
        return replace(page, items=[_shown_to(trainer, conflict) for conflict in page.items])

    async def find(self, trainer: Trainer, conflict_id: UUID) -> EditConflict | NotFound:
        conflict = await self._store.find_conflict(trainer.school_id, conflict_id)
        if conflict is None:
            return NO_CONFLICT
        is_its = owns_device(conflict, trainer.id) or judge_school_action(trainer, "see_devices") is None
        return _shown_to(trainer, conflict) if is_its else NO_CONFLICT

    async def resolve(
        self, trainer: Trainer, conflict: EditConflict, choice: Choice, show: Show, now: datetime
    ) -> Outcome:
        """The same choice again is no error."""
        outcome: list[Outcome] = []
        if choice.edit is not None:
            choice = replace(choice, edit=await self._sync.hashed(trainer, choice.edit))

        async def judge(held: Held, turn: Turn) -> Judgement:
            outcome.clear()
            judging = Judging.of(trainer, conflict.client_id, self._default_life, held, show, now)
            decided, judgement = _decide(judging, conflict, choice)
            outcome.append(decided)
            return judgement

        # What the edit names is looked up as for one that comes by `up`.
        edits = [] if choice.edit is None else [choice.edit]
        call = replace(
            sync_call(trainer, conflict.client_id, edits, now),
            trainer_id=None,
            event_ids=[conflict.event_id],
            keys={(conflict.entity_type, conflict.entity_id)},
            conflict_id=conflict.id,
        )
        synced = await self._store.take(call, judge)
        if isinstance(synced, Synced):
            await self._sync.tell(synced)
        return await self._by_whom(conflict, outcome[0]) if outcome else NOT_THIS_ROLE

    async def _by_whom(self, conflict: EditConflict, outcome: Outcome) -> Outcome:
        if not isinstance(outcome, Moved) or outcome.data is None:
            return outcome
        at = outcome.data.written_at
        last = await self._store.find_last_write(conflict.school_id, conflict.entity_id, at)
        return Moved(data_by(outcome.data, conflict.entity_type, last))


def _shown_to(trainer: Trainer, conflict: EditConflict) -> EditConflict:
    """By the role of today: whoever was an admin when it came up may be none any more."""
    return conflict if sees_addresses(trainer) else conflict_without_address(conflict)


def _decide(judging: Judging, conflict: EditConflict, choice: Choice) -> tuple[Outcome, Judgement]:
    nothing = Judgement(())
    present = next((each for each in judging.held.conflicts if each.id == conflict.id), conflict)
    row = judging.rows.get((conflict.entity_type, conflict.entity_id))
    data = judging.data(row)
    if present.kept is not None:
        resolved = Resolved(conflict.entity_id, data)
        return (resolved if present.kept == choice.kept else _CHOSEN_OTHERWISE), nothing
    if (0 if row is None else row.version) != choice.server_version:
        return Moved(judging.shown(row)), nothing
    closed: list[tuple[UUID, Kept]] = [(conflict.id, choice.kept)]
    if choice.kept == "server":
        return Resolved(conflict.entity_id, data), Judgement((), closed=closed)
    assert choice.edit is not None  # noqa: S101 - whoever keeps the device's side says what it is
    outcome = named_in_payload(judging.edit(choice.edit, judging.held.versions[-1]))
    match outcome:
        case Acknowledged():
            written = judging.data(judging.rows.get(choice.edit.key))
            return Resolved(conflict.entity_id, written), replace(judging.judgement(), conflicts=(), closed=closed)
        case Rejected("invalid_fields", errors):
            return InvalidFields(errors), nothing
        case Rejected():
            return _refusal_of(row, judging) or NOT_THIS_ROLE, nothing
        case _:
            return InvalidFields((FieldError("payload", "cannot stand together with what is there"),)), nothing


def _refusal_of(row: Row[Entity] | None, judging: Judging) -> SessionClosed | SessionExpired | NotHome | None:
    """Why a session is edited by nobody here, as whoever may edit it is told by every other door."""
    if row is None or not isinstance(row.entity, Session):
        return None
    if judge_action(judging.actor, "edit_session", row.entity) is not None:
        return None
    return row.entity.over(judging.now) or row.entity.elsewhere()
