"""The events of a hall's sessions, sent in the order of their seq, each call with what every session shows after it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast
from uuid import UUID

from server.domain.events import Event, fold_fact
from server.domain.hall_records import hash_of_events, hash_of_values
from server.domain.outcomes import InvalidFields
from server.domain.upstream import Link, LinkProblem
from server.domain.vitals import START_VALUES, LastValues
from server.ports.sessions import SessionStore
from server.ports.slices import Slices
from server.ports.upstream import SessionMark, UpstreamStore, WaitingSession
from server.upstream.answers import RejectedPart, UpAnswer
from server.upstream.calls import BATCH_BYTES, EVENTS_LIMIT, Stopped, UpCalls, unanswered
from server.upstream.client import NewEpoch, TooMuch
from server.upstream.envelopes import Envelope, event_envelope, size_of

FOLDS_KEPT = 500
# Of 500 at a time a third more would arrive, and the central's own pushes would feel it twice as much (decision 0019).
EVENTS_AT_ONCE = 100


@dataclass(slots=True)
class _Fold:
    """What a session shows after its event `seq`."""

    seq: int = 0
    last: LastValues = field(default_factory=lambda: START_VALUES)

    def follow(self, event: Event) -> None:
        folded = fold_fact(self.last, event.fact, event.created_at)
        if not isinstance(folded, InvalidFields):
            self.last = folded
        self.seq = event.seq


@dataclass(slots=True)
class _Batch:
    """Events of several sessions that go in one call; of each session, up to which seq."""

    envelopes: list[Envelope] = field(default_factory=list[Envelope])
    session_of: dict[UUID, UUID] = field(default_factory=dict[UUID, UUID])
    reached: dict[UUID, int] = field(default_factory=dict[UUID, int])


class RecordSending:
    def __init__(self, store: UpstreamStore, sessions: SessionStore, calls: UpCalls) -> None:
        self._store = store
        self._sessions = sessions
        self._calls = calls
        self._folds: dict[UUID, _Fold] = {}

    async def send(
        self, link: Link, sessions: Sequence[WaitingSession], marks: dict[UUID, SessionMark]
    ) -> Stopped | None:
        left = {each.id: each for each in sessions if each.id in marks and each.last_seq > marks[each.id].pushed_seq}
        ahead: _Batch | None = None
        while left:
            batch = ahead or await self._next_batch(left, marks)
            if not batch.envelopes:
                return None
            outcome, ahead = await self._up(link, batch, left, marks)
            hear = partial(self._hear_events, link, batch, left, marks)
            if stopped := await self._calls.settle(outcome, len(batch.envelopes), hear):
                return stopped
            if any(marks[each].pushed_seq != seq for each, seq in batch.reached.items()):
                # Not all of it was taken: what comes next is another one than was thought.
                ahead = None
        return None

    async def event_id(self, session_id: UUID, seq: int) -> UUID | None:
        events = await self._sessions.events_after(session_id, seq - 1, 1)
        return events[0].id if events else None

    async def _up(
        self, link: Link, batch: _Batch, left: Mapping[UUID, WaitingSession], marks: Mapping[UUID, SessionMark]
    ) -> tuple[UpAnswer | NewEpoch | TooMuch | LinkProblem, _Batch]:
        """The answer, and the batch that comes next if it says that this one was taken: made while it is waited for."""
        calling = asyncio.create_task(self._calls.up(link, batch.envelopes))
        try:
            taken = {each: replace(marks[each], pushed_seq=seq) for each, seq in batch.reached.items()}
            still = {
                each: session
                for each, session in left.items()
                if each not in taken or taken[each].pushed_seq < session.last_seq
            }
            ahead = await self._next_batch(still, {**marks, **taken})
            return await calling, ahead
        finally:
            calling.cancel()

    async def _next_batch(self, left: dict[UUID, WaitingSession], marks: Mapping[UUID, SessionMark]) -> _Batch:
        batch = _Batch()
        slices = Slices()
        bytes_left = BATCH_BYTES
        for session in tuple(left.values()):
            room = min(self._calls.limit, EVENTS_AT_ONCE) - len(batch.envelopes)
            if room <= 0 or bytes_left <= 0:
                break
            fold = await self._fold_until(session.id, marks[session.id].pushed_seq)
            last: dict[str, object] | None = None
            payloads: list[Mapping[str, object]] = []
            for event in await self._sessions.events_after(session.id, fold.seq, room):
                last = event_envelope(event)
                payloads.append(cast(Mapping[str, object], last["payload"]))
                fold.follow(event)
                batch.envelopes.append(last)
                batch.session_of[event.id] = session.id
                bytes_left -= size_of(event)
                await slices.breathe()
                if bytes_left <= 0:
                    break
            if last is None:
                # What the session's row counts is not stored yet, or not read: it comes the next time.
                del left[session.id]
                continue
            last["lastValuesSha256"] = hash_of_values(fold.last)
            last["eventsSha256"] = hash_of_events(payloads)
            batch.reached[session.id] = fold.seq
        return batch

    async def _fold_until(self, session_id: UUID, seq: int) -> _Fold:
        fold = self._folds.get(session_id)
        if fold is None or fold.seq != seq:
            fold = _Fold()
            while fold.seq < seq and (
                events := await self._sessions.events_after(session_id, fold.seq, min(EVENTS_LIMIT, seq - fold.seq))
            ):
                for event in events:
                    fold.follow(event)
        # It moves on with what is sent; an answer that is lost makes it be read anew.
        self._folds.pop(session_id, None)
        self._folds[session_id] = fold
        while len(self._folds) > FOLDS_KEPT:
            del self._folds[next(iter(self._folds))]
        return fold

    async def _hear_events(
        self,
        link: Link,
        batch: _Batch,
        left: dict[UUID, WaitingSession],
        marks: dict[UUID, SessionMark],
        answer: UpAnswer,
    ) -> LinkProblem | None:
        left_out = dict(batch.session_of)
        for acknowledged in answer.acknowledged:
            left_out.pop(acknowledged.outboxEventId, None)
        reasons: dict[UUID, RejectedPart] = {}
        for rejected in answer.rejected:
            session_id = left_out.pop(rejected.outboxEventId, None)
            if session_id is None:
                continue
            known = reasons.get(session_id)
            if known is None or _is_telling(rejected) > _is_telling(known):
                reasons[session_id] = rejected
        missing = set(left_out.values())
        taken = {
            session_id: replace(marks[session_id], pushed_seq=seq)
            for session_id, seq in batch.reached.items()
            if session_id not in reasons and session_id not in missing
        }
        marks |= taken
        if taken:
            await self._store.mark_sessions(link.met.school_id, link.met.epoch, taken)
        refused = [self._calls.refused("SESSION", each, part, left[each].version) for each, part in reasons.items()]
        if refused:
            await self._store.refuse(link.met.school_id, refused)
        for session_id in batch.reached:
            is_done = session_id in taken and marks[session_id].pushed_seq >= left[session_id].last_seq
            if session_id in reasons or is_done:
                del left[session_id]
        return unanswered(left_out)


def _is_telling(part: RejectedPart) -> int:
    """Of the events of a session that are refused together, the one at which something is wrong tells most."""
    return (part.reason != "session_refused") + any(error.field != "session_refused" for error in part.errors)
