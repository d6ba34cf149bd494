"""How the cases of sessions stand that move by themselves, as far as this process has seen their records.

It follows from the record alone (`server/domain/moves.py`), event by event. What another process recorded shows by
the session being further on: then the record has to be read, and until it is, the case is due to be looked at.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.domain.case import Case, Step
from server.domain.events import Event, fold_fact
from server.domain.moves import Move, Progress, advance, next_move
from server.domain.outcomes import InvalidFields
from server.domain.session import Session
from server.domain.vitals import START_VALUES, LastValues

# Of so many sessions it is remembered that nothing of them moves by itself; others are looked up again.
STILL_ONES_KEPT = 10_000


@dataclass(slots=True)
class RunningCase:
    """A case that moves by itself, after the events of the record up to `progress.seq`."""

    steps: Sequence[Step]
    progress: Progress
    move: Move | None = None
    """What it does next by itself, if nothing else happens."""
    is_ahead: bool = False
    """It followed an event that was foreseen, and may never have been stored."""
    is_behind: bool = False
    """There was an event further on than this has followed: a session that was read before it says nothing any more."""
    outlives_case: bool | None = None
    """Whether the session goes on when its case has ended. None: nobody has asked yet."""

    @property
    def is_unsure(self) -> bool:
        return self.is_ahead or self.is_behind

    def follow(self, event: Event, last: LastValues | None = None) -> None:
        """The next event; `last` is what the session shows after it, where that is known."""
        if last is None:
            folded = fold_fact(self.progress.last, event.fact, event.created_at)
            last = self.progress.last if isinstance(folded, InvalidFields) else folded
        self.progress = advance(self.steps, self.progress, event, last)
        self.move = next_move(self.steps, self.progress)

    def begin_anew(self, opened_at: datetime) -> None:
        self.progress, self.move, self.is_ahead = Progress(START_VALUES, opened_at), None, False


class RunningCases:
    def __init__(self) -> None:
        self._running: dict[UUID, RunningCase] = {}
        self._still: OrderedDict[UUID, None] = OrderedDict()

    def see(self, session: Session, event: Event | None) -> None:
        """A session as it was read, or as it is with the event that was just recorded, or is about to be."""
        running = self._running.get(session.id)
        if running is None:
            return
        if session.closed_at is not None:
            del self._running[session.id]
        elif event is None:
            # Read again, maybe because what was foreseen was refused.
            if running.progress.seq > session.last_seq:
                running.is_ahead = True
            elif running.progress.seq < session.last_seq:
                running.is_behind = True
        elif event.seq == running.progress.seq + 1 and not running.is_ahead:
            running.follow(event, session.last_values)
        elif event.seq <= running.progress.seq:
            running.is_ahead = True
        else:
            running.is_behind = True

    def next_due(self, session: Session) -> datetime | None:
        """When something has to be done about the case; None if nothing, until something else happens."""
        if session.template_id is None or session.id in self._still or session.elsewhere() is not None:
            return None
        running = self._running.get(session.id)
        if running is None or running.is_unsure or running.progress.seq != session.last_seq:
            # Has passed: the record is to be read, now.
            return session.updated_at
        if running.progress.has_ended and running.outlives_case is None:
            # Whether the session ends with it is to be asked, now.
            return running.progress.seen_at
        return None if running.move is None else running.move.at

    def find(self, session_id: UUID) -> RunningCase | None:
        return self._running.get(session_id)

    def begin(self, session: Session, case: Case | None) -> RunningCase | None:
        """None, from now on, if nothing of the session moves by itself."""
        if case is None or not case.moves_itself:
            self._still[session.id] = None
            if len(self._still) > STILL_ONES_KEPT:
                self._still.popitem(last=False)
            return None
        return self._running.setdefault(session.id, RunningCase(case.steps, Progress(START_VALUES, session.created_at)))

    def forget(self, session_id: UUID) -> None:
        self._running.pop(session_id, None)
