"""The other server processes, over Redis.

What is said: `recorded` carries a new event, `foreseen` vitals that are late to be stored or were taken back; `look`
says that the storage has something to be found; `seats` and `all_seats` say who is connected to the process that says
it; `hello` is said when a line opens, by a process that may have missed anything and by whose silence the others may
have; `bye` is said by one that stops. Everything is the newest state or can be read again, so that nothing has to
arrive, arrive once, or arrive in order.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Any, Literal, Protocol, cast
from uuid import UUID

from server.bus.redis_channel import Link, Message
from server.live.delivery import RecordedMessage, Telling
from server.live.presence import Seated, SharedPresence
from server.transport.wire.shapes import VitalsPushedMessage

RENEWED_EVERY_SECONDS = 4.0
# The library names its own messages by a `method`; it passes over those that it does not know.
_PREFIX = "shiller."

Said = Literal["hello", "recorded", "foreseen", "look", "seats", "all_seats", "bye"]


class Watchers(Protocol):
    """The trainers here who watch sessions."""

    def watched_sessions(self) -> set[UUID]: ...

    def list_trainees(self, session_id: UUID) -> None: ...


class Peers:
    def __init__(
        self, link: Link, presence: SharedPresence, telling: Telling, take_library_message: Callable[[Message], None]
    ) -> None:
        self._link = link
        self._presence = presence
        self._telling = telling
        self._take_library_message = take_library_message
        self._watchers: Watchers | None = None
        self._look: Callable[[], None] = lambda: None
        self._running: list[asyncio.Task[None]] = []

    def start(self, watchers: Watchers, look: Callable[[], None]) -> None:
        """`look` makes the jobs read the storage now."""
        self._watchers = watchers
        self._look = look
        self._running = [
            asyncio.create_task(self._link.run(self._heard, self._opened)),
            asyncio.create_task(self._renew()),
        ]

    async def close(self) -> None:
        self._say("bye")
        await self._link.flush()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    # To the others

    def recorded(self, message: RecordedMessage) -> None:
        self._say("recorded", event=message)

    def foreseen(self, pushed: VitalsPushedMessage) -> None:
        self._say("foreseen", pushed=pushed)

    def look_again(self) -> None:
        self._say("look")

    def seats_changed(self, session_id: UUID) -> None:
        self._say("seats", seated=_written({session_id: self._presence.seated_in(session_id)}))

    def _say(self, what: Said, **content: Any) -> None:
        self._link.send({"method": _PREFIX + what, "host_id": self._link.name, **content})

    def _say_all_seats(self) -> None:
        self._say("all_seats", seated=_written(self._presence.seated()))

    def _opened(self) -> None:
        self._say("hello")
        self._say_all_seats()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY_SECONDS)
            self._say_all_seats()
            self._list_trainees(self._presence.lapse(time.monotonic()))

    # From the others

    async def _heard(self, message: Message) -> None:
        method, process = str(message.get("method")), str(message.get("host_id"))
        if not method.startswith(_PREFIX):
            self._take_library_message(message)
            return
        what = cast(Said, method.removeprefix(_PREFIX))
        if process != self._link.name:
            await self._heard_other(what, process, message)
        elif what == "hello":
            self._link.heard_itself()
            self._look_at_everything()

    async def _heard_other(self, what: Said, process: str, message: Message) -> None:
        now = time.monotonic()
        match what:
            case "recorded":
                await self._telling.tell_recorded(message["event"])
            case "foreseen":
                await self._telling.tell_ahead(message["pushed"], from_elsewhere=True)
            case "look":
                self._look()
            case "seats":
                seated = _read(message["seated"])
                self._presence.heard_of(process, seated, now)
                # Told even if the seats are the same: one may have another name, or somebody may have left for good.
                self._list_trainees(seated)
            case "all_seats":
                self._list_trainees(self._presence.heard_all_of(process, _read(message["seated"]), now))
            case "hello":
                self._say_all_seats()
                self._look_at_everything()
            case "bye":
                self._list_trainees(self._presence.forget(process))

    def _look_at_everything(self) -> None:
        self._look()
        if self._watchers is not None:
            self._list_trainees(self._watchers.watched_sessions())

    def _list_trainees(self, session_ids: Collection[UUID]) -> None:
        if self._watchers is not None and session_ids:
            for session_id in self._watchers.watched_sessions() & set(session_ids):
                self._watchers.list_trainees(session_id)


def _written(seated: Seated) -> dict[str, list[str]]:
    return {str(session_id): [str(seat_id) for seat_id in seats] for session_id, seats in seated.items()}


def _read(seated: dict[str, list[str]]) -> Seated:
    return {UUID(session_id): [UUID(seat_id) for seat_id in seats] for session_id, seats in seated.items()}
