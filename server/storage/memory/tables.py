"""The tables of the memory storage, and what every reading of them shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Protocol, TypeVar
from uuid import UUID

from server.domain.annotations import Annotation
from server.domain.assignments import Assignment, Try
from server.domain.attendance import SeatSpan
from server.domain.case import Case
from server.domain.debrief.moment_edits import MomentEdit
from server.domain.events import Event
from server.domain.halls import Hall
from server.domain.invitations import Invitation
from server.domain.limits import LimitsSince, limits_changed
from server.domain.people import School, Trainer
from server.domain.record import Recorded
from server.domain.reflections import Reflection
from server.domain.scores import ScoreSheet
from server.domain.seat_names import SeatNames
from server.domain.session import Seat, Session
from server.domain.shares import Share
from server.domain.template import Template
from server.ports.results import Cursor, Page
from server.storage.memory.school_log import SchoolLog


class _Row(Protocol):
    @property
    def id(self) -> UUID: ...


Row = TypeVar("Row", bound=_Row)


@dataclass
class Token:
    trainer_id: UUID
    created_at: datetime
    expires_at: datetime
    agent: str


@dataclass
class SeenSpan:
    span: SeatSpan
    seen_at: datetime


class SessionTable(dict[UUID, Session]):
    """By their ids, and of each the alarm limits that it had: whoever writes it here, by whatever door, keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self.limits_since: dict[UUID, Sequence[LimitsSince]] = {}
        """Of those whose limits were changed."""

    def __setitem__(self, session_id: UUID, session: Session) -> None:
        before = self.get(session_id)
        # Of a session that runs in a hall, the hall tells when they changed.
        if before is not None and before.limits != session.limits and not (session.hall and session.hall.is_home):
            first = LimitsSince(before.created_at, before.limits)
            now = LimitsSince(session.updated_at, session.limits)
            self.limits_since[session_id] = limits_changed(self.limits_since.get(session_id, ()), first, now)
        super().__setitem__(session_id, session)


@dataclass
class Tables:
    schools: dict[UUID, School] = field(default_factory=dict[UUID, School])
    trainers: dict[UUID, Trainer] = field(default_factory=dict[UUID, Trainer])
    passwords: dict[UUID, str] = field(default_factory=dict[UUID, str])
    tokens: dict[bytes, Token] = field(default_factory=dict[bytes, Token])
    templates: dict[UUID, Template] = field(default_factory=dict[UUID, Template])
    sessions: SessionTable = field(default_factory=SessionTable)
    deleted_sessions: dict[UUID, Session] = field(default_factory=dict[UUID, Session])
    """What is left of them: that they were there."""
    codes: dict[str, UUID] = field(default_factory=dict[str, UUID])
    cases: dict[UUID, Case] = field(default_factory=dict[UUID, Case])
    events: dict[UUID, Event] = field(default_factory=dict[UUID, Event])
    records: dict[UUID, list[Event]] = field(default_factory=dict[UUID, list[Event]])
    seats: dict[UUID, Seat] = field(default_factory=dict[UUID, Seat])
    seats_by_token: dict[bytes, UUID] = field(default_factory=dict[bytes, UUID])
    seats_of: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])
    seat_names: dict[UUID, SeatNames] = field(default_factory=dict[UUID, SeatNames])
    """What the seats of each session are called."""
    annotations: dict[UUID, Annotation] = field(default_factory=dict[UUID, Annotation])
    moment_edits: dict[UUID, MomentEdit] = field(default_factory=dict[UUID, MomentEdit])
    score_sheets: dict[tuple[UUID, UUID | None], ScoreSheet] = field(
        default_factory=dict[tuple[UUID, UUID | None], ScoreSheet]
    )
    """By their sessions and evaluators."""
    reflections: dict[tuple[UUID, bytes], Reflection] = field(default_factory=dict[tuple[UUID, bytes], Reflection])
    """By their sessions and what is known of their authors."""
    shares: dict[bytes, Share] = field(default_factory=dict[bytes, Share])
    assignments: dict[UUID, Assignment] = field(default_factory=dict[UUID, Assignment])
    tries: dict[UUID, Try] = field(default_factory=dict[UUID, Try])
    """By their sessions."""
    hall_versions: dict[UUID, int] = field(default_factory=dict[UUID, int])
    """Of what people wrote beside a record at a hall: the version that it told last."""
    halls: dict[UUID, Hall] = field(default_factory=dict[UUID, Hall])
    hall_tokens: dict[bytes, UUID] = field(default_factory=dict[bytes, UUID])
    invitations: dict[UUID, Invitation] = field(default_factory=dict[UUID, Invitation])
    invitation_tokens: dict[bytes, UUID] = field(default_factory=dict[bytes, UUID])
    attendance: dict[UUID, SeenSpan] = field(default_factory=dict[UUID, SeenSpan])
    logs: defaultdict[UUID, SchoolLog] = field(default_factory=lambda: defaultdict[UUID, SchoolLog](SchoolLog))

    def open(self, session: Session, first: Event | None, case: Case | None) -> None:
        self.codes[session.code] = session.id
        self.records[session.id] = []
        self.seats_of[session.id] = []
        self.seat_names[session.id] = SeatNames()
        self.sessions[session.id] = session
        if case is not None:
            self.cases[session.id] = case
        if first is not None:
            self.record(Recorded(session, first))

    def put_seat(self, seat: Seat) -> None:
        """New, or in place of what was there."""
        if seat.id not in self.seats:
            self.seats_of[seat.session_id].append(seat.id)
        self.seats[seat.id] = seat
        self.seat_names[seat.session_id].put(seat)

    def record(self, recorded: Recorded) -> None:
        self.sessions[recorded.session.id] = recorded.session
        self.events[recorded.event.id] = recorded.event
        self.records[recorded.session.id].append(recorded.event)

    def delete(self, tombstone: Session) -> None:
        """The session and everything that belongs to it."""
        session_id = tombstone.id
        self.deleted_sessions[session_id] = tombstone
        del self.sessions[session_id]
        self.sessions.limits_since.pop(session_id, None)
        for event in self.records.pop(session_id, []):
            del self.events[event.id]
        gone = set(self.seats_of.pop(session_id, []))
        self.seat_names.pop(session_id, None)
        for seat_id in gone:
            del self.seats[seat_id]
        for token_hash in [each for each, seat_id in self.seats_by_token.items() if seat_id in gone]:
            del self.seats_by_token[token_hash]
        for annotation_id in [each.id for each in self.annotations.values() if each.session_id == session_id]:
            del self.annotations[annotation_id]
            self.hall_versions.pop(annotation_id, None)
        for span_id in [each.span.id for each in self.attendance.values() if each.span.session_id == session_id]:
            del self.attendance[span_id]
        for sheet_place in [each for each in self.score_sheets if each[0] == session_id]:
            self.hall_versions.pop(self.score_sheets.pop(sheet_place).id, None)
        for words_place in [each for each in self.reflections if each[0] == session_id]:
            self.hall_versions.pop(self.reflections.pop(words_place).id, None)
        for token_hash in [each for each, share in self.shares.items() if share.session_id == session_id]:
            del self.shares[token_hash]
        for edit_id in [each.id for each in self.moment_edits.values() if each.session_id == session_id]:
            del self.moment_edits[edit_id]
            self.hall_versions.pop(edit_id, None)
        self.cases.pop(session_id, None)
        self.tries.pop(session_id, None)


_created_at: Callable[[object], datetime] = attrgetter("created_at")


def page_of(
    rows: Iterable[Row],
    limit: int,
    after: Cursor | None,
    *,
    newest_first: bool = False,
    moment: Callable[[Row], datetime] = _created_at,
) -> Page[Row]:
    ordered = sorted(rows, key=lambda row: (moment(row), row.id), reverse=newest_first)
    if after is not None:
        last = (after.created_at, after.id)
        ordered = [
            row for row in ordered if ((moment(row), row.id) < last if newest_first else (moment(row), row.id) > last)
        ]
    items = ordered[:limit]
    more = len(ordered) > limit
    return Page(items, Cursor(moment(items[-1]), items[-1].id) if more else None)
