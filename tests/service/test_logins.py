"""Logins side by side: a search finds its own failures, and nobody waits for the many of another; on memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from server.domain.outcomes import RateLimited, Unauthenticated
from server.domain.people import Role
from server.ports.results import Added
from server.service.accounts import NewTrainer
from server.service.guessing import PASSWORDS_BY_ACCOUNT_HERE, PASSWORDS_BY_ADDRESS
from server.service.logins import LOGINS_OF_AN_ACCOUNT, LoggedIn, Visitor
from server.service.services import Services
from server.storage.memory import MemoryStorage
from tests.support.houses import House, furnish
from tests.support.making import BY, NOW, later
from tests.support.services import services_on

PASSWORD = "a long password"
ADA, BELA = "ada@example.org", "bela@example.org"
HERE, ELSEWHERE = Visitor("192.0.2.1"), Visitor("192.0.2.2")


@pytest.fixture
def services() -> Iterator[Services]:
    with services_on(MemoryStorage()) as services:
        yield services


@pytest.fixture
async def house(services: Services) -> House:
    house = await furnish(services.storage)
    role: Role = "trainer"
    for email in (ADA, BELA):
        new = NewTrainer(email, "Somebody", PASSWORD, role)
        assert isinstance(await services.accounts.enrol(house.school.id, new, BY, NOW), Added)
    return house


@pytest.mark.usefixtures("house")
async def test_300_wrong_passwords_at_once_are_few_guesses_and_a_short_refusal(services: Services) -> None:
    known = await services.accounts.login(ADA, PASSWORD, HERE, NOW)
    assert isinstance(known, LoggedIn)
    guesses = [services.accounts.login(ADA, f"wrong {number}", HERE, NOW) for number in range(300)]
    answers = await asyncio.gather(*guesses)
    assert sum(isinstance(each, Unauthenticated) for each in answers) == PASSWORDS_BY_ACCOUNT_HERE.failures
    refusals = [each.retry_after_seconds for each in answers if isinstance(each, RateLimited)]
    assert len(refusals) == 300 - PASSWORDS_BY_ACCOUNT_HERE.failures
    assert max(refusals) <= PASSWORDS_BY_ACCOUNT_HERE.seconds_each
    desk = Visitor(HERE.address, known.device)
    assert isinstance(await services.accounts.login(ADA, PASSWORD, desk, NOW), LoggedIn)
    assert isinstance(await services.accounts.login(ADA, PASSWORD, HERE, later(5)), LoggedIn)


@pytest.mark.usefixtures("house")
async def test_a_search_over_many_accounts_at_once_is_as_short(services: Services) -> None:
    guesses = [services.accounts.login(f"{number}@example.org", "wrong", HERE, NOW) for number in range(300)]
    answers = await asyncio.gather(*guesses)
    assert sum(isinstance(each, Unauthenticated) for each in answers) == PASSWORDS_BY_ADDRESS.failures
    assert isinstance(await services.accounts.login(ADA, PASSWORD, ELSEWHERE, NOW), LoggedIn)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("where", [HERE, ELSEWHERE], ids=["at the same address", "elsewhere"])
async def test_40_logins_of_one_account_hold_up_no_other(services: Services, where: Visitor) -> None:
    done: list[str] = []

    async def log_in(email: str, visitor: Visitor) -> None:
        assert isinstance(await services.accounts.login(email, PASSWORD, visitor, NOW), LoggedIn)
        done.append(email)

    await asyncio.gather(*(log_in(ADA, HERE) for _ in range(40)), log_in(BELA, where))
    assert done.index(BELA) <= 5
    assert done.count(ADA) == 40


@pytest.mark.usefixtures("house")
async def test_of_more_than_can_be_under_way_the_rest_is_told_to_come_again(services: Services) -> None:
    logins = [services.accounts.login(ADA, PASSWORD, HERE, NOW) for _ in range(LOGINS_OF_AN_ACCOUNT + 10)]
    answers = await asyncio.gather(*logins)
    assert sum(isinstance(each, LoggedIn) for each in answers) == LOGINS_OF_AN_ACCOUNT
    assert [each for each in answers if not isinstance(each, LoggedIn)] == [RateLimited(1)] * 10
