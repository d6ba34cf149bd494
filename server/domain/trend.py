"""What the monitors showed in the course of a record, for systems that keep readings: each value when it was new.

A value is told at the change that made it, at every full minute in which something still moves, when its ramp has
ended, and at the end of the session; what stays as it is, is not told again. A measurement of the cuff is told when its
result stands there, also when it finds the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.circulation import ramp_end
from server.domain.events import Event, is_shown
from server.domain.replay import Replay, Sight
from server.domain.vitals import SIGN_NAMES, Number, SignName

MINUTE = timedelta(minutes=1)
# A monitor takes seconds to see some changes: how long it held a number, and then searched for one.
_SETTLING = timedelta(seconds=30)
_PRESSURES: tuple[SignName, ...] = ("systolic", "diastolic")


@dataclass(frozen=True, slots=True)
class TrendReading:
    """What was new at a moment; of the pressures always both."""

    at: datetime
    signs: dict[SignName, Number]


class Trend:
    """Follows the events of one session in the order of their seq."""

    def __init__(self, opened_at: datetime, sight: Sight) -> None:
        self._replay = Replay(opened_at)
        self._sight: Sight = sight
        self._told: dict[SignName, Number] = {}
        self._told_cuff: datetime | None = None
        self._moves_until = opened_at + _SETTLING
        self._opened_at = self._told_at = opened_at
        self._next_minute = opened_at

    def follow(self, event: Event) -> Iterator[TrendReading]:
        """What was new until the event, and with it."""
        if not is_shown(event.fact):
            return
        at = event.created_at
        yield from self.until(at)
        self._replay.follow(event)
        self._moves_until = self._rest_after(at)
        self._next_minute = self._minute_after(at)
        yield from self._look(at)

    def until(self, end: datetime) -> Iterator[TrendReading]:
        """What was new before `end`, with no more events until then."""
        while (at := self._next_look()) is not None and at < end:
            yield from self._look(at)

    def end(self, at: datetime) -> Iterator[TrendReading]:
        """What was new until the end of the session, and what stood there then."""
        yield from self.until(at)
        yield from self._look(at)

    def _next_look(self) -> datetime | None:
        """The next full minute while something moves, the next end of a ramp, or when the cuff is down."""
        minute = self._next_minute if self._next_minute - MINUTE < self._moves_until else None
        ramps = (end for end in self._ramp_ends() if end > self._told_at)
        moments = [each for each in (minute, self._cuff_is_down_at(), *ramps) if each is not None]
        return min(moments, default=None)

    def _ramp_ends(self) -> Iterator[datetime]:
        ends = (ramp_end(self._replay.last, name) for name in SIGN_NAMES)
        return (end for end in ends if end is not None)

    def _cuff_is_down_at(self) -> datetime | None:
        last = self._replay.last
        if self._sight == "true" or last.nibp is None or last.nibp.found is None or last.paused_at is not None:
            return None
        return None if last.nibp.down_at == self._told_cuff else max(last.nibp.down_at, self._told_at)

    def _look(self, at: datetime) -> Iterator[TrendReading]:
        self._told_at = at
        if at >= self._next_minute:
            self._next_minute = self._minute_after(at)
        then = self._replay.values_at(at, self._sight)
        signs = {} if then is None else then.signs
        new = {name for name in SIGN_NAMES if name in signs and signs[name] != self._told.get(name)}
        cuff = self._cuff_is_down_at()
        if cuff is not None and cuff <= at and self._replay.last.nibp is not None:
            self._told_cuff = self._replay.last.nibp.down_at
            new.update(_PRESSURES)
        if new.intersection(_PRESSURES):
            new.update(_PRESSURES)
        # What has gone meanwhile is new when it comes back.
        self._told = dict(signs)
        told: dict[SignName, Number] = {name: signs[name] for name in SIGN_NAMES if name in new and name in signs}
        if told:
            yield TrendReading(at, told)

    def _minute_after(self, at: datetime) -> datetime:
        return self._opened_at + ((at - self._opened_at) // MINUTE + 1) * MINUTE

    def _rest_after(self, at: datetime) -> datetime:
        """From when on nothing moves any more, as long as nothing is pushed."""
        return max((at, *self._ramp_ends())) + _SETTLING
