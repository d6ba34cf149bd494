"""What of this hall waits, sent: templates, then sessions, their events, session by session, and what is written beside
them.

Each call is whole by itself: what was acknowledged is marked before the next one goes, so a line that is cut costs one
call, and the same call again is answered as it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from server.domain.upstream import Link, LinkProblem
from server.ports.upstream import (
    RefusedRow,
    SessionMark,
    SessionPut,
    UpstreamStore,
    WaitingSession,
    WaitingTemplate,
)
from server.upstream.answers import SessionPart, UpAnswer
from server.upstream.beside import BesideSending
from server.upstream.calls import Stopped, UpCalls, unanswered
from server.upstream.envelopes import Envelope, session_envelope, template_envelope
from server.upstream.records import RecordSending
from server.upstream.taking import CentralRow, TakingHome

SESSIONS_AT_ONCE = 50


class Sending:
    def __init__(
        self,
        store: UpstreamStore,
        calls: UpCalls,
        records: RecordSending,
        beside: BesideSending,
        taking: TakingHome,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._calls = calls
        self._records = records
        self._beside = beside
        self._taking = taking
        self._now = now

    async def send(
        self, link: Link, waiting: Sequence[WaitingSession], there: Mapping[UUID, SessionPart]
    ) -> Stopped | None:
        """Everything that waits. `waiting` are the sessions, `there` is what the central said of those it has."""
        self._calls.begin()
        if stopped := await self._send_templates(link):
            return stopped
        aligned = await self._aligned(link, waiting, there)
        puts = [session for session in aligned if session.row_waits]
        marks = {each.id: SessionMark(each.mark.pushed, each.pushed_seq, each.seats) for each in aligned}
        stopped = await self._put_sessions(link, puts, marks)
        stopped = stopped or await self._records.send(link, aligned, marks)
        return stopped or await self._beside.send(link)

    # Templates

    async def _send_templates(self, link: Link) -> Stopped | None:
        return await self._calls.up_all(
            link,
            lambda: self._store.waiting_templates(link.met.school_id, self._now(), self._calls.limit),
            lambda each: template_envelope(link, each),
            lambda sent, answer: self._hear_templates(link, sent, answer),
        )

    async def _hear_templates(
        self, link: Link, sent: Sequence[tuple[WaitingTemplate, Envelope]], answer: UpAnswer
    ) -> LinkProblem | None:
        by_id = {UUID(str(envelope["id"])): waiting.row for waiting, envelope in sent}
        rows: list[CentralRow] = []
        for acknowledged in answer.acknowledged:
            row, data = by_id.pop(acknowledged.outboxEventId, None), acknowledged.serverData
            if row is None:
                continue
            told = CentralRow("TEMPLATE", row.entity.id, acknowledged.serverVersion, row.is_deleted, sent=row.version)
            rows.append(
                replace(told, has_data=False)
                if data is None
                else replace(told, version=data.version, is_deleted=data.deleted, payload=data.payload)
            )
        for conflict in answer.conflicts:
            row, data = by_id.pop(conflict.outboxEventId, None), conflict.serverData
            if row is None:
                continue
            told = CentralRow("TEMPLATE", row.entity.id, 0, sent=row.version, conflict_id=conflict.conflictId)
            rows.append(
                replace(told, is_missing=True)
                if data is None
                else replace(told, version=data.version, is_deleted=data.deleted, payload=data.payload)
            )
        refused = [
            self._calls.refused("TEMPLATE", row.entity.id, rejected, row.version)
            for rejected in answer.rejected
            if (row := by_id.pop(rejected.outboxEventId, None)) is not None
        ]
        if rows:
            await self._taking.take(link, rows)
        if refused:
            await self._store.refuse(link.met.school_id, refused)
        return unanswered(by_id)

    # Sessions

    async def _aligned(
        self, link: Link, waiting: Sequence[WaitingSession], there: Mapping[UUID, SessionPart]
    ) -> list[WaitingSession]:
        """By what the central says that it has: it may have been restored, or heard more than was answered."""
        aligned: list[WaitingSession] = []
        refused: list[RefusedRow] = []
        known: dict[UUID, SessionMark] = {}
        for session in waiting:
            part = there.get(session.id)
            if part is None:
                aligned.append(replace(session, pushed_seq=0, row_waits=True))
            elif part.takenOver and part.lastSeq == session.last_seq and await self._is_same(session, part):
                # Nothing of it is here alone.
                known[session.id] = SessionMark(session.version, session.last_seq, session.seats)
            elif part.takenOver:
                refused.append(self._lost(session, "not_home", "the session was taken over by the central server"))
            elif part.lastSeq > session.last_seq:
                more = f"the central server has {part.lastSeq} events, this hall {session.last_seq}"
                refused.append(self._lost(session, "seq_taken", more))
            elif part.lastSeq != session.pushed_seq and not await self._is_same(session, part):
                # A disk that was put back, and went on.
                other = f"the central server has another event {part.lastSeq} than this hall"
                refused.append(self._lost(session, "seq_taken", other))
            else:
                aligned.append(replace(session, pushed_seq=part.lastSeq))
                if not session.row_waits and part.lastSeq != session.pushed_seq:
                    # Answered just before this hall was killed: nothing else would ever mark it.
                    known[session.id] = SessionMark(session.mark.pushed, part.lastSeq, session.seats)
        if refused:
            await self._store.refuse(link.met.school_id, refused)
        if known:
            await self._store.mark_sessions(link.met.school_id, link.met.epoch, known)
        return aligned

    async def _is_same(self, session: WaitingSession, part: SessionPart) -> bool:
        """Whether the record here is the central's, as far as that goes; as many events on both sides do not say so."""
        if part.lastSeq == 0 or part.isForgotten:
            return True
        if part.lastEventId is None:
            return not part.takenOver
        return part.lastEventId == await self._records.event_id(session.id, part.lastSeq)

    async def _put_sessions(
        self, link: Link, puts: Sequence[WaitingSession], marks: dict[UUID, SessionMark]
    ) -> Stopped | None:
        """What was refused is taken out of `marks`: without its session no event is sent."""
        left = {each.id: each for each in puts}

        async def waiting() -> Sequence[tuple[WaitingSession, SessionPut]]:
            some = list(left)[: min(self._calls.limit, SESSIONS_AT_ONCE)]
            if not some:
                return ()
            found = await self._store.session_puts(some)
            return [(left[each], found[each]) for each in some if each in found]

        async def hear(
            sent: Sequence[tuple[tuple[WaitingSession, SessionPut], Envelope]], answer: UpAnswer
        ) -> LinkProblem | None:
            for (session, _), _ in sent:
                del left[session.id]
            return await self._hear_sessions(
                link, [(session, envelope) for (session, _), envelope in sent], answer, marks
            )

        return await self._calls.up_all(link, waiting, lambda each: session_envelope(link, each[1]), hear)

    async def _hear_sessions(
        self,
        link: Link,
        sent: Sequence[tuple[WaitingSession, Envelope]],
        answer: UpAnswer,
        marks: dict[UUID, SessionMark],
    ) -> LinkProblem | None:
        by_id = {UUID(str(envelope["id"])): waiting for waiting, envelope in sent}
        taken: dict[UUID, SessionMark] = {}
        for acknowledged in answer.acknowledged:
            if (session := by_id.pop(acknowledged.outboxEventId, None)) is None:
                continue
            taken[session.id] = SessionMark(session.version, session.pushed_seq, session.seats)
        refused: list[RefusedRow] = []
        for rejected in answer.rejected:
            if (session := by_id.pop(rejected.outboxEventId, None)) is not None:
                refused.append(self._calls.refused("SESSION", session.id, rejected, session.version))
                del marks[session.id]
        marks |= taken
        if taken:
            await self._store.mark_sessions(link.met.school_id, link.met.epoch, taken)
        if refused:
            await self._store.refuse(link.met.school_id, refused)
        return unanswered(by_id)

    def _lost(self, session: WaitingSession, reason: str, words: str) -> RefusedRow:
        return RefusedRow("SESSION", session.id, reason, [("last_seq", words)], session.version, self._now())
