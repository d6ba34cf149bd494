"""What a monitor shows of a patient at a moment, as far as the record can tell it.

The same rule as in the screens (web/src/monitor/readings.ts), tests/vectors/shown.json holds both to it. Two things of
the screens do not enter: no number wanders here, and no curve is drawn, so that what is read off single beats and
breaths (the share of beats that reach the finger, the breath at which EtCO2 changes) is right within one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from server.domain.circulation import has_beats, has_pulse, is_on, is_ventilated, ramp_end
from server.domain.history import LOOKED_BACK, Memory, PulseRun, Stretch, pieces_until, pulse_run
from server.domain.nibp import result_at
from server.domain.recognition import is_hidden, recognised_at
from server.domain.vitals import LastValues, Number, SignName, raw_value_at, value_at

Shown = Number | Literal["off", "none", "unreadable"]
"""A number; or the sensor is off, there is nothing to measure, or the sensor is on and cannot read it."""

_MILLISECOND = timedelta(milliseconds=1)
_PULSE_COUNTED = timedelta(seconds=4)
_SPO2_HELD = timedelta(seconds=10)
_SPO2_FOUND = timedelta(seconds=10)
_SPO2_CLIMBS = timedelta(seconds=10)
_SPO2_STARTS_AT = 85
_APNOEA = LOOKED_BACK
_ETCO2_HELD = timedelta(seconds=10)
_BEST_COMPRESSIONS = 20
"""mmHg: what good compressions bring at the most."""


def readings_at(memory: Memory, now: datetime) -> dict[SignName, Shown]:
    """`now` is not before the newest state of the memory."""
    etco2: Shown = "off" if is_on(memory.present, "co2_off") else _end_tidal(memory, now)
    return {**readings_of_score(memory, now), "etco2": etco2}


def readings_of_score(memory: Memory, now: datetime) -> dict[SignName, Shown]:
    """All but the EtCO2, for which most has to be looked at, and for which no score asks."""
    last = memory.present
    is_ecg_off, is_co2_off = is_on(last, "ecg_off"), is_on(last, "co2_off")
    pieces = pieces_until(memory, now)
    run = pulse_run(pieces)
    systolic, diastolic = _pressures(last, now)
    return {
        "heart_rate": _finger_rate(memory, run, now) if is_ecg_off else _electrical_rate(pieces, now),
        "systolic": systolic,
        "diastolic": diastolic,
        "spo2": "off" if is_on(last, "spo2_off") else _saturation(last, run, now),
        # Breathing is seen by the CO2 line, and else by the electrodes (impedance).
        "respiratory_rate": "off" if is_co2_off and is_ecg_off else _breathing_rate(memory, now),
        "temperature": "off" if is_on(last, "temp_off") else value_at(last, "temperature", now),
    }


def _electrical_rate(pieces: Sequence[Stretch], now: datetime) -> Shown:
    """By the ECG alone: it counts on in a patient without a pulse, and shows 0 in asystole."""
    if is_hidden(pieces, now):
        return "unreadable"
    rhythm = recognised_at(pieces, now)
    if rhythm == "asystole":
        return 0
    if rhythm == "ventricular_fibrillation":
        return "none"
    # Until it has been seen that no beat comes any more, what was counted last stands there.
    at = now
    for piece in reversed(pieces):
        if has_beats(piece.last, at):
            return value_at(piece.last, "heart_rate", at)
        at = piece.since - _MILLISECOND
    return "none"


def _finger_rate(memory: Memory, run: PulseRun, now: datetime) -> Shown:
    """Without its electrodes a monitor counts the pulse of the finger, late by some waves."""
    last = memory.present
    if is_on(last, "spo2_off"):
        return "off"
    is_settling = run.before is not None and now - run.since < _PULSE_COUNTED
    if run.has and not is_settling:
        return _half_up(value_at(last, "heart_rate", now) * _pulses_per_beat(last))
    if run.has or not is_settling or run.before is None:
        return "off"
    counted = value_at(run.before.last, "heart_rate", run.since - _MILLISECOND)
    return _half_up(counted * _pulses_per_beat(run.before.last))


def _pulses_per_beat(last: LastValues) -> float:
    """The early beat of a bigeminy sends no wave to the finger that can be counted."""
    return 0.5 if last.rhythm == "pvc_bigeminy" else 1


def _saturation(last: LastValues, run: PulseRun, now: datetime) -> Shown:
    age = now - run.since
    if not run.has:
        if run.before is None or age >= _SPO2_HELD:
            return "unreadable"
        return value_at(run.before.last, "spo2", run.since)
    true = value_at(last, "spo2", now)
    # A pause so short that the number never went away.
    was_held = run.before is None or run.since - run.before.since < _SPO2_HELD
    if was_held or age >= _SPO2_FOUND + _SPO2_CLIMBS:
        return true
    if age < _SPO2_FOUND:
        return "unreadable"
    start = min(true, _SPO2_STARTS_AT)
    milliseconds = (age - _SPO2_FOUND) // _MILLISECOND
    return math.floor(start + (true - start) * milliseconds / (_SPO2_CLIMBS // _MILLISECOND))


def _breathing_rate(memory: Memory, now: datetime) -> Number:
    last = memory.present
    rate = value_at(last, "respiratory_rate", now)
    if is_ventilated(last, now) and rate > 0:
        return rate
    breath = next(_breathing(memory, now, _APNOEA), None)
    return 0 if breath is None else _half_up(raw_value_at(breath.last, "respiratory_rate", breath.end))


def _end_tidal(memory: Memory, now: datetime) -> Number:
    """The highest of the last 10 s, or since the breath before the last, where breaths come that slowly."""
    last = memory.present
    rate = raw_value_at(last, "respiratory_rate", now) if is_ventilated(last, now) else 0
    held = max(_ETCO2_HELD, min(LOOKED_BACK, timedelta(seconds=90 / rate))) if rate > 0 else _ETCO2_HELD
    highest = 0.0
    for part in _breathing(memory, now, held):
        ceiling = math.inf if _circulates(part.last) else _BEST_COMPRESSIONS
        levels = (raw_value_at(part.last, "etco2", at) for at in (part.begin, part.end))
        highest = max(highest, *(min(ceiling, level) for level in levels))
    return _half_up(highest)


def _circulates(last: LastValues) -> bool:
    """As the lungs see it: a heart on its way to standing still brings blood to the end."""
    return not is_on(last, "pulseless") and (has_beats(last) or _has_last_beats(last))


def _has_last_beats(last: LastValues) -> bool:
    end = ramp_end(last, "heart_rate")
    return end is not None and has_beats(last, end - _MILLISECOND)


@dataclass(frozen=True, slots=True)
class _Part:
    """A time in which breaths come, in one state."""

    begin: datetime
    end: datetime
    last: LastValues


def _breathing(memory: Memory, now: datetime, span: timedelta) -> Iterator[_Part]:
    """The parts of the last `span` in which breaths come, the newest first."""
    first, end = now - span, now
    for state in reversed(memory.states):
        begin = max(state.since, first)
        until = _breathes_until(state, begin, end)
        if until is not None and until > first:
            yield _Part(begin, until, state.last)
        if state.since <= first:
            return
        end = state.since


def _breathes_until(state: Stretch, begin: datetime, end: datetime) -> datetime | None:
    """When breathing that goes on at the beginning ceases, or the end; None if there is none."""
    last = state.last
    ends = [end]
    if not is_on(last, "cpr"):
        if not has_pulse(last, begin + _MILLISECOND):
            return None
        ends += _zero_reached(last, "heart_rate")
    if last.signs["respiratory_rate"] == 0:
        if raw_value_at(last, "respiratory_rate", begin) == 0:
            return None
        ends += _zero_reached(last, "respiratory_rate")
    return min(ends)


def _zero_reached(last: LastValues, name: SignName) -> list[datetime]:
    end = ramp_end(last, name)
    return [end] if end is not None and last.signs[name] == 0 else []


def _pressures(last: LastValues, now: datetime) -> tuple[Shown, Shown]:
    """The one place that says what stands in the tile of the pressure: the cuff's last result, never what is so now."""
    if is_on(last, "nibp_off"):
        return "off", "off"
    result = result_at(last, now)
    return ("none", "none") if result is None else (result.systolic, result.diastolic)


def _half_up(value: float) -> int:
    return math.floor(value + 0.5)
