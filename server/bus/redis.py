"""The other server processes, over Redis.

What is said: `recorded` carries a new event, `ahead` vitals that are late to be stored or were taken back; `look`
says that the storage has something to be found; `seats` and `all_seats` say who is connected to the process that says
it, `watching` which trainers watch a session there; `hello` is said when a line opens, by a process that may have
missed anything and by whose silence the others may have; `bye` is said by one that stops. `all_seats` also says what
moment it is there: whoever has been running for longer counts, for the sessions go by that clock. Everything is the
newest state or can be read again, so that nothing has to arrive, arrive once, or arrive in order.

A process that knows of no other says nothing of events. One that it comes to know of, or hears of again, is told to
look, for it may have missed some.

A message is one line of JSON, its head, and a line for each text in it: they are told as they come, not read.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import structlog

from server.bus.eldest_clock import EldestClock
from server.bus.redis_channel import RedisChannel
from server.clock import SteadyClock
from server.domain.session import Seat
from server.domain.timestamps import read_timestamp, write_timestamp
from server.json_text import write_json_bytes
from server.live.presence import Seated, SharedPresence
from server.live.trainer_lists import Watching
from server.ports.broadcast import ToldEvent, ToldVitals
from server.ports.bus import BusListener
from server.waiting import is_set_within

log = structlog.get_logger("shiller.redis")

RENEWED_EVERY_SECONDS = 4.0
# They answer a greeting at once.
MEETING_SECONDS = 0.5
TOGETHER_SECONDS = 2.0

Said = Literal["hello", "recorded", "ahead", "look", "seats", "watching", "all_seats", "bye"]


class RedisBus:
    def __init__(
        self, url: str, presence: SharedPresence, watching: Watching, clock: SteadyClock | None = None
    ) -> None:
        """`presence` and `watching` are told who is connected to the others, and say who is connected here.

        `clock` goes by that of the eldest process.
        """
        self._clock = clock or SteadyClock()
        self._eldest = EldestClock(self._clock)
        self._has_met = asyncio.Event()
        self._channel = RedisChannel(url)
        self._presence = presence
        self._watching = watching

    @property
    def is_up(self) -> bool | None:
        return self._channel.is_up

    # To the others

    def event_recorded(self, told: ToldEvent) -> None:
        if not self._presence.processes:
            return
        texts = [told.added] if told.pushed is None else [told.added, told.pushed]
        self._say("recorded", *texts, session_id=told.session_id, seq=told.seq)

    def vitals_ahead(self, told: ToldVitals) -> None:
        if not self._presence.processes:
            return
        about = {"session_id": told.session_id, "at": told.at, "is_provisional": told.is_provisional}
        self._say("ahead", told.pushed, **about)

    def look_again(self) -> None:
        self._say("look")

    def seats_changed(self, session_id: UUID, seats: Collection[Seat]) -> None:
        seated = _written({session_id: self._presence.seated_in(session_id)})
        self._say("seats", seated=seated, seats=[_written_seat(seat) for seat in seats])

    def trainers_changed(self, session_id: UUID) -> None:
        self._say("watching", seated=_written({session_id: self._watching.here_in(session_id)}))

    async def meet(self) -> None:
        await is_set_within(self._has_met, MEETING_SECONDS)
        self._eldest.begins()

    async def close(self) -> None:
        self._say("bye")
        await self._channel.flush()

    def _say(self, what: Said, *texts: str, **head: Any) -> None:
        if self._channel.is_open:
            first = write_json_bytes({"from": self._channel.name, "say": what, **head})
            self._channel.send(b"\n".join([first, *(text.encode() for text in texts)]))

    def _say_all_seats(self) -> None:
        seated, watching = self._presence.seated(), self._watching.here()
        clock = {"at": write_timestamp(self._clock()), "age_seconds": self._clock.age_seconds}
        self._say("all_seats", seated=_written(seated), watching=_written(watching), clock=clock)

    def _opened(self) -> None:
        self._say("hello")
        self._say_all_seats()

    # From the others

    async def hear(self, listener: BusListener, look: Callable[[], None]) -> None:
        own = write_json_bytes({"from": self._channel.name})[:-1]
        own_hello = own + b',"say":"hello"'

        def hear_one(message: bytes) -> None:
            if not message.startswith(own):
                head, *texts = message.decode().split("\n")
                self._hear(json.loads(head), texts, listener, look)
            elif message.startswith(own_hello):
                self._channel.heard_itself()
                look()
                listener.seats_changed_elsewhere(None)

        async with asyncio.TaskGroup() as both:
            both.create_task(self._channel.run(hear_one, self._opened))
            both.create_task(self._renew(listener))

    async def _renew(self, listener: BusListener) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY_SECONDS)
            try:
                self._say_all_seats()
                now = time.monotonic()
                listener.seats_changed_elsewhere(self._presence.lapse(now))
                listener.trainers_changed_elsewhere(self._watching.elsewhere.lapse(now))
            except Exception:
                # The channel would end with it, until a restart.
                log.exception("the other processes could not be told who is here")

    def _hear(
        self, head: dict[str, Any], texts: Sequence[str], listener: BusListener, look: Callable[[], None]
    ) -> None:
        what: Said = head["say"]
        process, now = str(head["from"]), time.monotonic()
        if what != "bye":
            self._meet(process, now)
        match what:
            case "recorded":
                listener.event_recorded_elsewhere(_event(head, texts))
            case "ahead":
                listener.vitals_ahead_elsewhere(_vitals(head, texts), process)
            case "look":
                look()
            case _:
                self._hear_who_is_there(what, process, head, listener, look, now)

    def _hear_who_is_there(
        self,
        what: Said,
        process: str,
        head: dict[str, Any],
        listener: BusListener,
        look: Callable[[], None],
        now: float,
    ) -> None:
        match what:
            case "seats":
                seated = _read(head["seated"])
                self._presence.heard_of(process, seated, now)
                # Told even if the seats are the same: one may have another name, or somebody may have left for good.
                # A process of the version before does not say which: everything is read again.
                told = head.get("seats")
                seats = None if told is None else [_seat(*each) for each in told]
                listener.seats_changed_elsewhere(None if seats is None else seated.keys(), seats or ())
            case "watching":
                watching = _read(head["seated"])
                self._watching.elsewhere.heard_of(process, watching, now)
                listener.trainers_changed_elsewhere(watching.keys())
            case "all_seats":
                if clock := head.get("clock"):  # a process of the version before says none
                    self._go_by_the_eldest(process, clock, now)
                elsewhere, watching = self._watching.elsewhere, _read(head["watching"])
                listener.seats_changed_elsewhere(self._presence.heard_all_of(process, _read(head["seated"]), now))
                listener.trainers_changed_elsewhere(elsewhere.heard_all_of(process, watching, now))
            case "hello":
                self._say_all_seats()
                look()
                listener.seats_changed_elsewhere(None)
            case "bye":
                listener.seats_changed_elsewhere(self._presence.forget(process))
                listener.trainers_changed_elsewhere(self._watching.elsewhere.forget(process))
            case _:
                pass  # of a later version

    def _meet(self, process: str, now: float) -> None:
        """One that is heard for the first time, or again, may have missed what this one has not said until now."""
        if not self._presence.knows(process):
            self._presence.heard_of(process, {}, now)
            self._say("look")

    def _go_by_the_eldest(self, process: str, theirs: dict[str, Any], now: float) -> None:
        older = theirs["age_seconds"] - self._clock.age_seconds
        # Of two that began together one counts, too; a message takes its time.
        if older > TOGETHER_SECONDS or (older > -TOGETHER_SECONDS and process < self._channel.name):
            self._eldest.says(read_timestamp(theirs["at"]), now)
        self._has_met.set()


def _event(head: dict[str, Any], texts: Sequence[str]) -> ToldEvent:
    added, *pushed = texts
    return ToldEvent(UUID(head["session_id"]), head["seq"], added, pushed[0] if pushed else None)


def _vitals(head: dict[str, Any], texts: Sequence[str]) -> ToldVitals:
    (pushed,) = texts
    return ToldVitals(
        UUID(head["session_id"]), datetime.fromisoformat(head["at"]), head["is_provisional"] is True, pushed
    )


def _written_seat(seat: Seat) -> Sequence[object]:
    return [seat.id, seat.session_id, seat.name, seat.joined_at, seat.removed_at]


def _seat(seat_id: str, session_id: str, name: str, joined_at: str, removed_at: str | None) -> Seat:
    removed = None if removed_at is None else datetime.fromisoformat(removed_at)
    return Seat(UUID(seat_id), UUID(session_id), name, datetime.fromisoformat(joined_at), removed)


def _written(seated: Seated) -> dict[str, list[str]]:
    return {str(session_id): [str(seat_id) for seat_id in seats] for session_id, seats in seated.items()}


def _read(seated: dict[str, list[str]]) -> Seated:
    return {UUID(session_id): [UUID(seat_id) for seat_id in seats] for session_id, seats in seated.items()}
