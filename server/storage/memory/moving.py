"""Everything of a school, read out of memory as of one moment."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from heapq import merge
from typing import Any, TypeVar
from uuid import UUID

from server.domain.audit import SubjectType
from server.domain.moving import Edited, Head, MovedSeat, MovedSession, MovedTemplate, MovedTrainer, Part
from server.domain.sync import LogEntry
from server.ports.slices import Slices
from server.storage.memory.tables import Tables

Item = TypeVar("Item")
Key = Callable[[Any], Any]

_ROWS_SORTED_AT_ONCE = 500


class MemoryMoving:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def read_school(self, school_id: UUID) -> AsyncGenerator[Part]:
        await asyncio.sleep(0)
        if school_id not in self._tables.schools:
            return
        moment = _Moment(self._tables, school_id)
        async for part in moment.parts():
            yield part


class _Moment:
    """The tables as they are now: rows are replaced, never changed, and a record only grows. To copy the references is
    so little work that nobody waits for it; everything else is done in slices.
    """

    def __init__(self, tables: Tables, school_id: UUID) -> None:
        log = tables.logs[school_id]
        self._school = tables.schools[school_id]
        self._trainers = list(tables.trainers.values())
        self._passwords = dict(tables.passwords)
        self._templates = list(tables.templates.values())
        self._sessions = list(tables.sessions.values())
        self._limits_since = dict(tables.sessions.limits_since)
        self._cases = tables.cases
        self._records = tables.records
        self._seats = list(tables.seats.values())
        self._seats_by_token = dict(tables.seats_by_token)
        self._spans = [seen.span for seen in tables.attendance.values()]
        self._annotations = list(tables.annotations.values())
        self._moment_edits = list(tables.moment_edits.values())
        self._sheets = list(tables.score_sheets.values())
        self._reflections = list(tables.reflections.values())
        self._log: dict[tuple[SubjectType, UUID], LogEntry] = dict(log.rows)
        self._newest = log.newest
        self._audit = list(log.audit)
        self._devices = list(log.devices.values())
        self._conflicts = list(log.conflicts.values())
        self._slices = Slices()

    async def parts(self) -> AsyncGenerator[Part]:
        yield self._school
        for trainer in await self._sorted(self._own(self._trainers), _added):
            yield MovedTrainer(trainer, self._passwords[trainer.id], self._edited("trainer", trainer.id))
            await self._slices.breathe()
        for template in await self._sorted(self._own(self._templates), _added):
            yield MovedTemplate(template, self._edited("template", template.id))
            await self._slices.breathe()
        async for part in self._of_sessions():
            yield part
        entries = [each for each in self._audit if each.subject.type != "school"]
        for entry in await self._sorted(entries, lambda each: (each.at, each.id)):
            yield entry
            await self._slices.breathe()
        for device in await self._sorted(self._devices, lambda each: each.client_id):
            yield device
        for conflict in await self._sorted(self._conflicts, _added):
            if conflict.resolved_at is None:
                yield conflict
                await self._slices.breathe()
        yield Head(self._newest)

    async def _of_sessions(self) -> AsyncGenerator[Part]:
        tokens: dict[UUID, bytes] = {}
        for token_hash, seat_id in self._seats_by_token.items():
            tokens[seat_id] = token_hash
            await self._slices.breathe()
        seats = await self._by_session(self._seats)
        spans = await self._by_session(self._spans)
        annotations = await self._by_session(self._annotations)
        moment_edits = await self._by_session(self._moment_edits)
        sheets = await self._by_session(self._sheets)
        reflections = await self._by_session(self._reflections)
        for session in await self._sorted(self._own(self._sessions), _added):
            case, limits_since = self._cases.get(session.id), tuple(self._limits_since.get(session.id, ()))
            yield MovedSession(session, case, self._edited("session", session.id), limits_since)
            for seat in sorted(seats[session.id], key=_joined):
                yield MovedSeat(seat, tokens.get(seat.id))
                await self._slices.breathe()
            for place in range(session.last_seq):
                yield self._records[session.id][place]
                await self._slices.breathe()
            for span in sorted(spans[session.id], key=_joined):
                yield span
                await self._slices.breathe()
            for annotation in sorted(annotations[session.id], key=_added):
                yield annotation
                await self._slices.breathe()
            for edit in sorted(moment_edits[session.id], key=lambda each: (each.seq, each.kind)):
                yield edit
                await self._slices.breathe()
            for sheet in sorted(sheets[session.id], key=_added):
                yield sheet
                await self._slices.breathe()
            for reflection in sorted(reflections[session.id], key=lambda each: each.id):
                yield reflection
                await self._slices.breathe()
            await self._slices.breathe()

    def _own(self, rows: Iterable[Any]) -> Sequence[Any]:
        return [row for row in rows if row.school_id == self._school.id]

    async def _by_session(self, rows: Iterable[Any]) -> dict[UUID, list[Any]]:
        found: dict[UUID, list[Any]] = defaultdict(list)
        for row in rows:
            found[row.session_id].append(row)
            await self._slices.breathe()
        return found

    async def _sorted(self, rows: Sequence[Item], key: Key) -> Iterator[Item]:
        sorted_parts: list[list[Item]] = []
        for start in range(0, len(rows), _ROWS_SORTED_AT_ONCE):
            sorted_parts.append(sorted(rows[start : start + _ROWS_SORTED_AT_ONCE], key=key))
            await self._slices.breathe()
        return merge(*sorted_parts, key=key)

    def _edited(self, type: SubjectType, row_id: UUID) -> Edited:
        entry = self._log[(type, row_id)]
        return Edited(entry.version, entry.first_version, entry.written)


def _added(row: Any) -> Any:
    return row.created_at, row.id


def _joined(row: Any) -> Any:
    return row.joined_at, row.id
