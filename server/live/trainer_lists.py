"""Which trainers have a session on their screens, told to all of them when it changes. Nothing of it is stored.

A session that one trainer watches alone, as most are, has nothing to be told: whoever watches knows of themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from uuid import UUID

from server.live.audience import Audience
from server.live.presence import Seated, SharedPresence
from server.ports.broadcast import Broadcast
from server.ports.bus import Bus

# A page that is loaded anew goes and comes: that is no news.
TRAINERS_TOLD_AFTER_SECONDS = 0.2


class Watching:
    """Who watches what: here, by the audience, and in the other processes, as these have told."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self.elsewhere = SharedPresence()

    def here(self) -> Seated:
        return {each: self.here_in(each) for each in self._audience.watched_sessions()}

    def here_in(self, session_id: UUID) -> Collection[UUID]:
        return self._audience.trainers_at(session_id)

    def trainers_in(self, session_id: UUID) -> frozenset[UUID]:
        return frozenset((*self.here_in(session_id), *self.elsewhere.elsewhere_in(session_id)))


class TrainerLists:
    def __init__(self, watching: Watching, broadcast: Broadcast, bus: Bus) -> None:
        self._watching = watching
        self._broadcast = broadcast
        self._bus = bus
        self._several: set[UUID] = set()
        """Those of which more than one trainer was told last."""
        self._soon: dict[UUID, asyncio.TimerHandle] = {}

    def changed_here(self, session_id: UUID) -> None:
        self._bus.trainers_changed(session_id)
        self.changed(session_id)

    def changed(self, session_id: UUID) -> None:
        """Tell the watchers here who they are now, soon."""
        if session_id not in self._soon:
            later = asyncio.get_running_loop().call_later(TRAINERS_TOLD_AFTER_SECONDS, self._tell, session_id)
            self._soon[session_id] = later

    def ended(self, session_id: UUID) -> None:
        """Nobody hears of it any more."""
        self._several.discard(session_id)
        if (later := self._soon.pop(session_id, None)) is not None:
            later.cancel()

    def close(self) -> None:
        for later in self._soon.values():
            later.cancel()

    def _tell(self, session_id: UUID) -> None:
        del self._soon[session_id]
        trainers = self._watching.trainers_in(session_id)
        was_told = session_id in self._several
        (self._several.add if len(trainers) > 1 else self._several.discard)(session_id)
        if was_told or len(trainers) > 1:
            self._broadcast.tell_trainers(session_id, sorted(trainers, key=str))
