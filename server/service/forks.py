"""Again from here: sessions that go on from a moment of another one's record, with its trainees if that is wished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from server.domain.case import Case
from server.domain.forking import (
    MOST_OPENING_EVENTS,
    Fork,
    Forked,
    NewFork,
    Standing,
    begin,
    beyond,
    follow,
    fork,
    judge_fork,
    opens_with,
)
from server.domain.opening import draw_code
from server.domain.outcomes import ID_TAKEN, Conflict, FieldError, Forbidden, InvalidFields, NotFound, NotHome
from server.domain.people import Trainer
from server.domain.permissions import NO_SESSION
from server.domain.session import Session
from server.ports.broadcast import Publisher
from server.ports.results import Added, AlreadyThere, CodeTaken
from server.ports.sessions import SessionStore
from server.service.cases import Cases

EVENTS_READ_AT_ONCE = 500

ForkOutcome = Added[Session] | AlreadyThere[Session] | NotFound | Forbidden | Conflict | NotHome | InvalidFields


class Forks:
    def __init__(
        self,
        store: SessionStore,
        cases: Cases,
        publisher: Publisher,
        default_life: timedelta,
        expiry_changed: Callable[[], None],
    ) -> None:
        """`expiry_changed` is told that the next expiry may be another one than it was."""
        self._store = store
        self._cases = cases
        self._publisher = publisher
        self._default_life = default_life
        self._expiry_changed = expiry_changed

    async def fork(self, trainer: Trainer, session_id: UUID, new: NewFork, now: datetime) -> ForkOutcome:
        """Open it, and send the trainees over if that is wished. The same id again: the same session."""
        source = await self._store.find_session(session_id)
        if source is None:
            return NO_SESSION
        if refusal := judge_fork(source, trainer, moves_trainees=new.moves_trainees):
            return refusal
        if new.id is not None and (known := await self._store.find_session(new.id)) is not None:
            return _again(known, source)
        if errors := new.errors():
            return InvalidFields(tuple(errors))
        case = None if source.template_id is None else await self._cases.find(source.id)
        standing = await self._standing(source, case, new.after_seq)
        if isinstance(standing, InvalidFields):
            return standing
        made = fork(source, standing, case, trainer, new, self._default_life, session_id=uuid4(), now=now)
        outcome = await self._add(made, trainer)
        if isinstance(outcome, AlreadyThere):
            return _again(outcome.item, source)
        if not isinstance(outcome, Forked):
            return outcome
        await self._tell(outcome, case)
        return Added(outcome.session)

    async def after_seq_errors(self, trainer: Trainer, session_id: UUID, after_seq: int) -> Sequence[FieldError]:
        """Whether the record has it, for a refusal of other fields. Of what may not be seen nothing is told."""
        source = await self._store.find_session(session_id)
        if source is None or judge_fork(source, trainer, moves_trainees=False) or after_seq <= source.last_seq:
            return ()
        return beyond(source.last_seq).errors

    async def _standing(self, source: Session, case: Case | None, after_seq: int) -> Standing | InvalidFields:
        standing = begin(source)
        while standing.seq < after_seq:
            left = after_seq - standing.seq
            events = await self._store.events_after(source.id, standing.seq, min(left, EVENTS_READ_AT_ONCE))
            if not events:
                return beyond(standing.seq)
            standing = follow(standing, events, case)
        if source.forked_from is not None and after_seq < MOST_OPENING_EVENTS:
            # The first events of a fork are one moment.
            events = await self._store.events_after(source.id, after_seq, MOST_OPENING_EVENTS - after_seq)
            standing = follow(standing, [each for each in events if opens_with(source, each)], case)
        return standing

    async def _add(
        self, made: Fork, trainer: Trainer
    ) -> Forked | AlreadyThere[Session] | Conflict | NotFound | Forbidden | NotHome:
        while True:
            coded = replace(made, session=replace(made.session, code=draw_code()))
            outcome = await self._store.add_fork(coded, trainer, uuid4())
            if not isinstance(outcome, CodeTaken):
                return outcome

    async def _tell(self, forked: Forked, case: Case | None) -> None:
        self._expiry_changed()
        if case is not None:
            self._cases.keep(forked.session.id, case)
        # Nobody listens yet; but its case may go on by itself, and its cuff.
        await self._publisher.session_updated(forked.session)
        if forked.ended is not None:
            await self._publisher.event_recorded(forked.ended)
            await self._publisher.session_ended(forked.ended.session)


def _again(known: Session, source: Session) -> AlreadyThere[Session] | Conflict:
    forked = known.forked_from
    is_same = known.school_id == source.school_id and forked is not None and forked.session_id == source.id
    return AlreadyThere(known) if is_same else ID_TAKEN
