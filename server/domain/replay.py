"""A record read again: the values at any of its moments, as its events go by."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from server.domain.events import Event, fold_fact, is_shown
from server.domain.history import NOTHING_SEEN, Memory, remember
from server.domain.outcomes import InvalidFields
from server.domain.readings import readings_at
from server.domain.vitals import SIGN_NAMES, START_VALUES, FlagValue, LastValues, Number, SignName, value_at

Sight = Literal["shown", "true"]
"""As the monitors showed it, or as the patient was."""

_KEPT = 1000
"""So many changes back a moment can be asked for: something that was made long ago may come late."""


@dataclass(frozen=True, slots=True)
class ValuesThen:
    """At one moment. What was not shown is missing among the signs; `rhythm` is None where no ECG was seen."""

    signs: dict[SignName, Number]
    rhythm: str | None
    flags: dict[str, FlagValue]


@dataclass(frozen=True, slots=True)
class _Change:
    at: datetime
    memory: Memory


class Replay:
    """Follows the events of one session in the order of their seq."""

    def __init__(self, opened_at: datetime) -> None:
        self._opened_at = opened_at
        self._last = START_VALUES
        # What a session opens with has always been so: nobody has seen it otherwise.
        self._changes = deque([_Change(opened_at, remember(NOTHING_SEEN, START_VALUES, opened_at))], maxlen=_KEPT)

    @property
    def last(self) -> LastValues:
        """The newest state."""
        return self._last

    def follow(self, event: Event) -> None:
        if not is_shown(event.fact):
            return
        last = fold_fact(self._last, event.fact, event.created_at)
        if isinstance(last, InvalidFields):
            return
        self._last = last
        seen = self._changes[-1].memory if event.created_at > self._opened_at else NOTHING_SEEN
        self._changes.append(_Change(event.created_at, remember(seen, last, event.created_at)))

    def values_at(self, at: datetime, sight: Sight) -> ValuesThen | None:
        """None for a moment that lies too far back."""
        memory = self.memory_at(at)
        if memory is None:
            return None
        last = memory.present
        signs = _true(last, at) if sight == "true" else _shown(memory, at)
        is_unseen = sight == "shown" and bool(last.flags.get("ecg_off"))
        return ValuesThen(signs, None if is_unseen else last.rhythm, dict(last.flags))

    def memory_at(self, at: datetime) -> Memory | None:
        """What a monitor remembered, with the state as it was pushed last by then; None if that lies too far back."""
        return next((change.memory for change in reversed(self._changes) if change.at <= at), None)


def moment_of(event: Event) -> datetime:
    """The moment at which what an event tells was so: a change of what is shown counts from when it was stored on,
    everything else, and what was done at the bedside, from when it was made.
    """
    return event.created_at if is_shown(event.fact) and event.kind != "action" else event.made_at


def _true(last: LastValues, at: datetime) -> dict[SignName, Number]:
    return {name: value_at(last, name, at) for name in SIGN_NAMES}


def _shown(memory: Memory, at: datetime) -> dict[SignName, Number]:
    return {name: value for name, value in readings_at(memory, at).items() if not isinstance(value, str)}
