"""Who invites whom, what a link opens and for how long, and how often somebody may guess; on memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import cast

import pytest

from server.domain.invitations import NO_LONGER_OPEN
from server.domain.outcomes import Conflict, Forbidden, InvalidFields, NotFound, RateLimited, Unauthenticated
from server.domain.people import NOT_THE_FIRST, Access, Trainer
from server.domain.permissions import KEPT_AT_CENTRAL
from server.ports.results import Page
from server.service.first_admin import FirstAdmin, NewSchool
from server.service.guessing import LINKS_BY_ADDRESS, PASSWORDS_BY_ACCOUNT_HERE
from server.service.invitations import FoundInvitation, Invitations, Invited, NewInvitation
from server.service.logins import LoggedIn, Visitor
from server.service.passwords import PasswordHasher
from server.service.services import Services
from server.service.upstream import HallLink
from server.storage.memory import MemoryStorage
from tests.support.houses import House, furnish
from tests.support.making import NOW, later
from tests.support.running import CHEAP_ROUNDS
from tests.support.services import services_on

DESK = Visitor("192.0.2.1", agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\x1b")
BELA = NewInvitation(" Bela@Example.ORG ", "Bela  B.", "trainer")
PASSWORD = "bela-s-password"
SEVEN_DAYS = 7 * 86_400


@pytest.fixture
def services() -> Iterator[Services]:
    with services_on(MemoryStorage()) as services:
        yield services


@pytest.fixture
async def house(services: Services) -> House:
    return await furnish(services.storage)


async def _invited(services: Services, house: House, new: NewInvitation = BELA) -> Invited:
    invited = await services.invitations.invite(house.admin, new, NOW)
    assert isinstance(invited, Invited)
    return invited


async def test_an_invitation_is_told_accepted_and_logged_in(services: Services, house: House) -> None:
    invited = await _invited(services, house)
    found = await services.invitations.find(invited.token, DESK, later(1))
    assert isinstance(found, FoundInvitation)
    assert (found.school, found.standing) == (house.school, "open")
    assert (found.invitation.email, found.invitation.name) == ("bela@example.org", "Bela B.")
    login = await services.invitations.accept(invited.token, PASSWORD, DESK, later(2))
    assert isinstance(login, LoggedIn)
    access = await services.accounts.identify(login.token, later(3))
    assert isinstance(access, Access)
    assert (access.trainer.email, access.trainer.role) == ("bela@example.org", "trainer")
    again = await services.accounts.login("bela@example.org", PASSWORD, DESK, later(4))
    assert isinstance(again, LoggedIn)
    logins = await services.accounts.list_logins(access.trainer, later(5))
    assert [each.agent for each in logins] == ["Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"] * 2


async def test_its_token_is_kept_by_its_hash_alone(services: Services, house: House) -> None:
    invited = await _invited(services, house)
    tables = services.storage.accounts._tables  # type: ignore[attr-defined]
    assert invited.token not in f"{tables}"
    assert len(invited.token) >= 43


async def test_a_link_that_opens_nothing_says_why(services: Services, house: House) -> None:
    used, withdrawn, late = [
        await _invited(services, house, NewInvitation(f"{n}@example.org", "Bela", "trainer")) for n in range(3)
    ]
    assert isinstance(await services.invitations.accept(used.token, PASSWORD, DESK, NOW), LoggedIn)
    await services.invitations.withdraw(house.admin, withdrawn.invitation.id, NOW)
    for invited, standing, moment in (
        (used, "accepted", later(1)),
        (withdrawn, "withdrawn", later(1)),
        (late, "expired", later(SEVEN_DAYS)),
    ):
        found = await services.invitations.find(invited.token, DESK, moment)
        assert isinstance(found, FoundInvitation)
        assert found.standing == standing
        refused = await services.invitations.accept(invited.token, PASSWORD, DESK, moment)
        assert refused == NO_LONGER_OPEN[standing]
    still = await services.invitations.find(late.token, DESK, later(SEVEN_DAYS - 0.001))
    assert isinstance(still, FoundInvitation)
    assert still.standing == "open"


async def test_a_bad_password_leaves_the_invitation_as_it_was(services: Services, house: House) -> None:
    invited = await _invited(services, house)
    for password in ("short", "x" * 501, "Password1", "nul\x00 in a password"):
        refused = await services.invitations.accept(invited.token, password, DESK, NOW)
        assert isinstance(refused, InvalidFields)
        assert [error.field for error in refused.errors] == ["password"]
    assert isinstance(await services.invitations.accept(invited.token, PASSWORD, DESK, NOW), LoggedIn)


async def test_what_is_wrong_with_an_invitation_is_named_by_its_field(services: Services, house: House) -> None:
    for new, fields in (
        (NewInvitation("nobody", " ", "trainer"), ["email", "name"]),
        (NewInvitation(house.trainer.email.upper(), "Ada", "observer"), ["email"]),
    ):
        refused = await services.invitations.invite(house.admin, new, NOW)
        assert isinstance(refused, InvalidFields)
        assert [error.field for error in refused.errors] == fields


@pytest.mark.parametrize("who", ["trainer", "observer"])
async def test_only_admins_invite_see_and_withdraw(services: Services, house: House, who: str) -> None:
    invited = await _invited(services, house)
    somebody: Trainer = getattr(house, who)
    assert isinstance(await services.invitations.invite(somebody, BELA, NOW), Forbidden)
    assert isinstance(await services.invitations.list(somebody, 5, None), Forbidden)
    assert isinstance(await services.invitations.withdraw(somebody, invited.invitation.id, NOW), Forbidden)
    waiting = await services.invitations.list(house.admin, 5, None)
    assert isinstance(waiting, Page)
    assert waiting.items == [invited.invitation]


async def test_wrong_links_are_limited_and_right_ones_are_not(services: Services, house: House) -> None:
    invited = await _invited(services, house)
    for _ in range(LINKS_BY_ADDRESS.failures):
        assert isinstance(await services.invitations.find(invited.token, DESK, NOW), FoundInvitation)
        assert isinstance(await services.invitations.accept("wrong", PASSWORD, DESK, NOW), NotFound)
    for refused in (
        await services.invitations.accept("wrong", PASSWORD, DESK, NOW),
        await services.invitations.find(invited.token, DESK, NOW),
    ):
        assert isinstance(refused, RateLimited)
    elsewhere = Visitor("192.0.2.2")
    assert isinstance(await services.invitations.find(invited.token, elsewhere, NOW), FoundInvitation)


async def _logged_in(services: Services, house: House) -> tuple[Access, Access]:
    """Twice, by an account with a real password."""
    invited = await _invited(services, house)
    first = await services.invitations.accept(invited.token, PASSWORD, DESK, NOW)
    second = await services.accounts.login("bela@example.org", PASSWORD, DESK, later(1))
    assert isinstance(first, LoggedIn)
    assert isinstance(second, LoggedIn)
    accesses = [await services.accounts.identify(each.token, later(2)) for each in (first, second)]
    assert isinstance(accesses[0], Access)
    assert isinstance(accesses[1], Access)
    return accesses[0], accesses[1]


async def test_whoever_changes_their_password_stays_and_their_other_logins_end(
    services: Services, house: House
) -> None:
    here, other = await _logged_in(services, house)
    changed = await services.accounts.change_own_password(here, PASSWORD, "another-password", DESK, later(3))
    assert isinstance(changed, Trainer)
    store = services.storage.accounts
    assert await store.live_tokens([here.token_hash, other.token_hash], later(4)) == {here.token_hash}
    assert isinstance(await services.accounts.login("bela@example.org", PASSWORD, DESK, later(4)), Unauthenticated)
    assert isinstance(await services.accounts.login("bela@example.org", "another-password", DESK, later(4)), LoggedIn)
    newest = (await services.storage.audit.list_entries(house.school.id, 1, None)).items[0]
    assert (newest.action, newest.by.id, newest.details) == ("changed", here.trainer.id, {"fields": ["password"]})


async def test_a_wrong_present_password_is_a_field_and_is_limited_as_at_a_login(
    services: Services, house: House
) -> None:
    here, _ = await _logged_in(services, house)
    change = services.accounts.change_own_password
    short = await change(here, PASSWORD, "short", DESK, NOW)
    assert isinstance(short, InvalidFields)
    assert [error.field for error in short.errors] == ["new_password"]
    for _ in range(PASSWORDS_BY_ACCOUNT_HERE.failures):
        wrong = await change(here, "a-wrong-password", "another-password", DESK, NOW)
        assert isinstance(wrong, InvalidFields)
        assert [error.field for error in wrong.errors] == ["password"]
    assert isinstance(await change(here, PASSWORD, "another-password", DESK, NOW), RateLimited)
    # The limit is one with that of logins.
    assert isinstance(await services.accounts.login("bela@example.org", PASSWORD, DESK, NOW), RateLimited)


FIRST = NewSchool("École  de soins", "Ada", "ada@example.org", "a-long-password")


async def test_the_first_admin_is_made_by_the_link_once(services: Services) -> None:
    token = await services.first_admin.token()
    assert token is not None
    assert await services.first_admin.token() == token
    assert await services.first_admin.judge(token, DESK, NOW) is None
    assert isinstance(await services.first_admin.judge("wrong", DESK, NOW), NotFound)
    refused = await services.first_admin.make(token, NewSchool("", "", "x", "short"), DESK, NOW)
    assert isinstance(refused, InvalidFields)
    assert [error.field for error in refused.errors] == ["school", "email", "name", "password"]
    outcomes = await asyncio.gather(*(services.first_admin.make(token, FIRST, DESK, NOW) for _ in range(4)))
    assert sorted(type(each).__name__ for each in outcomes) == ["Conflict", "Conflict", "Conflict", "LoggedIn"]
    (school,) = await services.accounts.list_schools()
    assert school.name == "École de soins"
    assert await services.first_admin.token() is None
    for anybodys in (token, "wrong"):
        assert await services.first_admin.make(anybodys, FIRST, DESK, NOW) == NOT_THE_FIRST


async def test_the_link_is_worthless_once_somebody_else_made_an_account(services: Services) -> None:
    token = await services.first_admin.token()
    assert token is not None
    await furnish(services.storage)
    assert await services.first_admin.token() is None
    assert isinstance(await services.first_admin.make(token, FIRST, DESK, NOW), Conflict)


async def test_at_a_hall_nobody_is_invited_and_no_password_changes(services: Services, house: House) -> None:
    """Accounts come from the central server, where they are changed."""
    invited = await _invited(services, house)
    here, _ = await _logged_in(services, house)
    storage, passwords = services.storage, PasswordHasher(CHEAP_ROUNDS)
    invitations = Invitations(storage.invitations, storage.accounts, services.accounts, passwords, is_hall=True)
    assert await invitations.invite(house.admin, BELA, NOW) == KEPT_AT_CENTRAL
    assert await invitations.withdraw(house.admin, invited.invitation.id, NOW) == KEPT_AT_CENTRAL
    assert await invitations.accept(invited.token, PASSWORD, DESK, NOW) == KEPT_AT_CENTRAL
    first = FirstAdmin(storage.keys, storage.accounts, services.accounts, passwords, is_hall=True)
    assert await first.token() is None
    assert await first.make("x", FIRST, DESK, NOW) == KEPT_AT_CENTRAL
    services.accounts._hall = cast(HallLink, object())
    outcome = await services.accounts.change_own_password(here, PASSWORD, "another-password", DESK, NOW)
    assert outcome == KEPT_AT_CENTRAL
    passwords.close()
