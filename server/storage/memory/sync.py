"""The log of each school's edits, and its devices, in memory."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from uuid import UUID, uuid4

from server.domain.audit import changes_something
from server.domain.devices import (
    SUBJECTS,
    TYPES,
    CallRecord,
    Device,
    DeviceRevocation,
    EditConflict,
    Entity,
    Key,
    LastWrite,
    LoggedEvent,
    entry_of_device,
    entry_of_revocation,
    judge_revocation,
)
from server.domain.events import Author
from server.domain.judging import Row
from server.domain.outcomes import Unchanged
from server.domain.people import Trainer, is_admin
from server.domain.permissions import owns_device
from server.domain.session import OWN_FIELDS, Session
from server.domain.sync import LogEntry, version_at
from server.domain.template import Template
from server.live.known_sessions import KnownSessions
from server.ports.results import Cursor, Page
from server.ports.sync import (
    Answered,
    ClientRefused,
    ClientRevoked,
    ClientTaken,
    Held,
    Judge,
    Judgement,
    KnownOutcome,
    Pull,
    Pulled,
    PulledRow,
    RowWrite,
    SyncCall,
    Synced,
    ToldTemplate,
)
from server.storage.memory.school_log import SchoolLog
from server.storage.memory.tables import Tables, page_of

# So often a judgement is made anew because somebody edited meanwhile; then nobody else gets a turn until it is written.
_TRIES = 3


class MemorySync:
    def __init__(self, tables: Tables, known_sessions: KnownSessions) -> None:
        self._tables = tables
        self._known_sessions = known_sessions
        self._identity = str(uuid4())

    async def log_after(self, school_id: UUID, version: int, limit: int) -> Sequence[LogEntry]:
        await asyncio.sleep(0)
        return [row for row in self._tables.logs[school_id].rows.values() if row.version > version][:limit]

    async def identity(self) -> str:
        await asyncio.sleep(0)
        return self._identity

    async def mark_restored(self) -> None:
        await asyncio.sleep(0)
        self._identity = str(uuid4())

    async def take(self, call: SyncCall, judge: Judge) -> Synced | ClientRefused:
        await asyncio.sleep(0)
        log = self._tables.logs[call.school_id]
        for left in reversed(range(_TRIES)):
            if refusal := _refusal_of_call(log, call):
                return refusal
            held = self._held(log, call)
            judgement = await judge(held, _others_run if left else _nobody_runs)
            # Another call of devices leaves answers and conflicts behind, also where it edits nothing.
            if _refusal_of_call(log, call) is None and self._held(log, call) == held:
                last_writes = [(each, _last_write(log, each, at)) for each, at in judgement.shown.items()]
                known = {each: last for each, last in last_writes if last is not None}
                return self._write(log, call, held, judgement.by(known))
        raise AssertionError("nobody else had a turn")

    def _held(self, log: SchoolLog, call: SyncCall) -> Held:
        last = max(log.newest + len(call.event_ids), version_at(call.now))
        trainers = [row for row in self._tables.trainers.values() if row.deleted_at is None]
        rows = {key: row for key in call.keys if (row := self._row(log, key)) is not None}
        return Held(
            newest=log.newest,
            versions=range(last - len(call.event_ids) + 1, last + 1),
            known={each: log.known[each] for each in (*call.event_ids, *call.fact_ids) if each in log.known},
            rows=rows,
            foreign={key for key in call.keys if key not in rows and self._entity(key) is not None},
            emails={row.email: row.id for row in trainers if row.email in call.emails},
            admins=[row.id for row in trainers if row.school_id == call.school_id and is_admin(row)],
            templates={
                each: template
                for each in call.template_ids
                if (template := self._tables.templates.get(each)) is not None and template.school_id == call.school_id
            },
            trainers={
                row.id: row for row in trainers if row.school_id == call.school_id and row.id in call.trainer_ids
            },
            conflicts=[
                conflict
                for conflict in log.conflicts.values()
                if conflict.id == call.conflict_id
                or (
                    conflict.resolved_at is None
                    and conflict.client_id == call.client_id
                    and (conflict.entity_type, conflict.entity_id) in call.keys
                )
            ],
        )

    def _row(self, log: SchoolLog, key: Key) -> Row[Entity] | None:
        entry = log.rows.get((SUBJECTS[key[0]], key[1]))
        entity = self._entity(key)
        if entry is None or entity is None:
            return None
        if isinstance(entity, Session):
            is_deleted = entity.id in self._tables.deleted_sessions
        else:
            is_deleted = entity.deleted_at is not None
        return Row(entity, is_deleted, entry.version, entry.first_version, entry.written)

    def _entity(self, key: Key) -> Entity | None:
        match key[0]:
            case "TEMPLATE":
                return self._tables.templates.get(key[1])
            case "SESSION":
                return self._tables.sessions.get(key[1]) or self._tables.deleted_sessions.get(key[1])
            case "TRAINER":
                return self._tables.trainers.get(key[1])

    def _write(self, log: SchoolLog, call: SyncCall, held: Held, judgement: Judgement) -> Synced:
        for write in sorted(judgement.writes, key=attrgetter("version")):
            self._write_row(log, write)
        log.newest = held.versions[-1] if judgement.writes else log.newest
        log.conflicts |= {conflict.id: conflict for conflict in judgement.conflicts}
        for conflict_id, kept in judgement.closed:
            log.conflicts[conflict_id] = replace(log.conflicts[conflict_id], resolved_at=call.now, kept=kept)
        if call.owner_id is not None:
            new = Device(call.school_id, call.client_id, call.trainer_id, call.now, hall_id=call.hall_id)
            known = log.devices.get(call.client_id) or new
            log.devices[call.client_id] = replace(known, last_seen_at=call.now)
        if judgement.call is not None:
            self._log_call(log, judgement.call, judgement.answered, judgement.logged)
        return Synced(judgement, self._ended_logins([each.entity.id for each in judgement.writes if each.ends_logins]))

    def _write_row(self, log: SchoolLog, write: RowWrite) -> None:
        entity = write.entity
        match entity:
            case Template():
                self._tables.templates[entity.id] = entity
            case Trainer():
                self._tables.trainers[entity.id] = entity
                if write.password_hash is not None:
                    self._tables.passwords[entity.id] = write.password_hash
            case Session() if write.is_new:
                self._tables.open(entity, write.first_event, write.case)
                self._known_sessions.opened(entity, write.first_event)
            case Session():
                self._write_session(entity)
        log.put(LogEntry(write.version, write.first_version, SUBJECTS[write.type], entity.id, write.written))
        log.audit.extend(write.entries)

    def _write_session(self, session: Session) -> None:
        """Its own fields: what was pushed meanwhile stays."""
        present = self._tables.sessions[session.id]
        own = {name: getattr(session, name) for name in (*OWN_FIELDS, "updated_at", "version")}
        self._tables.sessions[session.id] = self._known_sessions.see(replace(present, **own))

    def _ended_logins(self, trainer_ids: Collection[UUID]) -> Sequence[bytes]:
        logins = defaultdict[UUID, list[bytes]](list)
        for hash_, token in self._tables.tokens.items():
            logins[token.trainer_id].append(hash_)
        ended = [hash_ for trainer_id in trainer_ids for hash_ in logins[trainer_id]]
        for hash_ in ended:
            del self._tables.tokens[hash_]
        return ended

    async def find_last_write(self, school_id: UUID, subject_id: UUID, at: datetime | None) -> LastWrite | None:
        await asyncio.sleep(0)
        return _last_write(self._tables.logs[school_id], subject_id, at)

    async def find_answered(self, school_id: UUID, event_ids: Collection[UUID]) -> Collection[UUID]:
        await asyncio.sleep(0)
        return self._tables.logs[school_id].known.keys() & set(event_ids)

    async def pull(self, pull: Pull) -> Pulled:
        await asyncio.sleep(0)
        log = self._tables.logs[pull.school_id]
        rows: list[PulledRow] = []
        for entry in reversed(log.rows.values()):
            if entry.version <= pull.after:
                break
            row = self._row(log, (TYPES[entry.type], entry.id))
            if row is None or TYPES[entry.type] not in pull.types:
                continue
            if row.is_deleted and row.version <= pull.without_deleted_until:
                continue
            rows.append(PulledRow(TYPES[entry.type], row))
        rows.reverse()
        return Pulled(rows[: pull.limit], log.newest, len(rows) > pull.limit, self._identity)

    async def pull_templates(self, pull: Pull) -> Sequence[ToldTemplate]:
        pulled = await self.pull(replace(pull, types=("TEMPLATE",)))
        return [
            _told(each.row.entity, each.row.version) for each in pulled.rows if isinstance(each.row.entity, Template)
        ]

    async def newest_versions(self, school_ids: Collection[UUID]) -> Mapping[UUID, int]:
        await asyncio.sleep(0)
        return {each: self._tables.logs[each].newest for each in school_ids if each in self._tables.logs}

    async def find_device(self, school_id: UUID, client_id: str) -> Device | None:
        await asyncio.sleep(0)
        return self._tables.logs[school_id].devices.get(client_id)

    async def see_device(self, device: Device, call: CallRecord | None) -> ClientRefused | None:
        await asyncio.sleep(0)
        log = self._tables.logs[device.school_id]
        if refusal := _refusal(log, device.client_id, device.owner_id):
            return refusal
        log.devices[device.client_id] = device
        if call is not None:
            self._log_call(log, call, (), ())
        return None

    async def list_devices(self, school_id: UUID) -> Sequence[Device]:
        await asyncio.sleep(0)
        return sorted(self._tables.logs[school_id].devices.values(), key=attrgetter("last_seen_at"), reverse=True)

    async def revoke_device(
        self, school_id: UUID, client_id: str, revocation: DeviceRevocation | None, by: Author, now: datetime
    ) -> Device | None:
        await asyncio.sleep(0)
        log = self._tables.logs[school_id]
        known = log.devices.get(client_id)
        if known is None:
            return None
        judged = judge_revocation(known, revocation)
        if isinstance(judged, Unchanged):
            return judged.item
        log.devices[client_id] = judged
        log.audit.append(entry_of_revocation(uuid4(), judged, by, now))
        return judged

    async def delete_device(self, school_id: UUID, client_id: str, by: Author, now: datetime) -> bool:
        await asyncio.sleep(0)
        log = self._tables.logs[school_id]
        forgotten = log.devices.pop(client_id, None)
        if forgotten is not None:
            log.audit.append(entry_of_device(uuid4(), "forgotten", forgotten, by, now))
        return forgotten is not None

    async def add_call(
        self, call: CallRecord, answered: Sequence[Answered] = (), logged: Sequence[LoggedEvent] = ()
    ) -> None:
        await asyncio.sleep(0)
        self._log_call(self._tables.logs[call.school_id], call, answered, logged)

    def _log_call(
        self, log: SchoolLog, call: CallRecord, answered: Sequence[Answered], logged: Sequence[LoggedEvent]
    ) -> None:
        log.calls[call.id] = call
        for each in answered:
            log.known.setdefault(each.event.event_id, KnownOutcome(call.client_id, each.event.entity_id, each.outcome))
        log.answers_of_calls.setdefault(call.id, []).extend(each.event.event_id for each in answered)
        log.events_of_calls[call.id] = logged

    async def list_calls(self, school_id: UUID, limit: int, after: Cursor | None) -> Page[CallRecord]:
        await asyncio.sleep(0)
        calls = self._tables.logs[school_id].calls.values()
        return page_of(calls, limit, after, newest_first=True, moment=attrgetter("started_at"))

    async def find_call(self, school_id: UUID, call_id: UUID) -> tuple[CallRecord, Sequence[LoggedEvent]] | None:
        await asyncio.sleep(0)
        log = self._tables.logs[school_id]
        call = log.calls.get(call_id)
        return None if call is None else (call, log.events_of_calls[call_id])

    async def list_conflicts(
        self, school_id: UUID, trainer_id: UUID | None, limit: int, after: Cursor | None
    ) -> Page[EditConflict]:
        await asyncio.sleep(0)
        conflicts = [
            conflict
            for conflict in self._tables.logs[school_id].conflicts.values()
            if conflict.resolved_at is None and (trainer_id is None or owns_device(conflict, trainer_id))
        ]
        return page_of(conflicts, limit, after)

    async def find_conflict(self, school_id: UUID, conflict_id: UUID) -> EditConflict | None:
        await asyncio.sleep(0)
        return self._tables.logs[school_id].conflicts.get(conflict_id)

    async def forget_before(self, moment: datetime, limit: int) -> int:
        await asyncio.sleep(0)
        gone = 0
        for log in self._tables.logs.values():
            old = [call for call in log.calls.values() if call.started_at < moment][:limit]
            for call in old:
                del log.calls[call.id]
                del log.events_of_calls[call.id]
                for event_id in log.answers_of_calls.pop(call.id):
                    log.known.pop(event_id, None)
            gone += len(old)
        return gone


def _refusal_of_call(log: SchoolLog, call: SyncCall) -> ClientRefused | None:
    return None if call.owner_id is None else _refusal(log, call.client_id, call.owner_id)


def _refusal(log: SchoolLog, client_id: str, owner_id: UUID | None) -> ClientRefused | None:
    known = log.devices.get(client_id)
    if known is None:
        return None
    if known.owner_id != owner_id:
        return ClientTaken()
    return None if known.revoked is None else ClientRevoked(known.revoked)


def _last_write(log: SchoolLog, subject_id: UUID, at: datetime | None) -> LastWrite | None:
    entries = [each for each in reversed(log.audit) if each.subject.id == subject_id and changes_something(each)]
    last = max(entries, key=lambda entry: (entry.at == at, entry.at), default=None)
    return None if last is None else LastWrite(last.at, last.by)


def _told(template: Template, sync_version: int) -> ToldTemplate:
    return ToldTemplate(
        id=template.id,
        school_id=template.school_id,
        content=template.content,
        created_at=template.created_at,
        updated_at=template.updated_at,
        deleted_at=template.deleted_at,
        version=template.version,
        sync_version=sync_version,
    )


async def _others_run() -> None:
    await asyncio.sleep(0)


async def _nobody_runs() -> None:
    pass
