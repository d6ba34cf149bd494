"""Who is connected here, written down as spans: in batches, off the path of whoever comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from server.domain.attendance import SeatSpan, is_short
from server.domain.session import Seat
from server.live.backoff import Backoff
from server.ports.attendance import AttendanceStore
from server.ports.results import StorageUnavailable
from server.waiting import is_set_within

log = structlog.get_logger("shiller.attendance")

_RETRY = Backoff(0.25, 5.0)


@dataclass(frozen=True, slots=True)
class AttendanceSettings:
    written_after_seconds: float = 2.0
    """What changes within it is written together: a class that joins is one statement, or a few."""
    seen_every_seconds: float = 15.0
    """Under the shortest absence: a server that is killed and back at once leaves no gap in what was seen."""
    abandoned_after: timedelta = timedelta(seconds=60)
    """A span that nobody has renewed for so long was left behind by a process that was killed."""
    spans_at_once: int = 100
    """In one statement: a thousand hold up the pushes that come meanwhile, by 2 ms here and 10 ms in the storage."""
    spans_waiting: int = 20_000
    """In an outage. At the bound the oldest is forgotten; those that are open are put again anyway."""
    retry: Backoff = _RETRY
    close_patience_seconds: float = 2.0


ATTENDANCE_SETTINGS = AttendanceSettings()


@dataclass(slots=True)
class _Here:
    span: SeatSpan
    connections: int


class Attendance:
    def __init__(
        self,
        store: AttendanceStore,
        clock: Callable[[], datetime],
        *,
        is_alone: bool,
        settings: AttendanceSettings = ATTENDANCE_SETTINGS,
    ) -> None:
        """`is_alone`: no other process serves this storage, so that whoever seems to be there at the start is not."""
        self._store = store
        self._clock = clock
        self._is_alone = is_alone
        self._settings = settings
        self._here: dict[UUID, _Here] = {}
        self._just_left: dict[UUID, SeatSpan] = {}
        self._waiting: dict[UUID, SeatSpan] = {}
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()

    def arrived(self, seat: Seat, now: datetime) -> None:
        """One more connection has this seat."""
        if here := self._here.get(seat.id):
            here.connections += 1
            return
        before = self._just_left.pop(seat.id, None)
        if before is not None and before.left_at is not None and is_short(before.left_at, now):
            span = replace(before, left_at=None)
        else:
            span = SeatSpan(uuid4(), seat.id, seat.session_id, joined_at=now)
        self._here[seat.id] = _Here(span, 1)
        self._put(span)

    def left(self, seat: Seat, now: datetime) -> None:
        """One of them is gone."""
        here = self._here.get(seat.id)
        if here is None:
            return
        here.connections -= 1
        if here.connections == 0:
            del self._here[seat.id]
            # The clock may have been put back meanwhile.
            span = replace(here.span, left_at=max(now, here.span.joined_at))
            self._just_left[seat.id] = span
            self._put(span)

    async def run(self) -> None:
        """Until cancelled: writes what changes, and says again and again who is here."""
        failures = 0
        starting = True
        while True:
            try:
                await self._renew(everybody_is_gone=starting and self._is_alone)
                starting = False
                failures = 0
                await self._write_changes_for(self._settings.seen_every_seconds)
            except StorageUnavailable as outage:
                log.warning("attendance waits for the storage", reason=str(outage), spans=len(self._waiting))
                await asyncio.sleep(self._settings.retry.pause(failures))
                failures += 1
            except Exception:
                # A bug in one round must not end attendance for good.
                log.exception("attendance could not be written")
                await asyncio.sleep(self._settings.retry.longest_seconds)

    async def write_now(self) -> None:
        """Everything that has changed until now. Raises StorageUnavailable."""
        async with self._turn:
            # What changes meanwhile waits for the next time: among many who come and go there is always something.
            waiting = list(self._waiting.values())
            size = self._settings.spans_at_once
            for batch in (waiting[first : first + size] for first in range(0, len(waiting), size)):
                await self._store.put_spans(batch, self._clock())
                for span in batch:
                    # It may have changed while it was written.
                    if self._waiting.get(span.id) is span:
                        del self._waiting[span.id]

    async def close(self) -> None:
        """Whoever is still here leaves now."""
        now = self._clock()
        for here in list(self._here.values()):
            self._put(replace(here.span, left_at=max(now, here.span.joined_at)))
        self._here.clear()
        try:
            async with asyncio.timeout(self._settings.close_patience_seconds):
                await self.write_now()
        except (StorageUnavailable, TimeoutError) as outage:
            log.warning("attendance is not written to its end", reason=str(outage), spans=len(self._waiting))

    async def _renew(self, *, everybody_is_gone: bool) -> None:
        """Say who is here, and end what a process that was killed has left behind."""
        now = self._clock()
        self._just_left = {
            seat_id: span
            for seat_id, span in self._just_left.items()
            if span.left_at is not None and is_short(span.left_at, now)
        }
        for here in self._here.values():
            self._waiting.setdefault(here.span.id, here.span)
        await self.write_now()
        await self._store.close_abandoned(now if everybody_is_gone else now - self._settings.abandoned_after)

    async def _write_changes_for(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds
        while (left := ends_at - loop.time()) > 0:
            if not await is_set_within(self._changed, left):
                return
            await asyncio.sleep(self._settings.written_after_seconds)
            self._changed.clear()
            await self.write_now()

    def _put(self, span: SeatSpan) -> None:
        self._waiting[span.id] = span
        if len(self._waiting) > self._settings.spans_waiting:
            del self._waiting[next(iter(self._waiting))]
        self._changed.set()
