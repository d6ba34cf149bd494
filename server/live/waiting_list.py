"""Drafts that are not stored yet, in the order in which they came: bounded, and none waits unnoticed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.domain.record import StoreOutcome
from server.live.pending_draft import ANSWERED, FORESEEN, PendingDraft
from server.live.settings import LiveSettings
from server.ports.results import StorageUnavailable


@dataclass(slots=True)
class _Share:
    events: int = 0
    bytes: int = 0


class WaitingList:
    def __init__(self, settings: LiveSettings, overdue: Callable[[PendingDraft], None]) -> None:
        """`overdue` is told, once, of each that has waited for `late_seconds`."""
        self._settings = settings
        self._overdue = overdue
        self._by_id: dict[UUID, PendingDraft] = {}
        self._shares: dict[UUID, _Share] = {}
        self._bytes = 0
        self._numbers = 0
        self._foreseen = 0
        self._overdues = 0
        self._looked_up_to = 0
        """The number of the last one that left `_young`: what still waits and came no later is overdue."""
        self._young: deque[PendingDraft] = deque()
        """Those of which it is not yet known whether they will be late, and some that are answered."""
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def has_foreseen(self) -> bool:
        return self._foreseen > 0

    @property
    def has_overdue(self) -> bool:
        """Some draft has waited for `late_seconds`."""
        return self._overdues > 0

    def sessions(self) -> Sequence[UUID]:
        return list(self._shares)

    def find(self, event_id: UUID) -> PendingDraft | None:
        return self._by_id.get(event_id)

    def add(self, pending: PendingDraft) -> None:
        """Raises StorageUnavailable if there is no room, for this session or for any."""
        bounds = self._settings
        share = self._shares.get(pending.session_id) or _Share()
        if (
            len(self._by_id) >= bounds.waiting_events
            or share.events >= bounds.session_waiting_events
            or self._bytes + pending.size > bounds.waiting_bytes
            or share.bytes + pending.size > bounds.session_waiting_bytes
        ):
            raise StorageUnavailable(f"{len(self._by_id)} events wait to be stored, {share.events} of this session")
        self._numbers += 1
        pending.number = self._numbers
        self._by_id[pending.draft.id] = pending
        self._bytes += pending.size
        self._shares[pending.session_id] = share
        share.events += 1
        share.bytes += pending.size
        while self._young and self._young[0].storing is ANSWERED:
            self._young.popleft()
        self._young.append(pending)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(bounds.late_seconds, self._look)

    def foresee(self, pending: PendingDraft) -> None:
        pending.show(FORESEEN)
        self._foreseen += 1

    def answer(self, pending: PendingDraft, outcome: StoreOutcome | Exception) -> None:
        pending.move(ANSWERED)
        del self._by_id[pending.draft.id]
        self._foreseen -= pending.showing is FORESEEN
        self._overdues -= pending.number <= self._looked_up_to
        self._bytes -= pending.size
        share = self._shares[pending.session_id]
        share.events -= 1
        share.bytes -= pending.size
        if share.events == 0:
            del self._shares[pending.session_id]
        if pending.answer.done():
            return
        if isinstance(outcome, Exception):
            pending.answer.set_exception(outcome)
            # Nobody may be left to hear it.
            pending.answer.exception()
        else:
            pending.answer.set_result(outcome)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        late = self._settings.late_seconds
        while self._young:
            pending = self._young[0]
            if pending.storing is not ANSWERED:
                if pending.arrived + late > loop.time():
                    break
                self._overdues += 1
                self._looked_up_to = pending.number
                self._overdue(pending)
            self._young.popleft()
        # For the oldest that still waits: those that were answered in time cost no turn of the loop.
        self._timer = loop.call_at(self._young[0].arrived + late, self._look) if self._young else None
