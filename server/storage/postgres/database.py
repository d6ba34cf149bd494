"""Pools of connections: one for work within a school, one for what works for all of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

import asyncpg

from server.domain.nesting import cut_to_depth
from server.json_text import write_json
from server.storage.postgres.connecting import connect
from server.storage.postgres.refusals import at_the_door, outages

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = PoolConnectionProxy[asyncpg.Record]
    _DriverConnection = asyncpg.Connection[asyncpg.Record]
else:
    _DriverConnection = asyncpg.Connection

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Of the pool, and of the connections beside it."""

    pool_size: int = 10
    """Of each of the two."""
    answer_timeout_seconds: float = 10
    """A connection that is busy for so long is given up: the server hangs, or the way to it is dead."""
    connect_timeout_seconds: float = 5
    turn_timeout_seconds: float = 10
    """For one of the pool's connections to be free."""
    close_timeout_seconds: float = 10
    """For all that a storage writes and waits for at its end."""
    ping_timeout_seconds: float = 1
    """Whoever asks whether it is there wants to know soon; a storage that hangs is as good as none."""
    silence_seconds: float = 5
    """One that has said something within so long does not hang: on a busy machine an answer is late, and who takes that
    for an outage takes a sound server out.
    """
    stale_seconds: float = 300
    """What stands between may have dropped a connection that was silent for so long without a word; the pool's own
    measure.
    """


CONNECTION_SETTINGS = ConnectionSettings()

# Told to a connection when it is made; the policies of the tables ask for it.
EVERY_SCHOOL = {"shiller.school": "every"}


class _WalledConnection(_DriverConnection):
    """It remembers whose school it works for, so that a school alone costs no round trip."""

    _school = ""

    async def enter(self, school: str) -> None:
        if self._school != school:
            # Whoever is cancelled meanwhile leaves it to the next to say it.
            self._school = ""
            await self.execute(f"SET shiller.school = '{school}'")
            self._school = school


class Door:
    """Statements that see the rows of one school, or of every school, and no others (migration 0009_walls)."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        settings: ConnectionSettings,
        background: set[asyncio.Task[None]],
        school_id: UUID | None,
    ) -> None:
        """Without a school, the pool's connections were made for all of them."""
        self._pool = pool
        self._settings = settings
        self._background = background
        self._school = None if school_id is None else str(school_id)

    async def fetch(self, sql: str, *arguments: object) -> Sequence[asyncpg.Record]:
        async with self._connection() as connection:
            return await connection.fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: object) -> asyncpg.Record | None:
        async with self._connection() as connection:
            return await connection.fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: object) -> object:
        async with self._connection() as connection:
            return await connection.fetchval(sql, *arguments)

    async def execute(self, sql: str, *arguments: object) -> None:
        async with self._connection() as connection:
            await connection.execute(sql, *arguments)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection]:
        """One transaction; an exception that leaves the block rolls it back."""
        async with self._connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Connection]:
        """What is read in it is as of one moment."""
        async with (
            self._connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    async def transact(self, work: Callable[[Connection], Awaitable[tuple[Outcome, bool]]]) -> Outcome:
        """The first of what `work` answers, after a transaction around it; the second says whether it is committed.

        An exception rolls it back.
        """
        async with self._connection() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                outcome, is_kept = await work(connection)
            except BaseException:
                await transaction.rollback()
                raise
            await (transaction.commit() if is_kept else transaction.rollback())
            return outcome

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Connection]:
        with at_the_door:
            connection = await self._pool.acquire(timeout=self._settings.turn_timeout_seconds)
        with outages:
            try:
                longest = self._settings.answer_timeout_seconds
                cutting = asyncio.get_running_loop().call_later(longest, self._give_up, connection)
                try:
                    if self._school is not None:
                        await cast(_WalledConnection, connection).enter(self._school)
                    yield connection
                finally:
                    cutting.cancel()
            finally:
                if not _is_open(connection) or not connection.is_in_transaction():
                    await self._pool.release(connection)
                else:
                    await asyncio.shield(self._in_background(self._roll_back_and_release(connection)))

    def _give_up(self, connection: Connection) -> None:
        """Cut it; the driver's cancelling takes as long as a server hangs. The idle ones may be as dead."""
        connection.terminate()
        self._in_background(self._pool.expire_connections())

    async def _roll_back_and_release(self, connection: Connection) -> None:
        """Of one who was cancelled again and again, as web servers do when a client has gone: at rolling back, too."""
        try:
            await connection.execute("ROLLBACK", timeout=self._settings.answer_timeout_seconds)
        finally:
            await self._pool.release(connection)

    def _in_background(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task


class Database:
    """No statement without a door: whoever forgets its school gets no further than the type checker."""

    def __init__(
        self,
        walled: asyncpg.Pool[asyncpg.Record],
        open_to_all: asyncpg.Pool[asyncpg.Record],
        settings: ConnectionSettings,
    ) -> None:
        self._pools = (walled, open_to_all)
        self._settings = settings
        self._background: set[asyncio.Task[None]] = set()
        self.every_school = Door(open_to_all, settings, self._background, None)
        """For what belongs to no school, works for all of them, or looks a row up by a key that only its own school
        has: an id, a code, a token, an address. Whoever asks judges what comes.
        """

    @classmethod
    async def open(cls, url: str, settings: ConnectionSettings) -> Database:
        """The connections are made when they are needed."""
        walled = await _pool(url, settings, {})
        return cls(walled, await _pool(url, settings, EVERY_SCHOOL), settings)

    def of(self, school_id: UUID) -> Door:
        return Door(self._pools[0], self._settings, self._background, school_id)

    async def transact(self, work: Callable[[Connection], Awaitable[tuple[Outcome, bool]]]) -> Outcome:
        """As a door's, but the first statement of `work` says whose school it is."""
        return await Door(self._pools[0], self._settings, self._background, None).transact(work)

    async def close(self) -> None:
        """When its connections are free; whoever cannot wait for that cuts them."""
        for pool in self._pools:
            await pool.close()

    def cut(self) -> None:
        for pool in self._pools:
            pool.terminate()


def _is_open(connection: Connection) -> bool:
    """Of one that is cut the pool lets go by itself, and asking it is an error that hides why it was cut."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        return False


async def _pool(url: str, settings: ConnectionSettings, session: Mapping[str, str]) -> asyncpg.Pool[asyncpg.Record]:
    async def connected(dsn: str | None = None, **words: Any) -> asyncpg.Connection[asyncpg.Record]:
        return await connect(url, settings.connect_timeout_seconds, session, **words)

    with at_the_door:
        return await asyncpg.create_pool(
            # None is kept in advance: the driver would log each try to keep one while the server is away.
            min_size=0,
            max_size=settings.pool_size,
            connect=connected,
            init=prepare,
            reset=_reset,
            connection_class=_WalledConnection,
        )


async def prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """What every connection is told first."""
    await connection.set_type_codec("jsonb", encoder=write_json, decoder=_read_json, schema="pg_catalog")


def _read_json(text: str) -> object:
    """What was stored before there was a limit to its depth could not be read, nor written again, by any library."""
    return json.loads(cut_to_depth(text))


async def _reset(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """The driver's own reset costs a round trip at every release; nothing here leaves anything to reset."""
