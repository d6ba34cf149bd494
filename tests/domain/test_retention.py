"""When names and records are due: months, nights, and what comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.audit import author_of
from server.domain.outcomes import Forbidden, InvalidFields, NotHome, Unchanged
from server.domain.people import Retention
from server.domain.retention import (
    NIGHT,
    after_months,
    is_due,
    judge_lock,
    judge_retention,
    judge_unlock,
    last_night,
    next_measure,
    night_from,
    told_at,
)
from server.domain.session import HomeHall, Session, SessionLock
from tests.support.making import NOW, a_school, a_session, a_trainer, later

moments = st.integers(1_577_836_800, 2_840_140_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
months = st.integers(1, 600)
SCHOOL = a_school()
ADA, ADMIN = a_trainer(SCHOOL), a_trainer(SCHOOL, "admin")


def _ended(closed_at: datetime = NOW, **fields: object) -> Session:
    return a_session(ADA, closed_at=closed_at, close_reason="closed", **fields)


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-11-28", 12, "2027-11-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-08-31", 6, "2027-02-28"),
    ],
)
def test_months_are_those_of_the_calendar(day: str, count: int, then: str) -> None:
    at = datetime.fromisoformat(f"{day}T21:15:30+00:00")
    assert after_months(at, count) == datetime.fromisoformat(f"{then}T21:15:30+00:00")


@given(moments, months)
def test_months_keep_the_day_or_take_the_last_one(moment: datetime, count: int) -> None:
    then = after_months(moment, count)
    assert (then.year * 12 + then.month) - (moment.year * 12 + moment.month) == count
    assert then.timetz() == moment.timetz()
    assert then.day == moment.day or (then.day < moment.day and (then + timedelta(days=1)).day == 1)


@given(moments, moments, months)
def test_who_ended_earlier_is_not_due_later(one: datetime, other: datetime, count: int) -> None:
    first, second = sorted((one, other))
    assert after_months(first, count) <= after_months(second, count)


@given(moments)
def test_a_moment_lies_between_two_nights(moment: datetime) -> None:
    before, after = last_night(moment), night_from(moment)
    assert before <= moment <= after
    assert after - before == (timedelta() if moment == before else timedelta(days=1))
    assert before.timetz() == after.timetz() == NIGHT


@given(moments, st.integers(1, 120), st.none() | months, st.none() | moments, st.booleans(), st.booleans())
def test_what_comes_next(
    closed_at: datetime, names: int, records: int | None, begins_at: datetime | None, is_out: bool, is_locked: bool
) -> None:
    lock = SessionLock("A complaint", author_of(ADMIN), NOW) if is_locked else None
    session = _ended(closed_at, lock=lock, names_out_at=NOW if is_out else None)
    retention = Retention(names, records, begins_at)
    due = next_measure(session, retention)
    if is_locked or (is_out and records is None):
        assert due is None
        return
    assert due is not None
    is_gone_first = records is not None and (is_out or records <= names)
    assert due.measure == ("delete" if is_gone_first else "names_out")
    assert due.since == after_months(closed_at, records if is_gone_first and records is not None else names)
    assert due.at >= max(due.since, begins_at or due.since)
    assert not is_due(due, due.at - timedelta(milliseconds=1))
    assert is_due(due, due.at)
    assert told_at(due, due.since) == due.at
    assert told_at(due, due.at + timedelta(hours=9)) == due.at + timedelta(days=1)


def test_what_is_open_is_never_due() -> None:
    assert next_measure(a_session(ADA), Retention(1, 1)) is None


def test_what_was_decided_in_the_day_is_done_in_the_night() -> None:
    long_ago = _ended(NOW - timedelta(days=900))
    retention = judge_retention(1, None, NOW)
    assert isinstance(retention, Retention)
    due = next_measure(long_ago, retention)
    assert due is not None
    assert NOW < due.at == datetime.combine(NOW.date() + timedelta(days=1), NIGHT)


def test_months_have_bounds_and_each_wrong_one_is_named() -> None:
    refused = judge_retention(0, 601, NOW)
    assert isinstance(refused, InvalidFields)
    assert [error.field for error in refused.errors] == ["names_months", "records_months"]
    assert judge_retention(120, 600, NOW) == Retention(120, 600, NOW)


def test_a_lock_has_a_reason_and_is_its_owners_or_an_admins() -> None:
    session = _ended()
    locked = judge_lock(session, ADA, "  A complaint\nis open ", later(9))
    assert locked == replace(
        session,
        lock=SessionLock("A complaint is open", author_of(ADA), later(9)),
        updated_at=later(9),
        version=session.version + 1,
    )
    assert judge_lock(locked, ADMIN, "A complaint is open", later(10)) == Unchanged(locked)
    assert isinstance(judge_lock(session, ADA, " ", NOW), InvalidFields)
    assert isinstance(judge_lock(session, a_trainer(SCHOOL), "Mine", NOW), Forbidden)
    assert isinstance(judge_unlock(locked, a_trainer(SCHOOL, "observer"), NOW), Forbidden)
    unlocked = judge_unlock(locked, ADMIN, later(11))
    assert isinstance(unlocked, Session)
    assert unlocked.lock is None
    assert judge_unlock(unlocked, ADMIN, later(12)) == Unchanged(unlocked)


def test_what_runs_in_a_hall_is_locked_when_its_record_is_here() -> None:
    running = a_session(ADA, hall=HomeHall(SCHOOL.id, "North", None, NOW))
    assert judge_lock(running, ADA, "Why not", NOW) == NotHome("North")
