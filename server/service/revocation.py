"""Whether who is connected still may be: a login may have been ended, a seat taken away, by another process.

What ends in this process is cut here at once. What ends elsewhere is told, and found by the jobs; but no message
of a client counts because somebody's word came late, so where there are several processes the storage is asked
before each. Those who ask at once are asked about together. A trainer's push, of which there are many, is not asked
about before: the statement that writes it writes nothing for a login that has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import structlog

from server.ports.people import AccountStore
from server.ports.results import StorageUnavailable
from server.ports.sessions import SessionStore

log = structlog.get_logger("shiller.revocation")

# What counts as a late storage elsewhere, too. Then, as in an outage, what was known last counts: live sessions go on.
LATE_AFTER_SECONDS = 0.1

Key = TypeVar("Key")


class Revocation(Protocol):
    def asked_as_written(self, token_hash: bytes) -> bytes | None:
        """What the storage has to be asked about a login in the moment of a write, instead of before it."""
        ...

    async def login_holds(self, token_hash: bytes) -> bool: ...

    async def seat_holds(self, seat_id: UUID) -> bool: ...


class LocalRevocation:
    """For a single process, which cuts at once whatever it ends."""

    def asked_as_written(self, token_hash: bytes) -> bytes | None:
        return None

    async def login_holds(self, token_hash: bytes) -> bool:
        return True

    async def seat_holds(self, seat_id: UUID) -> bool:
        return True


class StoredRevocation:
    def __init__(self, accounts: AccountStore, sessions: SessionStore, clock: Callable[[], datetime]) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._clock = clock
        self._logins = _Questions(self._dead_logins)
        self._seats = _Questions(self._sessions.removed_among)

    def asked_as_written(self, token_hash: bytes) -> bytes | None:
        return token_hash

    async def login_holds(self, token_hash: bytes) -> bool:
        return await self._logins.is_sound(token_hash)

    async def seat_holds(self, seat_id: UUID) -> bool:
        return await self._seats.is_sound(seat_id)

    async def _dead_logins(self, token_hashes: Collection[bytes]) -> Collection[bytes]:
        return set(token_hashes) - await self._accounts.live_tokens(token_hashes, self._clock())


class _Questions(Generic[Key]):
    """`ask` says which of some keys are unsound. Answers come in the order of the questions, late storage or not."""

    def __init__(self, ask: Callable[[Collection[Key]], Awaitable[Collection[Key]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[Key, asyncio.Future[bool]]] = []
        self._asking: asyncio.Task[None] | None = None
        self._is_late = False

    async def is_sound(self, key: Key) -> bool:
        if self._is_late:
            # A turn behind those who have just been let go: messages of one connection stay in order.
            await asyncio.sleep(0)
            return True
        answer = asyncio.get_running_loop().create_future()
        # Never a question that is under way: it may have been read before the end that matters.
        self._waiting.append((key, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all())
        return await answer

    async def _ask_all(self) -> None:
        while self._waiting:
            waiting = self._take()
            question = asyncio.gather(self._unsound({key for key, _ in waiting}))
            await asyncio.wait({question}, timeout=LATE_AFTER_SECONDS)
            if not question.done():
                self._is_late = True
                _answer([*waiting, *self._take()], ())
                await question
                self._is_late = False
            else:
                _answer(waiting, question.result()[0])
        self._asking = None

    def _take(self) -> list[tuple[Key, asyncio.Future[bool]]]:
        waiting, self._waiting = self._waiting, []
        return waiting

    async def _unsound(self, keys: Collection[Key]) -> Collection[Key]:
        try:
            return await self._ask(keys)
        except StorageUnavailable:
            return ()
        except Exception:
            log.exception("it could not be asked who still may be connected")
            return ()


def _answer(waiting: Collection[tuple[Key, asyncio.Future[bool]]], unsound: Collection[Key]) -> None:
    for key, answer in waiting:
        if not answer.done():
            answer.set_result(key not in unsound)
