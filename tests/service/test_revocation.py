"""Whether a login still holds is asked of the storage, for all who ask at once; and in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta
from uuid import uuid4

import pytest

from server import clock
from server.domain.people import Credentials
from server.ports.results import StorageUnavailable
from server.service.revocation import StoredRevocation
from server.storage.memory import MemoryStorage
from server.storage.memory.accounts import MemoryAccounts
from tests.support.houses import furnish, open_session
from tests.support.making import NOW, a_seat
from tests.support.patience import PATIENCE_SECONDS

DEAD, LIVING = b"dead", b"living"


class _Accounts(MemoryAccounts):
    """Counts the questions, and answers when it is let."""

    def __init__(self) -> None:
        self.asked: list[set[bytes]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_down = False

    async def live_tokens(self, token_hashes: Collection[bytes], now: object) -> frozenset[bytes]:
        self.asked.append(set(token_hashes))
        await self.may_answer.wait()
        if self.is_down:
            raise StorageUnavailable("down")
        return frozenset(token_hashes) - {DEAD}


@pytest.fixture
def accounts() -> _Accounts:
    return _Accounts()


@pytest.fixture
def revocation(accounts: _Accounts) -> StoredRevocation:
    return StoredRevocation(accounts, MemoryStorage().sessions, clock.now)


async def test_logins_and_seats_that_were_ended_do_not_hold() -> None:
    storage = MemoryStorage()
    house = await furnish(storage)
    session = await open_session(storage, house.trainer)
    revocation = StoredRevocation(storage.accounts, storage.sessions, clock.now)
    await storage.accounts.add_token(
        Credentials(house.trainer, "hash"), LIVING, clock.now(), clock.now() + timedelta(hours=1)
    )
    seat = a_seat(session)
    await storage.sessions.add_seat(seat, b"seat")
    assert await revocation.login_holds(LIVING)
    assert not await revocation.login_holds(DEAD)
    assert await revocation.seat_holds(seat.id)
    await storage.accounts.delete_token(LIVING)
    await storage.sessions.remove_seat(session.id, seat.id, NOW)
    assert not await revocation.login_holds(LIVING)
    assert not await revocation.seat_holds(seat.id)
    assert not await revocation.seat_holds(uuid4())


async def test_those_who_ask_during_a_question_are_asked_about_together_in_the_next(
    accounts: _Accounts, revocation: StoredRevocation
) -> None:
    accounts.may_answer.clear()
    first = asyncio.create_task(revocation.login_holds(LIVING))
    while not accounts.asked:
        await asyncio.sleep(0)
    later = [asyncio.create_task(revocation.login_holds(key)) for key in (LIVING, DEAD, DEAD)]
    await asyncio.sleep(0)
    accounts.may_answer.set()
    assert await asyncio.gather(first, *later) == [True, True, False, False]
    assert accounts.asked == [{LIVING}, {LIVING, DEAD}]


@pytest.mark.parametrize("is_down", [False, True])
async def test_a_storage_that_is_late_or_down_holds_nobody_up_and_keeps_the_order(
    accounts: _Accounts, revocation: StoredRevocation, is_down: bool
) -> None:
    accounts.is_down = is_down
    accounts.may_answer.clear()
    passed: list[int] = []

    async def pass_through(number: int) -> None:
        assert await revocation.login_holds(DEAD)
        passed.append(number)

    tasks: list[asyncio.Task[None]] = []
    # One in every turn of the loop: before, at, and after the moment when the storage is given up.
    while not passed or len(tasks) < passed[0] + 100:
        tasks.append(asyncio.create_task(pass_through(len(tasks))))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert passed == sorted(passed)
    assert len(accounts.asked) == 1

    accounts.is_down = False
    accounts.may_answer.set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await revocation.login_holds(DEAD):
            await asyncio.sleep(0)
