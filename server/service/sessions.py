"""Training sessions: opened, joined, written to, ended. One method for each thing that may happen."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from server.domain.event import Author, Event, EventDraft
from server.domain.outcomes import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidFields,
    NotFound,
    RateLimited,
    SeatRemoved,
    SessionOver,
    VersionMismatch,
    invalid,
)
from server.domain.session import (
    CODE_ALPHABET,
    CODE_LENGTH,
    LONGEST_LIFE,
    AlreadyRecorded,
    Recorded,
    Seat,
    Session,
    SessionChange,
    SessionStatus,
    SessionSummary,
    may_control,
    may_see,
    normal_code,
    record,
)
from server.domain.template import Template
from server.domain.text import DISPLAY_NAME_LIMIT, NAME_LIMIT, TITLE_LIMIT, line_error, one_line
from server.domain.trainer import Trainer
from server.domain.vitals import START_VALUES, VitalsPatch
from server.service.guessing import CodeLimits
from server.service.presence import Presence
from server.service.publisher import Publisher
from server.service.tokens import new_token, token_hash
from server.storage.repository import (
    Added,
    AlreadyThere,
    CodeTaken,
    Cursor,
    Page,
    SessionStore,
    StorageUnavailable,
    TemplateStore,
)

DEFAULT_TITLE = "Session"
_NO_SESSION = NotFound("There is no such session.")


@dataclass(frozen=True, slots=True)
class NewSession:
    id: UUID | None = None
    title: str | None = None
    trainee_name: str | None = None
    duration: timedelta | None = None
    template_id: UUID | None = None
    start: VitalsPatch | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A trainee in its seat; `token` keeps the seat."""

    session: Session
    seat: Seat
    token: str


@dataclass(frozen=True, slots=True)
class Trainee:
    """A seat as the trainer sees it."""

    seat: Seat
    is_connected: bool


class Sessions:
    def __init__(
        self,
        store: SessionStore,
        templates: TemplateStore,
        publisher: Publisher,
        presence: Presence,
        default_life: timedelta,
        expiry_changed: Callable[[], None],
    ) -> None:
        """`expiry_changed` is told that the next expiry may be another one than it was."""
        self._store = store
        self._templates = templates
        self._publisher = publisher
        self._presence = presence
        self._default_life = default_life
        self._expiry_changed = expiry_changed
        self._code_limits = CodeLimits()
        self._recording: set[asyncio.Task[Any]] = set()

    async def open(
        self, trainer: Trainer, new: NewSession, now: datetime
    ) -> Added[Session] | AlreadyThere[Session] | Forbidden | Conflict | InvalidFields:
        """Open a session under a fresh code. The start values that it was given are its first event."""
        if trainer.role == "observer":
            return Forbidden("An observer watches; ask a trainer of your school to open a session.")
        if errors := _errors_of(new):
            return InvalidFields(tuple(errors))
        template = None
        if new.template_id is not None:
            template = await self._templates.find_template(trainer.school_id, new.template_id)
            if template is None or template.deleted_at is not None:
                return invalid("template_id", "is not a template of your school")
        opened = _open(trainer, new, template, now + (new.duration or self._default_life), now)
        if isinstance(opened, InvalidFields):
            return opened
        session, first = opened
        while True:
            outcome = await self._store.add_session(replace(session, code=_draw_code()), first)
            if not isinstance(outcome, CodeTaken):
                self._expiry_changed()
                return outcome

    async def list(
        self, trainer: Trainer, status: SessionStatus, limit: int, after: Cursor | None, now: datetime
    ) -> Page[SessionSummary]:
        return await self._store.list_sessions(trainer.school_id, status, limit, after, now)

    async def find(self, trainer: Trainer, session_id: UUID) -> Session | NotFound:
        session = await self._store.find_session(session_id)
        if session is None:
            return _NO_SESSION
        return may_see(trainer, session) or session

    async def change(
        self,
        trainer: Trainer,
        session_id: UUID,
        change: SessionChange,
        expected_version: int | None,
        now: datetime,
    ) -> Session | NotFound | Forbidden | VersionMismatch | SessionOver | InvalidFields:
        errors = _text_errors(title=change.title, trainee_name=change.trainee_name)
        if errors:
            return InvalidFields(tuple(errors))
        changed = await self._store.change_session(session_id, trainer, change, expected_version, now)
        if isinstance(changed, Session):
            self._expiry_changed()
            await self._publisher.session_updated(changed)
        return changed

    async def close(self, trainer: Trainer, session_id: UUID, now: datetime) -> Session | NotFound | Forbidden:
        """End it by hand; closing what is over already is no error and tells nobody anything."""
        outcome = await self._store.end_session(session_id, trainer, uuid4(), now)
        if not isinstance(outcome, Recorded):
            return outcome
        await self._publisher.event_recorded(outcome)
        await self._publisher.session_ended(outcome.session)
        return outcome.session

    async def record(
        self, actor: Trainer | Seat, session_id: UUID, draft: EventDraft, now: datetime
    ) -> Recorded | AlreadyRecorded | NotFound | Forbidden | Conflict | SessionOver | InvalidFields:
        """The one write path of a session's events, whichever door they came through.

        Returns after the commit, and after everybody was told of what is new. While the storage is late,
        vitals are told before they are stored; what is not stored in the end is taken back.
        """
        telling: asyncio.Task[None] | None = None

        def foresee(foreseen: Recorded) -> None:
            nonlocal telling
            telling = asyncio.create_task(self._publisher.vitals_foreseen(foreseen))

        outcome = await self._store.append_event(
            session_id, actor, draft, now, None if draft.patch is None else foresee
        )
        if telling is not None:
            await telling
            if not isinstance(outcome, Recorded) and (session := await self._store.find_session(session_id)):
                await self._publisher.vitals_taken_back(session, now)
        if isinstance(outcome, Recorded):
            await self._publisher.event_recorded(outcome)
        return outcome

    async def record_within(
        self, seconds: float, actor: Trainer | Seat, session_id: UUID, draft: EventDraft, now: datetime
    ) -> Recorded | AlreadyRecorded | NotFound | Forbidden | Conflict | SessionOver | InvalidFields:
        """`record`, for who cannot wait any longer: StorageUnavailable then, and the event goes on waiting.

        Asked again under the same id, the answer is that of the event that waits.
        """
        recording = asyncio.create_task(self.record(actor, session_id, draft, now))
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

    async def events_after(
        self, trainer: Trainer, session_id: UUID, after_seq: int, limit: int
    ) -> tuple[Session, Sequence[Event]] | NotFound:
        found = await self.find(trainer, session_id)
        if isinstance(found, NotFound):
            return found
        return found, await self._store.events_after(session_id, after_seq, limit)

    async def look_up(self, code: str, address: str, now: datetime) -> Session | NotFound | SessionOver | RateLimited:
        """The open session behind a typed code. Wrong codes count against the address they come from."""
        if refusal := self._code_limits.refusal(address, now):
            return refusal
        session = await self._find_by_code(code)
        if session is None:
            self._code_limits.count(address, now)
            return NotFound("No session has this code. Look at the trainer's screen once more.")
        return session.over(now) or session

    async def take_seat(
        self, code: str, name: str | None, seat_token: str | None, address: str, now: datetime
    ) -> Joined | NotFound | SessionOver | RateLimited | SeatRemoved | InvalidFields:
        """Join by the code: back to the seat that the token proves, or to a new one."""
        if name is not None and (error := line_error("name", name, DISPLAY_NAME_LIMIT, required=False)):
            return InvalidFields((error,))
        name = one_line(name or "")
        if seat_token and (returned := await self._return_to_seat(code, name, seat_token, now)):
            return returned
        session = await self.look_up(code, address, now)
        if not isinstance(session, Session):
            return session
        if not name:
            name = f"Trainee {len(await self._store.list_seats(session.id)) + 1}"
        token = new_token()
        seat = Seat(uuid4(), session.id, name, now)
        await self._store.add_seat(seat, token_hash(token))
        return Joined(session, seat, token)

    async def _return_to_seat(
        self, code: str, name: str, seat_token: str, now: datetime
    ) -> Joined | SessionOver | SeatRemoved | None:
        """None if the token proves no seat here. It needs no limit: nobody guesses 256 bits."""
        session = await self._find_by_code(code)
        seat = session and await self._store.find_seat(session.id, token_hash(seat_token))
        if session is None or seat is None:
            return None
        if over := session.over(now):
            return over
        if seat.removed_at is not None:
            return SeatRemoved()
        if name and name != seat.name:
            seat = await self._store.rename_seat(seat, name)
        return Joined(session, seat, seat_token)

    async def _find_by_code(self, code: str) -> Session | None:
        wanted = normal_code(code)
        if len(wanted) != CODE_LENGTH or not set(wanted) <= set(CODE_ALPHABET):
            return None
        return await self._store.find_session_by_code(wanted)

    async def reread(self, session_id: UUID) -> Session | None:
        """The session as it is now, for somebody who has been let in already."""
        return await self._store.find_session(session_id)

    async def reread_events(self, session_id: UUID, after_seq: int, limit: int) -> Sequence[Event]:
        """Its record as it is now, likewise."""
        return await self._store.events_after(session_id, after_seq, limit)

    async def trainees(self, session_id: UUID) -> Sequence[Trainee]:
        """Who holds a seat, in the order of joining, and whether they are connected at this moment."""
        seats = await self._store.list_seats(session_id)
        return [Trainee(seat, self._presence.is_connected(seat)) for seat in seats]

    async def remove_trainee(
        self, trainer: Trainer, session_id: UUID, seat_id: UUID, now: datetime
    ) -> Seat | NotFound | Forbidden:
        """Take the seat away and cut its connections; its token does not come in again."""
        session = await self._store.find_session(session_id)
        if session is None:
            return _NO_SESSION
        if refusal := may_control(trainer, session):
            return refusal
        seat = await self._store.remove_seat(session_id, seat_id, now)
        if seat is None:
            return NotFound("Nobody in this session has this seat.")
        await self._publisher.seat_removed(session_id, seat_id)
        await self._publisher.trainees_changed(session_id)
        return seat


def _open(
    trainer: Trainer, new: NewSession, template: Template | None, expires_at: datetime, now: datetime
) -> tuple[Session, Event | None] | InvalidFields:
    session = Session(
        id=new.id or uuid4(),
        code="",
        title=one_line(new.title or "") or (template.content.title if template else DEFAULT_TITLE),
        trainee_name=one_line(new.trainee_name or "") or None,
        trainer_id=trainer.id,
        school_id=trainer.school_id,
        template_id=template.id if template else None,
        created_at=now,
        updated_at=now,
        expires_at=expires_at,
        last_values=START_VALUES,
    )
    start = VitalsPatch()
    if template is not None:
        session = replace(session, limits=template.content.limits)
        start = template.content.start
    if new.start is not None:
        start = replace(start, signs={**start.signs, **new.start.signs})
    if start.is_empty():
        return session, None
    draft = EventDraft(uuid4(), "vitals", Author("trainer", trainer.id, trainer.name), patch=start)
    recorded = record(session, draft, now)
    if isinstance(recorded, InvalidFields):
        return recorded
    return recorded.session, recorded.event


def _errors_of(new: NewSession) -> list[FieldError]:
    errors = _text_errors(title=new.title or None, trainee_name=new.trainee_name)
    if new.duration is not None and not timedelta(0) < new.duration <= LONGEST_LIFE:
        minutes = int(LONGEST_LIFE.total_seconds() // 60)
        errors.append(FieldError("duration_minutes", f"must be above 0 and at most {minutes}"))
    return errors


def _text_errors(*, title: str | None, trainee_name: str | None) -> list[FieldError]:
    errors = [
        None if title is None else line_error("title", title, TITLE_LIMIT),
        None if trainee_name is None else line_error("trainee_name", trainee_name, NAME_LIMIT, required=False),
    ]
    return [error for error in errors if error is not None]


def _draw_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
