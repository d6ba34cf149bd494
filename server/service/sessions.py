"""Training sessions: opened, written to, ended. One method for each thing that may happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from server.domain.audit import author_of
from server.domain.case import Case
from server.domain.events import SYSTEM, Event, EventDraft, VitalsPushed, is_shown
from server.domain.opening import NewSession, draw_code, open_session, template_errors
from server.domain.outcomes import (
    ID_TAKEN,
    Conflict,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    NotHome,
    SessionOver,
    Unauthenticated,
    Unchanged,
    VersionMismatch,
    invalid,
)
from server.domain.people import Trainer
from server.domain.permissions import NO_SESSION, judge_action, judge_school_action
from server.domain.record import Actor, AlreadySo, DraftOutcome, Recorded, RecordOutcome, StoreOutcome
from server.domain.session import (
    CO_TRAINERS_LIMIT,
    Seat,
    Session,
    SessionChange,
    SessionStatus,
    SessionSummary,
    co_trainer_error,
    newly_named,
)
from server.domain.vitals import fold
from server.ports.broadcast import Publisher
from server.ports.people import AccountStore
from server.ports.results import Added, AlreadyThere, CodeTaken, Cursor, Page, StorageUnavailable
from server.ports.sessions import SessionStore
from server.ports.templates import TemplateStore
from server.service.cases import Cases
from server.service.spare_ids import SpareIds

Outcome = TypeVar("Outcome")

_NO_STEP = invalid("step", "is not a step of this session's case")


class Sessions:
    def __init__(
        self,
        store: SessionStore,
        accounts: AccountStore,
        templates: TemplateStore,
        cases: Cases,
        publisher: Publisher,
        default_life: timedelta,
        expiry_changed: Callable[[], None],
        spare_ids: SpareIds,
    ) -> None:
        """`expiry_changed` is told that the next expiry may be another one than it was."""
        self._store = store
        self._accounts = accounts
        self._templates = templates
        self._publisher = publisher
        self._default_life = default_life
        self._expiry_changed = expiry_changed
        self._cases = cases
        self._spare_ids = spare_ids
        self._recording: set[asyncio.Task[Any]] = set()

    async def open(
        self, trainer: Trainer, new: NewSession, now: datetime
    ) -> Added[Session] | AlreadyThere[Session] | Forbidden | Conflict | InvalidFields:
        """Open a session under a fresh code. The start values that it was given are its first event."""
        if refusal := judge_school_action(trainer, "open_session"):
            return refusal
        template = None
        if new.template_id is not None:
            template = await self._templates.find_template(trainer.school_id, new.template_id)
        opened = open_session(trainer, new, template, self._default_life, session_id=uuid4(), event_id=uuid4(), now=now)
        if isinstance(opened, InvalidFields):
            return opened
        session, first = opened
        case = None if template is None else template.case()
        while True:
            outcome = await self._store.add_session(replace(session, code=draw_code()), first, author_of(trainer), case)
            if not isinstance(outcome, CodeTaken):
                break
        self._expiry_changed()
        if isinstance(outcome, Added) and case is not None:
            self._cases.keep(session.id, case)
        return outcome

    async def list(
        self, trainer: Trainer, status: SessionStatus, limit: int, after: Cursor | None, now: datetime
    ) -> Page[SessionSummary]:
        return await self._store.list_sessions(trainer.school_id, status, limit, after, now)

    async def find(self, trainer: Trainer, session_id: UUID) -> Session | NotFound | Forbidden:
        session = await self._store.find_session(session_id)
        if session is None:
            return NO_SESSION
        return judge_action(trainer, "watch", session) or session

    async def change(
        self,
        trainer: Trainer,
        session_id: UUID,
        change: SessionChange,
        expected_version: int | None,
        now: datetime,
    ) -> Session | NotFound | Forbidden | VersionMismatch | SessionOver | NotHome | InvalidFields:
        errors = [*change.errors(), *await self.co_trainer_errors(trainer, change.co_trainer_ids or (), session_id)]
        if errors:
            return InvalidFields(tuple(errors))
        changed = await self._store.change_session(session_id, trainer, change, expected_version, now)
        if isinstance(changed, Unchanged):
            return changed.item
        if isinstance(changed, Session):
            self._expiry_changed()
            await self._publisher.session_updated(changed)
        return changed

    async def template_errors(self, trainer: Trainer, template_id: UUID) -> Sequence[FieldError]:
        """Whether it can be opened with, for a refusal of other fields."""
        return template_errors(template_id, await self._templates.find_template(trainer.school_id, template_id))

    async def co_trainer_errors(
        self, trainer: Trainer, ids: Sequence[UUID], session_id: UUID | None
    ) -> Sequence[FieldError]:
        """`session_id`: whose co-trainers they are to be, None of one that is yet to be opened."""
        errors: list[FieldError] = []
        session = await self.find(trainer, session_id) if ids and session_id is not None else None
        named = newly_named(ids[:CO_TRAINERS_LIMIT], session if isinstance(session, Session) else None)
        for place, trainer_id in named:
            found = await self._accounts.find_trainer(trainer.school_id, trainer_id)
            if found is None or judge_school_action(found, "take_controls") is not None:
                errors.append(co_trainer_error(place))
        return errors

    async def take_controls(
        self, trainer: Trainer, session_id: UUID, now: datetime
    ) -> Session | NotFound | Forbidden | Conflict | SessionOver | NotHome:
        """Become a co-trainer; the watchers are told, the owner among them. Twice is no error and tells nothing."""
        outcome = await self._store.take_controls(session_id, trainer, uuid4(), now)
        if not isinstance(outcome, Recorded):
            return outcome
        await self._publisher.event_recorded(outcome)
        await self._publisher.session_updated(outcome.session)
        return outcome.session

    async def close(
        self, trainer: Trainer, session_id: UUID, now: datetime
    ) -> Session | NotFound | Forbidden | NotHome:
        """End it by hand; closing what is over already is no error and tells nobody anything."""
        outcome = await self._store.end_session(session_id, trainer, uuid4(), now)
        if not isinstance(outcome, Recorded):
            return outcome
        await self._publisher.event_recorded(outcome)
        await self._publisher.session_ended(outcome.session)
        return outcome.session

    async def record(self, actor: Trainer | Seat, session_id: UUID, draft: EventDraft, now: datetime) -> RecordOutcome:
        """`append` of what somebody did or saw, which is new every time."""
        outcome = await self.append(actor, session_id, draft, now)
        assert not isinstance(outcome, AlreadySo)  # noqa: S101 - only a case can be so already
        return outcome

    async def record_while_logged_in(
        self, trainer: Trainer, session_id: UUID, draft: EventDraft, now: datetime, login: bytes | None
    ) -> RecordOutcome | Unauthenticated:
        """`record`, if the login, by the hash of its token, still stands when the event is written."""
        outcome = await self._append(trainer, session_id, draft, now, login)
        assert not isinstance(outcome, AlreadySo)  # noqa: S101 - only a case can be so already
        return outcome

    async def append(self, actor: Actor, session_id: UUID, draft: EventDraft, now: datetime) -> DraftOutcome:
        """The one write path of a session's events, whichever door they came through.

        Returns after the commit, and after everybody was told of what is new. While the storage is late,
        vitals are told before they are stored; what is not stored in the end is taken back.
        """
        outcome = await self._append(actor, session_id, draft, now)
        if outcome == ID_TAKEN and draft.by == SYSTEM:
            outcome = await self._append(actor, session_id, replace(draft, id=self._spare_ids.of(draft.id)), now)
        assert not isinstance(outcome, Unauthenticated)  # noqa: S101 - it is asked of no login
        return outcome

    async def _append(
        self, actor: Actor, session_id: UUID, draft: EventDraft, now: datetime, login: bytes | None = None
    ) -> StoreOutcome:
        if isinstance(draft.fact, VitalsPushed) and draft.fact.step is not None and isinstance(actor, Trainer):
            fact = await self._as_played(actor, session_id, draft.fact, draft.fact.step, now)
            if not isinstance(fact, VitalsPushed):
                return fact
            draft = replace(draft, fact=fact)
        telling: asyncio.Task[None] | None = None

        def foresee(foreseen: Recorded) -> None:
            nonlocal telling
            telling = asyncio.create_task(self._publisher.vitals_foreseen(foreseen))

        try:
            outcome = await self._store.append_event(
                session_id, actor, draft, now, foresee if is_shown(draft.fact) else None, login
            )
        except Exception:
            # It will not be stored. (Whoever is cancelled leaves it to be: nothing is to be taken back.)
            if telling is not None:
                with suppress(StorageUnavailable):
                    await self._take_back(telling, session_id, now)
            raise
        if isinstance(outcome, Recorded):
            if telling is not None:
                await telling
            await self._publisher.event_recorded(outcome)
        elif telling is not None:
            await self._take_back(telling, session_id, now)
        return outcome

    async def _take_back(self, telling: asyncio.Task[None], session_id: UUID, now: datetime) -> None:
        """What was foreseen: behind the word of it, or that would stand on the screens."""
        await telling
        if session := await self._store.find_session(session_id):
            await self._publisher.vitals_taken_back(session, now)

    async def _as_played(
        self, trainer: Trainer, session_id: UUID, fact: VitalsPushed, key: str, now: datetime
    ) -> VitalsPushed | NotFound | Forbidden | InvalidFields:
        """The push of a step of the session's case: what was sent or, without that, what stands in the case."""
        case = await self._cases.find(session_id)
        step = None if case is None else case.find_step(key)
        if step is None:
            found = await self.find(trainer, session_id)
            if not isinstance(found, Session):
                return found
            merged = fold(found.last_values, fact.patch, now)
            return InvalidFields((*_NO_STEP.errors, *(merged.errors if isinstance(merged, InvalidFields) else ())))
        if not fact.patch.is_empty():
            return fact
        return replace(fact, patch=replace(step.patch, ramp_seconds=fact.patch.ramp_seconds or step.patch.ramp_seconds))

    async def step_errors(self, trainer: Trainer, session_id: UUID, key: str) -> Sequence[FieldError]:
        """Whether it can be played, for a refusal of other fields. Of what may not be seen nothing is told."""
        if not isinstance(await self.find(trainer, session_id), Session):
            return ()
        case = await self._cases.find(session_id)
        return () if case is not None and case.find_step(key) is not None else _NO_STEP.errors

    async def within(self, seconds: float, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        """What recording an event answers, for whoever cannot wait longer: StorageUnavailable then, and it goes on.

        Asked again under the same id, the answer is that of the event that waits.
        """
        recording = asyncio.create_task(work)
        self._recording.add(recording)
        recording.add_done_callback(self._recorded)
        done, _ = await asyncio.wait({recording}, timeout=seconds)
        if not done:
            raise StorageUnavailable(f"not stored within {seconds:g} s; it goes on waiting")
        return recording.result()

    def _recorded(self, recording: asyncio.Task[Any]) -> None:
        self._recording.discard(recording)
        if not recording.cancelled():
            # Heard, whether or not anybody still waits for it.
            recording.exception()

    async def case(self, trainer: Trainer, session_id: UUID) -> Case | NotFound | Forbidden | None:
        """None for a session that was opened without a template."""
        found = await self.find(trainer, session_id)
        if not isinstance(found, Session):
            return found
        return None if found.template_id is None else await self._cases.find(session_id)

    async def events_after(
        self, trainer: Trainer, session_id: UUID, after_seq: int, limit: int
    ) -> tuple[Session, Sequence[Event]] | NotFound | Forbidden:
        found = await self.find(trainer, session_id)
        if not isinstance(found, Session):
            return found
        return found, await self._store.events_after(session_id, after_seq, limit)

    async def reread(self, session_id: UUID) -> Session | None:
        """The session as it is now, for somebody who has been let in already."""
        return await self._store.find_session(session_id)

    async def reread_events(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]:
        """Its record as it is now, likewise."""
        return await self._store.events_after(session_id, after_seq, limit)
