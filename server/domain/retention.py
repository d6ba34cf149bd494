"""How long a school keeps names and records, and what its nightly job does next to each session."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from server.domain.audit import author_of
from server.domain.outcomes import FieldError, Forbidden, InvalidFields, NotFound, NotHome, Unchanged
from server.domain.people import Retention, Trainer
from server.domain.permissions import judge_action
from server.domain.session import Session, SessionLock
from server.domain.text import NAME_LIMIT, line_error, one_line
from server.domain.vitals import START_VALUES

NAMES_MONTHS_LIMIT = 120
RECORDS_MONTHS_LIMIT = 600
LOCK_REASON_LIMIT = NAME_LIMIT
# Nobody trains then, in Europe; and whoever changes something in the day has until then to change it back.
NIGHT = time(2, tzinfo=UTC)

Measure = Literal["names_out", "delete"]


@dataclass(frozen=True, slots=True)
class DueMeasure:
    """What comes next for a session: `since` is when its months are over, `at` the night in which it is done."""

    session: Session
    measure: Measure
    since: datetime
    at: datetime

    @property
    def id(self) -> UUID:
        return self.session.id


def judge_retention(names_months: int, records_months: int | None, now: datetime) -> Retention | InvalidFields:
    """What a school decides now; nothing is done by it before the next night."""
    bounds: Mapping[str, tuple[int | None, int]] = {
        "names_months": (names_months, NAMES_MONTHS_LIMIT),
        "records_months": (records_months, RECORDS_MONTHS_LIMIT),
    }
    errors = tuple(
        FieldError(name, f"must be from 1 to {most}")
        for name, (months, most) in bounds.items()
        if months is not None and not 1 <= months <= most
    )
    return InvalidFields(errors) if errors else Retention(names_months, records_months, now)


def after_months(moment: datetime, months: int) -> datetime:
    """The same day of a later month, by UTC; of a month that is too short its last day."""
    moment = moment.astimezone(UTC)
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def night_from(moment: datetime) -> datetime:
    """The first night that is not before this moment."""
    night = datetime.combine(moment.astimezone(UTC).date(), NIGHT)
    return night if night >= moment else night + timedelta(days=1)


def last_night(moment: datetime) -> datetime:
    """The last night that is not after this moment."""
    night = datetime.combine(moment.astimezone(UTC).date(), NIGHT)
    return night if night <= moment else night - timedelta(days=1)


def next_measure(session: Session, retention: Retention) -> DueMeasure | None:
    """None where nothing is to come: it is open or locked, or is to be kept as it is."""
    if session.closed_at is None or session.lock is not None:
        return None
    steps: list[tuple[datetime, Measure]] = []
    if retention.records_months is not None:
        steps.append((after_months(session.closed_at, retention.records_months), "delete"))
    if session.names_out_at is None:
        steps.append((after_months(session.closed_at, retention.names_months), "names_out"))
    if not steps:
        return None
    # Of two at the same moment the one that leaves nothing to the other.
    since, measure = min(steps)
    begins_at = retention.begins_at
    return DueMeasure(session, measure, since, night_from(since if begins_at is None else max(since, begins_at)))


def is_due(due: DueMeasure, now: datetime) -> bool:
    return due.at <= last_night(now)


def told_at(due: DueMeasure, now: datetime) -> datetime:
    """When it will be done, as far as anybody can say: what is late is done in the next night."""
    return max(due.at, night_from(now))


def judge_lock(
    session: Session, trainer: Trainer, reason: str, now: datetime
) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome | InvalidFields:
    """Kept from retention, for a reason that all trainers see. Locked again: the newer reason."""
    if refusal := judge_action(trainer, "lock_record", session) or session.elsewhere():
        return refusal
    if error := line_error("reason", reason, LOCK_REASON_LIMIT):
        return InvalidFields((error,))
    if session.lock is not None and session.lock.reason == one_line(reason):
        return Unchanged(session)
    lock = SessionLock(one_line(reason), author_of(trainer), now)
    return replace(session, lock=lock, updated_at=session.not_before(now), version=session.version + 1)


def judge_unlock(
    session: Session, trainer: Trainer, now: datetime
) -> Session | Unchanged[Session] | NotFound | Forbidden | NotHome:
    if refusal := judge_action(trainer, "lock_record", session) or session.elsewhere():
        return refusal
    if session.lock is None:
        return Unchanged(session)
    return replace(session, lock=None, updated_at=session.not_before(now), version=session.version + 1)


def deleted(session: Session, now: datetime) -> Session:
    """What is left of one whose record goes: that there was one, and when."""
    return replace(
        session,
        title="",
        public_title="",
        trainee_name=None,
        last_values=START_VALUES,
        last_seq=0,
        names_out_at=now,
        updated_at=session.not_before(now),
        version=session.version + 1,
    )
