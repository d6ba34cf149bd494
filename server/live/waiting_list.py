"""Drafts that are not stored yet, in the order in which they came: bounded, and none waits unnoticed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.domain.events import Event, EventDraft
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, SessionOver
from server.domain.people import Trainer
from server.domain.session import AlreadyRecorded, Recorded, Seat
from server.ports.records import Foresee
from server.ports.results import StorageUnavailable

Outcome = Recorded | AlreadyRecorded | NotFound | Forbidden | Conflict | SessionOver | InvalidFields

# From the contract: when a draft has waited that long, those who watch are told what is about to be stored.
LATE_SECONDS = 0.1
# A minute of many sessions; a draft in memory, with the message that waits for its ack, is some 10 KB.
WAITING_EVENTS = 5000
SESSION_WAITING_EVENTS = 1000
WAITING_BYTES = 16 * 1024 * 1024
SESSION_WAITING_BYTES = 2 * 1024 * 1024
_PLAIN_DRAFT_BYTES = 1024


class Waiting:
    """A draft, who wants it recorded, and whoever waits for the answer."""

    __slots__ = (
        "actor", "answer", "arrived", "draft", "foresee", "is_answered", "is_asked_about", "is_doomed",
        "is_foreseen", "is_overdue", "is_sent", "now", "number", "session_id", "size", "tried",
    )  # fmt: skip

    def __init__(
        self, session_id: UUID, actor: Trainer | Seat, draft: EventDraft, now: datetime, foresee: Foresee | None
    ) -> None:
        loop = asyncio.get_running_loop()
        self.session_id = session_id
        self.actor = actor
        self.draft = draft
        self.now = now
        self.foresee = foresee
        self.arrived = loop.time()
        self.answer: asyncio.Future[Outcome] = loop.create_future()
        self.size = _size_of(draft)
        self.number = 0
        """Its place among all that ever waited."""
        self.tried: dict[int, Recorded] = {}
        """What may have been written when the line broke, by its seq."""
        self.is_answered = False
        self.is_sent = False
        """It is in the group under way."""
        self.is_foreseen = False
        self.is_overdue = False
        """It has waited for LATE_SECONDS."""
        self.is_doomed = False
        """By what is known it would be refused."""
        self.is_asked_about = False
        """The record was asked for its session, and then for its id, since it came."""

    @property
    def waited(self) -> float:
        """Seconds."""
        return asyncio.get_running_loop().time() - self.arrived

    async def outcome(self) -> Outcome:
        try:
            return await self.answer
        except asyncio.CancelledError:
            # Who asked has gone; the draft has not, and others may wait for the same one.
            if self.answer.cancelled():
                self.answer = asyncio.get_running_loop().create_future()
            raise

    def wrote(self, event: Event) -> Recorded | None:
        """The outcome that stored this event, if it was one of ours."""
        tried = self.tried.get(event.seq)
        if tried is None or event.session_id != self.session_id or event.created_at != tried.event.created_at:
            return None
        return tried


@dataclass(slots=True)
class _Share:
    events: int = 0
    bytes: int = 0


class WaitingList:
    def __init__(self, overdue: Callable[[Waiting], None]) -> None:
        """`overdue` is told, once, of each that has waited for LATE_SECONDS."""
        self._overdue = overdue
        self._by_id: dict[UUID, Waiting] = {}
        self._shares: dict[UUID, _Share] = {}
        self._bytes = 0
        self._numbers = 0
        self._late = 0
        self._overdues = 0
        self._young: deque[Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def has_late(self) -> bool:
        return self._late > 0

    @property
    def has_overdue(self) -> bool:
        """Some event has waited for LATE_SECONDS."""
        return self._overdues > 0

    def sessions(self) -> Sequence[UUID]:
        return list(self._shares)

    def find(self, event_id: UUID) -> Waiting | None:
        return self._by_id.get(event_id)

    def add(self, waiting: Waiting) -> None:
        """Raises StorageUnavailable if there is no room, for this session or for any."""
        share = self._shares.get(waiting.session_id) or _Share()
        if (
            len(self._by_id) >= WAITING_EVENTS
            or share.events >= SESSION_WAITING_EVENTS
            or self._bytes + waiting.size > WAITING_BYTES
            or share.bytes + waiting.size > SESSION_WAITING_BYTES
        ):
            raise StorageUnavailable(f"{len(self._by_id)} events wait to be stored, {share.events} of this session")
        self._numbers += 1
        waiting.number = self._numbers
        self._by_id[waiting.draft.id] = waiting
        self._bytes += waiting.size
        self._shares[waiting.session_id] = share
        share.events += 1
        share.bytes += waiting.size
        self._young.append(waiting)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LATE_SECONDS, self._look)

    def foreseen(self, waiting: Waiting) -> None:
        waiting.is_foreseen = True
        self._late += 1

    def answer(self, waiting: Waiting, outcome: Outcome | Exception) -> None:
        waiting.is_answered = True
        del self._by_id[waiting.draft.id]
        self._late -= waiting.is_foreseen
        self._overdues -= waiting.is_overdue
        self._bytes -= waiting.size
        share = self._shares[waiting.session_id]
        share.events -= 1
        share.bytes -= waiting.size
        if share.events == 0:
            del self._shares[waiting.session_id]
        if waiting.answer.done():
            return
        if isinstance(outcome, Exception):
            waiting.answer.set_exception(outcome)
            # Nobody may be left to hear it.
            waiting.answer.exception()
        else:
            waiting.answer.set_result(outcome)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while self._young:
            waiting = self._young[0]
            if not waiting.is_answered:
                if waiting.arrived + LATE_SECONDS > loop.time():
                    break
                waiting.is_overdue = True
                self._overdues += 1
                self._overdue(waiting)
            self._young.popleft()
        # For the oldest that still waits: those that were answered in time cost no turn of the loop.
        self._timer = loop.call_at(self._young[0].arrived + LATE_SECONDS, self._look) if self._young else None


def _size_of(draft: EventDraft) -> int:
    size = _PLAIN_DRAFT_BYTES
    if draft.text is not None:
        size += 4 * len(draft.text)
    if draft.details is not None:
        size += 4 * len(repr(draft.details))
    if draft.patch is not None and draft.patch.flags:
        size += 128 * len(draft.patch.flags)
    return size
