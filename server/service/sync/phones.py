"""Phones that keep their copy in WatermelonDB: everything that changed in one answer, and pushes that are taken whole.

A phone has no client id and keeps no conflicts here: what changed since its pull it pulls first, and merges by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID, uuid4

from server.domain.devices import Acknowledged, Conflicted, Device, Entity, EntityType, EventOutcome
from server.domain.events import Event
from server.domain.judging import Rejected, Row
from server.domain.outcomes import Conflict, FieldError, Forbidden, InvalidFields, RateLimited, ResyncRequired
from server.domain.people import Trainer
from server.domain.permissions import judge_school_action
from server.domain.session import Session
from server.ports.sessions import SessionStore
from server.ports.slices import Slices, Turn
from server.ports.sync import Held, Judgement, Pull, Pulled, Synced, SyncStore, ToldTemplate
from server.service.sync.calls import pull_record, up_record
from server.service.sync.engine import Sync, sync_call
from server.service.sync.epochs import epoch_of, refusal_of, refusal_of_client
from server.service.sync.events import NOTHING_NAMED, DeviceEdit, SchoolNames
from server.service.sync.judging import Judging, Show, logged
from server.service.sync.rules import RULES

Table = Literal["templates", "sessions", "trainers", "session_events"]
TABLES: tuple[Table, ...] = get_args(Table)
ENTITIES: Mapping[Table, EntityType] = {"templates": "TEMPLATE", "sessions": "SESSION", "trainers": "TRAINER"}
WRITTEN: Mapping[Table, EntityType] = {"templates": "TEMPLATE", "sessions": "SESSION"}
"""The tables that a phone may push."""
_TABLES: Mapping[EntityType, Table] = {type: table for table, type in ENTITIES.items()}

# So many rows are in memory at a time, however many the answer has.
ROWS_AT_A_TIME = 200

_DELETED = FieldError("id", "was deleted here; it is not made again")
_REASONS: Mapping[str, FieldError] = {
    "forbidden": FieldError("id", "may not be changed by you"),
    "session_over": FieldError("id", "is of a session that has ended, which is a record"),
    "not_home": FieldError("id", "is of a session that runs in a hall, and is changed there"),
    "id_taken": FieldError("id", "is taken; make a new one (a random UUID)"),
}
_NO_DELETION = FieldError("id", "is of a session, which is not deleted; close it")


@dataclass(frozen=True, slots=True)
class AskedPull:
    """What changed since `after`, 0 for everything; `whole` are the tables of which the phone has not every column."""

    after: int
    whole: Collection[Table] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """A part of a table's rows; `deleted` are ids."""

    present: Sequence[Entity | ToldTemplate | Event]
    deleted: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    table: str
    id: str
    errors: tuple[FieldError, ...]
    named: SchoolNames = NOTHING_NAMED


@dataclass(frozen=True, slots=True)
class Pushed:
    """`rejected` rows were left out, the others are stored; only for who said that it looks at them."""

    rejected: Sequence[BadRow] = ()


@dataclass(frozen=True, slots=True)
class BadRows:
    """Nothing was stored."""

    rows: Sequence[BadRow]


@dataclass(frozen=True, slots=True)
class AskedPush:
    """`after` is the timestamp of the pull on which it was made; `bad` are rows that could not be read."""

    after: int
    edits: Sequence[DeviceEdit]
    bad: Sequence[BadRow]
    takes_rejections: bool


class PhonePull:
    """One answer, read piece by piece. It counts as a call under way until `end` is called, which must happen."""

    def __init__(
        self, store: SyncStore, sessions: SessionStore, trainer: Trainer, asked: AskedPull, first: Pulled
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._trainer = trainer
        self._asked = asked
        # What is edited while the answer is written has a higher version, and comes again with the next pull.
        self.timestamp = max(first.newest, asked.after, 1)
        self.epoch = epoch_of(first.identity, trainer)
        self.rows = 0
        self.under_way = AsyncExitStack()
        self._ended: list[UUID] = []

    async def parts(self, table: Table) -> AsyncIterator[Rows]:
        """Of `session_events` after those of `sessions`, of which they are the record."""
        match table:
            case "templates":
                parts = self._templates()
            case "session_events":
                parts = self._events()
            case "sessions" | "trainers":
                parts = self._entities(table)
        async for part in parts:
            self.rows += len(part.present) + len(part.deleted)
            yield part

    async def end(self) -> None:
        await self.under_way.aclose()

    def _after(self, table: Table) -> int:
        return 0 if table in self._asked.whole else self._asked.after

    async def _templates(self) -> AsyncGenerator[Rows]:
        """There may be very many of them: they are told as they are stored, the next ones read meanwhile."""
        seen: set[UUID] = set()
        coming = self._templates_after(self._after("templates"))
        try:
            while told := await coming:
                coming = self._templates_after(told[-1].sync_version)
                fresh = [each for each in told if each.id not in seen]
                seen.update(each.id for each in fresh)
                deleted = [each.id for each in fresh if each.deleted_at is not None and self._asked.after > 0]
                yield Rows([each for each in fresh if each.deleted_at is None], deleted)
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    def _templates_after(self, version: int) -> asyncio.Task[Sequence[ToldTemplate]]:
        async def read() -> Sequence[ToldTemplate]:
            return await self._store.pull_templates(self._page("templates", version))

        return asyncio.create_task(read())

    async def _entities(self, table: Table) -> AsyncGenerator[Rows]:
        seen: set[UUID] = set()
        async for rows in self._pages(table, self._after(table)):
            # A row that is edited meanwhile comes twice; an id may stand in an answer once.
            fresh = [row for row in rows if row.entity.id not in seen]
            seen.update(row.entity.id for row in fresh)
            present = [row.entity for row in fresh if not row.is_deleted]
            deleted = [row.entity.id for row in fresh if row.is_deleted and self._asked.after > 0]
            if table == "sessions" and self._after("session_events") >= self._after("sessions"):
                self._note_ended(row for row in fresh if row.version > self._after("session_events"))
            yield Rows(present, deleted)

    async def _events(self) -> AsyncGenerator[Rows]:
        """Of sessions that have ended: their records are whole, and do not change."""
        if self._after("session_events") < self._after("sessions"):
            async for rows in self._pages("sessions", self._after("session_events")):
                self._note_ended(rows)
        for session_id in dict.fromkeys(self._ended):
            last = 0
            while events := await self._sessions.events_after(session_id, last, ROWS_AT_A_TIME):
                yield Rows(events)
                last = events[-1].seq

    def _note_ended(self, rows: Iterable[Row[Entity]]) -> None:
        entities = (row.entity for row in rows)
        self._ended += [each.id for each in entities if isinstance(each, Session) and each.close_reason is not None]

    async def _pages(self, table: Table, after: int) -> AsyncGenerator[Sequence[Row[Entity]]]:
        while True:
            pulled = await self._store.pull(self._page(table, after))
            yield [each.row for each in pulled.rows]
            if not pulled.has_more:
                return
            after = pulled.rows[-1].row.version

    def _page(self, table: Table, after: int) -> Pull:
        """Without the deletions that the phone was told of, or whose rows it never had."""
        known = self._asked.after or self.timestamp
        return Pull(self._trainer.school_id, (ENTITIES[table],), after, ROWS_AT_A_TIME, known)


class Phones:
    def __init__(self, store: SyncStore, sessions: SessionStore, sync: Sync, default_life: timedelta) -> None:
        self._store = store
        self._sessions = sessions
        self._sync = sync
        self._default_life = default_life

    async def pull(
        self, trainer: Trainer, client_id: str, asked: AskedPull
    ) -> PhonePull | Forbidden | ResyncRequired | RateLimited:
        async with AsyncExitStack() as stack:
            refusal = await stack.enter_async_context(self._sync.under_way.one(trainer.school_id))
            if refusal is not None:
                return refusal
            known = await self._store.find_device(trainer.school_id, client_id)
            if known is not None and (refused := refusal_of(known, trainer)):
                return refused
            first = await self._store.pull(Pull(trainer.school_id, (), asked.after, 1))
            if asked.after > max(first.newest, 1):
                return ResyncRequired()
            pull = PhonePull(self._store, self._sessions, trainer, asked, first)
            pull.under_way = stack.pop_all()
            return pull

    async def pulled(self, trainer: Trainer, client_id: str, pull: PhonePull, now: datetime) -> None:
        """The whole answer is on its way."""
        device = Device(trainer.school_id, client_id, trainer.id, now, pull.timestamp)
        await self._store.see_device(device, pull_record(trainer, client_id, pull.rows, now) if pull.rows else None)

    async def push(
        self, trainer: Trainer, client_id: str, asked: AskedPush, show: Show, now: datetime
    ) -> Pushed | BadRows | Conflict | Forbidden | ResyncRequired | RateLimited:
        """All of it or nothing; what is refused leaves no conflict and no answer behind."""
        async with self._sync.under_way.one(trainer.school_id) as refusal:
            return refusal or await self._push(trainer, client_id, asked, show, now)

    async def _push(
        self, trainer: Trainer, client_id: str, asked: AskedPush, show: Show, now: datetime
    ) -> Pushed | BadRows | Conflict | Forbidden | ResyncRequired:
        decided: list[Pushed | BadRows | Conflict | Forbidden | ResyncRequired] = []

        async def judge(held: Held, turn: Turn) -> Judgement:
            decided.clear()
            judging = Judging.of(trainer, client_id, self._default_life, held, show, now)
            push = _Push(judging, asked)
            outcome = await push.judge(turn)
            decided.append(outcome)
            return push.judgement(client_id) if isinstance(outcome, Pushed) else Judgement(())

        named = [row.named for row in asked.bad]
        synced = await self._store.take(sync_call(trainer, client_id, asked.edits, now, named), judge)
        if not isinstance(synced, Synced):
            return refusal_of_client(synced)
        await self._sync.tell(synced)
        return decided[0]


@dataclass
class _Push:
    judging: Judging
    asked: AskedPush
    outcomes: list[EventOutcome] = field(default_factory=list[EventOutcome])
    rejected: list[BadRow] = field(default_factory=list[BadRow])

    async def judge(self, turn: Turn) -> Pushed | BadRows | Conflict | Forbidden | ResyncRequired:
        held = self.judging.held
        if self.asked.after > max(held.newest, 1):
            return ResyncRequired()
        slices = Slices(turn)
        for edit, version in zip(self.asked.edits, held.versions, strict=True):
            outcome = self._row(edit, version)
            if isinstance(outcome, Conflict) and (not self.asked.bad or self.asked.takes_rejections):
                return outcome
            await slices.breathe()
        bad = [*map(self._with_named, self.asked.bad), *self.rejected]
        if not bad or self.asked.takes_rejections:
            return Pushed(bad)
        # What could not be read is told before anything is asked of who sent it.
        is_observer = None if self.asked.bad else judge_school_action(self.judging.actor, "edit_templates")
        return is_observer or BadRows(bad)

    def _with_named(self, row: BadRow) -> BadRow:
        told = {error.field for error in row.errors}
        also = [each for each in self.judging.named_errors(row.named) if each.field not in told]
        return replace(row, errors=(*row.errors, *also))

    def judgement(self, client_id: str) -> Judgement:
        judgement = replace(self.judging.judgement(), outcomes=self.outcomes, answered=(), conflicts=())
        if not judgement.writes and not self.rejected:
            return judgement
        record = up_record(uuid4(), self.judging.actor, client_id, self.outcomes, self.judging.now)
        return replace(judgement, call=record, logged=logged(self.asked.edits, self.outcomes))

    def _row(self, edit: DeviceEdit, version: int) -> Conflict | None:
        row = self.judging.rows.get(edit.key)
        if self._is_there(edit, row):
            self.outcomes.append(Acknowledged(0 if row is None else row.version))
            return None
        is_newer = row is not None and self.asked.after < row.version <= self.judging.held.newest
        if row is not None and row.is_deleted and self.asked.takes_rejections and not is_newer:
            # The phone has pulled this deletion: to pull once more would not help it.
            return self._reject(edit, Rejected("invalid_fields", (_DELETED,)))
        if row is not None and row.is_deleted and row.version <= self.judging.held.newest:
            return _changed_since(edit)
        outcome = self.judging.edit(edit, version)
        match outcome:
            case Acknowledged():
                self.outcomes.append(outcome)
                return None
            case Rejected() if is_newer:
                return _changed_since(edit)
            case Rejected():
                return self._reject(edit, outcome)
            case Conflicted(_, "merge_invalid", _):
                return self._reject(edit, Rejected("invalid_fields", self._merge_errors(edit)))
            case Conflicted():
                return _changed_since(edit)

    def _is_there(self, edit: DeviceEdit, row: Row[Entity] | None) -> bool:
        """Whether nothing is to be done: as after a push whose answer was lost."""
        if edit.edit.operation == "DELETE":
            return row is None or row.is_deleted
        if row is None or row.is_deleted or edit.payload is None:
            return False
        shown = self.judging.show(row.entity)
        return all(_is_same(edit.payload.get(name), shown.get(name)) for name in edit.edit.named)

    def _reject(self, edit: DeviceEdit, rejected: Rejected) -> None:
        errors = rejected.errors
        if not errors and edit.type == "SESSION" and edit.edit.operation == "DELETE":
            errors = (_NO_DELETION,)
        self.rejected.append(
            BadRow(_TABLES[edit.type], str(edit.entity_id), errors or (_REASONS[rejected.reason],)),
        )
        self.outcomes.append(rejected)

    def _merge_errors(self, edit: DeviceEdit) -> tuple[FieldError, ...]:
        merged = RULES[edit.type].merge(edit, self.judging.rows.get(edit.key), self.judging.school)
        assert isinstance(merged, InvalidFields)  # noqa: S101 - it was so a moment ago
        return merged.errors


def _is_same(sent: object, shown: object) -> bool:
    """An empty column and none are the same."""
    return sent == shown or (not sent and not shown)


def _changed_since(edit: DeviceEdit) -> Conflict:
    return Conflict(
        f"{_TABLES[edit.type]} {edit.entity_id} has been changed since this phone pulled; pull, then push again."
    )
