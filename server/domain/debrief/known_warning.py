"""NEWS2 as a team could know it at a moment: by what the monitors showed instead of what was so.

The pressure is the one that the cuff found last; a sign whose sensor is off, or that cannot be read, is missing. What
no monitor measures, consciousness and oxygen, is known as soon as it is recorded: it is seen at the bedside. The files
ask for moments; the screens find by the same rule where it changes along a record (web/src/monitor/knownWarning.ts).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from server.domain.circulation import has_pulse
from server.domain.debrief.early_warning import EarlyWarning, scored
from server.domain.debrief.news2 import Part
from server.domain.history import LOOKED_BACK, Memory
from server.domain.readings import readings_of_score
from server.domain.vitals import Number, SignName

_MILLISECOND = timedelta(milliseconds=1)
# A pulse that is back is judged for so long, and by what was before it for so long again.
_GONE_BY = LOOKED_BACK + timedelta(seconds=10)


def known_warning_at(memory: Memory, at: datetime, missing: tuple[Part, ...]) -> EarlyWarning:
    """At one moment, which is not before the newest state of the memory; `missing`: what was never recorded.

    Nobody is scored without a pulse, whatever a monitor still shows.
    """
    last = memory.present
    if not has_pulse(last, at + _MILLISECOND):
        return EarlyWarning(at, None, missing, None, None)
    shown = readings_of_score(memory, at)
    signs: dict[SignName, Number] = {name: value for name, value in shown.items() if not isinstance(value, str)}
    if signs.get("heart_rate") == 0:
        # Asystole that has only just gone: nobody has counted a rate.
        del signs["heart_rate"]
    return scored(signs, last, at, missing)


def lately(memory: Memory, at: datetime) -> Memory:
    """Without what ended so long before `at` that no number of a score goes by it: few are quick to look through."""
    ends = (*(each.since for each in memory.stretches[1:]), at)
    kept = [each for each, end in zip(memory.stretches, ends, strict=True) if end > at - _GONE_BY]
    return replace(memory, stretches=tuple(kept))
