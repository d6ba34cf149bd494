"""One draft on its way into the record, and whoever waits for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from server.domain.events import ActionTaken, Event, EventDraft, NoteAdded, VitalsPushed
from server.domain.record import Actor, Recorded, StoreOutcome
from server.ports.records import Foresee

_PLAIN_DRAFT_BYTES = 1024


class IllegalTransition(Exception):
    """A state was to follow another that it cannot follow: a bug."""


class Storing(IntEnum):
    """How far a draft is on its way into the record."""

    WAITING = 1
    SENT = 2
    """It is in a group under way."""
    IN_DOUBT = 3
    """It may have been written when the storage was lost: the record has to be asked before it is sent again."""
    LOOKED_UP = 4
    """The record was asked for its session, and then for its id, and had it not."""
    ANSWERED = 5


class Showing(IntEnum):
    """What those who watch were told of a draft that is late."""

    UNSEEN = 1
    HELD_BACK = 2
    """By what is known it would be refused; it is looked at once more when the record had time to say otherwise."""
    FORESEEN = 3


# With every push several of these are asked for. In Python 3.11 a member of an enum is looked up by a function, which
# costs ten times as much as a name.
WAITING, SENT, IN_DOUBT, LOOKED_UP, ANSWERED = Storing
UNSEEN, HELD_BACK, FORESEEN = Showing

_STORING: Mapping[Storing, frozenset[Storing]] = {
    WAITING: frozenset({SENT, LOOKED_UP, ANSWERED}),
    SENT: frozenset({WAITING, IN_DOUBT, ANSWERED}),
    IN_DOUBT: frozenset({LOOKED_UP, ANSWERED}),
    LOOKED_UP: frozenset({LOOKED_UP, SENT, ANSWERED}),
    ANSWERED: frozenset(),
}
_SHOWING: Mapping[Showing, frozenset[Showing]] = {
    UNSEEN: frozenset({HELD_BACK, FORESEEN}),
    HELD_BACK: frozenset({FORESEEN}),
    FORESEEN: frozenset(),
}


class PendingDraft:
    __slots__ = (
        "actor", "answer", "arrived", "draft", "foresee", "login", "now", "number", "session_id", "showing", "size",
        "storing", "tried",
    )  # fmt: skip

    def __init__(
        self,
        session_id: UUID,
        actor: Actor,
        draft: EventDraft,
        now: datetime,
        foresee: Foresee | None,
        login: bytes | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.session_id = session_id
        self.actor = actor
        self.draft = draft
        self.now = now
        self.foresee = foresee
        self.login = login
        """The hash of the token that must be live when this is written; None if that is not asked."""
        self.arrived = loop.time()
        self.answer: asyncio.Future[StoreOutcome] = loop.create_future()
        self.size = _size_of(draft)
        self.number = 0
        """Its place among all that ever waited."""
        self.tried: dict[int, Recorded] = {}
        """What may have been written when the storage was lost, by its seq."""
        self.storing = WAITING
        self.showing = UNSEEN

    @property
    def waited(self) -> float:
        """Seconds."""
        return asyncio.get_running_loop().time() - self.arrived

    @property
    def is_known_unstored(self) -> bool:
        """Nothing that was sent can have stored it."""
        return self.storing is not SENT and not self.tried

    def move(self, storing: Storing) -> None:
        if storing not in _STORING[self.storing]:
            raise IllegalTransition(f"{self.storing.name} -> {storing.name}")
        self.storing = storing

    def show(self, showing: Showing) -> None:
        if showing not in _SHOWING[self.showing]:
            raise IllegalTransition(f"{self.showing.name} -> {showing.name}")
        self.showing = showing

    def doubt(self, recorded: Recorded) -> None:
        """The storage was lost while this was being written."""
        self.move(IN_DOUBT)
        self.tried[recorded.event.seq] = recorded

    async def outcome(self) -> StoreOutcome:
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


def _size_of(draft: EventDraft) -> int:
    size = _PLAIN_DRAFT_BYTES
    match draft.fact:
        case VitalsPushed(patch=patch):
            size += 128 * len(patch.flags)
        case NoteAdded(text=text):
            size += 4 * len(text or "")
        case ActionTaken(details=details):
            size += 4 * len(repr(details))
        case _:
            pass
    return size
