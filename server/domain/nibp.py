"""How the cuff measures: what the actions at the bedside do to it, and what it finds of the patient.

A result is that of the moment at which its measurement began, and is known from then on, so that no screen has to
compute one. The screens fold the same (`web/src/patient/nibp.ts`); tests/vectors/nibp.json holds both to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from server.domain.circulation import has_pulse, is_on
from server.domain.cuff import CYCLE_MINUTES, MEASURING, STAT, Cuff, Due, Pressures
from server.domain.outcomes import FieldError
from server.domain.timestamps import write_timestamp
from server.domain.vitals import LastValues, value_at

START, STOP, CYCLE, STAT_START = CUFF_ACTIONS = ("nibp_start", "nibp_stop", "nibp_cycle", "nibp_stat")
# mmHg. No cuff finds a pressure this low.
LOWEST_MEASURABLE_SYSTOLIC = 30
_MILLISECOND = timedelta(milliseconds=1)


def details_error(action: str, details: Mapping[str, object]) -> FieldError | None:
    """What is wrong with what came with an action; None for every action that is not the cuff's."""
    if action != CYCLE or _is_off(details) or _cycle_of(details) is not None:
        return None
    minutes = ", ".join(str(each) for each in CYCLE_MINUTES)
    return FieldError("details.minutes", f"must be one of {minutes}, or null for no cycle")


def act(last: LastValues, action: str, details: Mapping[str, object], at: datetime) -> LastValues:
    """After an action at `at`; those that are not the cuff's change nothing, nor does what says nothing to it."""
    if action not in CUFF_ACTIONS:
        return last
    now = last.paused_at or at
    cuff = _after(last, action, details, now)
    return last if cuff == last.nibp else replace(last, nibp=cuff)


def _after(last: LastValues, action: str, details: Mapping[str, object], now: datetime) -> Cuff | None:
    if action == STOP:
        return None if last.nibp is None else _stopped(last.nibp, now)
    if action == CYCLE:
        if _is_off(details):
            return None if last.nibp is None else replace(last.nibp, cycle_minutes=None, next_at=None)
        minutes = _cycle_of(details)
        if minutes is None:
            return last.nibp
        begun = _begun(last, now)
        return replace(begun, cycle_minutes=minutes, next_at=begun.started_at + timedelta(minutes=minutes))
    begun = _begun(last, now)
    return replace(begun, stat_until=now + STAT) if action == STAT_START else begun


def _begun(last: LastValues, now: datetime) -> Cuff:
    """With a measurement that begins now, unless one is under way."""
    cuff = last.nibp
    if cuff is None:
        return Cuff(now, _find(last, now))
    if now < cuff.down_at:
        return cuff
    stat_until = cuff.stat_until if cuff.stat_until is not None and cuff.stat_until > now else None
    return Cuff(now, _find(last, now), cuff.cycle_minutes, cuff.cycle_after(now), stat_until, before=cuff.result)


def _stopped(cuff: Cuff, now: datetime) -> Cuff:
    """The air is let out, and STAT is over; a cycle goes on."""
    if now < cuff.down_at:
        return replace(cuff, found=None, stopped_at=now, stat_until=None)
    return replace(cuff, stat_until=None)


def _find(last: LastValues, now: datetime) -> Pressures | None:
    """What the cuff makes of the pressures of now; None if it finds nothing, or will not by what is known now."""
    systolic = cast(int, value_at(last, "systolic", now))
    if systolic < LOWEST_MEASURABLE_SYSTOLIC or not _can_measure(last, now, now + MEASURING):
        return None
    # Two ramps may cross on their way.
    diastolic = min(cast(int, value_at(last, "diastolic", now)), systolic)
    return Pressures(systolic, diastolic, math.floor(diastolic + (systolic - diastolic) / 3 + 0.5))


def _can_measure(last: LastValues, since: datetime, until: datetime) -> bool:
    """A pulse comes or goes within that time only where a ramp of the heart rate begins at 0 or ends there."""
    return not is_on(last, "nibp_off") and has_pulse(last, since) and has_pulse(last, until - _MILLISECOND)


def felt(last: LastValues, at: datetime) -> LastValues:
    """After a push at `at`: a measurement under way finds nothing if the pulse or the cuff itself goes meanwhile."""
    cuff = last.nibp
    if cuff is None or cuff.found is None:
        return last
    now = last.paused_at or at
    if now >= cuff.down_at or _can_measure(last, now, cuff.down_at):
        return last
    return replace(last, nibp=replace(cuff, found=None))


def result_at(last: LastValues, at: datetime) -> Pressures | None:
    """What stands on the monitors at that moment: the last result whose measurement is over."""
    cuff = last.nibp
    if cuff is None:
        return None
    is_down = (last.paused_at or at) >= cuff.down_at
    result = cuff.result if is_down else cuff.before
    return None if result is None else result.found


def due(last: LastValues) -> Due | None:
    """The next measurement that begins by itself; none while the session is paused."""
    return None if last.nibp is None or last.paused_at is not None else last.nibp.due


def details_of(measurement: Due) -> Mapping[str, object]:
    """What is recorded with a measurement that nobody began by hand."""
    return {"because": measurement.because, "due_at": write_timestamp(measurement.at)}


def _is_off(details: Mapping[str, object]) -> bool:
    return "minutes" in details and details["minutes"] is None


def _cycle_of(details: Mapping[str, object]) -> int | float | None:
    """One of CYCLE_MINUTES, as it stands there."""
    minutes = details.get("minutes")
    if isinstance(minutes, bool) or not isinstance(minutes, int | float):
        return None
    return next((each for each in CYCLE_MINUTES if each == minutes), None)
