"""Whether the heart beats and moves blood. Numbers, cuffs and records all ask here, or they would tell two stories.

The screens ask the same of web/src/patient/circulation.ts; tests/vectors/shown.json holds both to it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from server.domain.vitals import LastValues, SignName

WITHOUT_BEATS = frozenset({"ventricular_fibrillation", "ventricular_fibrillation_fine", "asystole"})


def is_on(last: LastValues, flag: str) -> bool:
    """A flag counts unless it is absent, false or an empty text."""
    return bool(last.flags.get(flag))


def ramp_end(last: LastValues, name: SignName) -> datetime | None:
    """When the ramp of a sign ends; None where there is none, and while the session is paused: it stands still."""
    ramp = last.ramps.get(name)
    if ramp is None or last.paused_at is not None:
        return None
    return ramp.started_at + timedelta(seconds=ramp.seconds)


def has_beats(last: LastValues, at: datetime | None = None) -> bool:
    """Whether there are beats on the ECG: none at a heart rate of 0 either. Without `at` a running ramp has ended."""
    if last.rhythm in WITHOUT_BEATS:
        return False
    target, ramp = last.signs["heart_rate"], last.ramps.get("heart_rate")
    if ramp is None:
        return target > 0
    if last.paused_at is not None:
        return ramp.start > 0
    if at is None or ramp.has_finished(at):
        return target > 0
    return ramp.start > 0 or (target > 0 and at > ramp.started_at)


def has_pulse(last: LastValues, at: datetime | None = None) -> bool:
    """Whether there is a pulse to feel: none either under the flag `pulseless` (PEA, pulseless VT)."""
    return has_beats(last, at) and not is_on(last, "pulseless")


def is_ventilated(last: LastValues, at: datetime) -> bool:
    """Nobody breathes without a circulation; those who press the chest ventilate as well."""
    return has_pulse(last, at) or is_on(last, "cpr")
