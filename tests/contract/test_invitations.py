"""Invitations: what a link opens, once; and the first account of all."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import uuid4

from server.domain.invitations import ACCEPTED_ALREADY, NO_LONGER_OPEN, Invitation
from server.domain.outcomes import Conflict, InvalidFields, NotFound, Unchanged
from server.domain.people import Credentials, Trainer
from server.ports.storage import Storage
from tests.support.houses import House
from tests.support.making import BY, NOW, a_school, a_trainer, an_invitation, later

ONE, TWO = b"one" * 8, b"two" * 8
LONG_AFTER = 8 * 86_400


async def _invited(storage: Storage, house: House, token: bytes = ONE, **fields: object) -> Invitation:
    invitation = an_invitation(house.school, **{"created_at": later(0.5), **fields})
    assert await storage.invitations.add_invitation(invitation, token) == invitation
    return invitation


async def _told(storage: Storage, house: House) -> list[tuple[str, str, str]]:
    page = await storage.audit.list_entries(house.school.id, 200, None)
    return [(entry.action, entry.subject.type, str(entry.details.get("name"))) for entry in page.items]


async def test_an_invitation_becomes_an_account(storage: Storage, second_storage: Storage, house: House) -> None:
    invitation = await _invited(storage, house, role="observer")
    assert await second_storage.invitations.find_invitation(ONE) == invitation
    assert await storage.invitations.find_invitation(TWO) is None
    trainer_id = uuid4()
    trainer = await second_storage.invitations.accept_invitation(ONE, trainer_id, "chosen", later(5))
    at = later(5)
    assert trainer == Trainer(trainer_id, house.school.id, invitation.email, "Bela", "observer", at, at)
    assert await storage.accounts.find_credentials(invitation.email) == Credentials(trainer, "chosen")
    assert await storage.invitations.find_invitation(ONE) == replace(invitation, accepted_at=at)
    assert (await storage.invitations.list_invitations(house.school.id, 5, None)).items == []
    assert (await _told(storage, house))[:2] == [("added", "trainer", "Bela"), ("invited", "invitation", "Bela")]
    newest = (await storage.audit.list_entries(house.school.id, 1, None)).items[0]
    assert (newest.by.id, newest.details["invited_by"]) == (trainer_id, BY.name)
    # The account is in the school's log, as every other.
    assert trainer_id in {entry.id for entry in await storage.sync.log_after(house.school.id, 0, 50)}


async def test_it_opens_once_and_no_longer_than_it_should(storage: Storage, house: House) -> None:
    invitation = await _invited(storage, house)
    accept = storage.invitations.accept_invitation
    assert isinstance(await accept(TWO, uuid4(), "x", NOW), NotFound)
    late = await accept(ONE, uuid4(), "x", invitation.expires_at)
    assert late == NO_LONGER_OPEN["expired"]
    assert isinstance(await accept(ONE, uuid4(), "x", later(1)), Trainer)
    for moment in (later(2), later(LONG_AFTER)):
        assert await accept(ONE, uuid4(), "x", moment) == NO_LONGER_OPEN["accepted"]
    assert await storage.invitations.withdraw_invitation(house.school.id, invitation.id, BY, later(3)) == (
        ACCEPTED_ALREADY
    )


async def test_a_withdrawn_one_opens_nothing(storage: Storage, house: House, other_house: House) -> None:
    invitation = await _invited(storage, house)
    withdraw = storage.invitations.withdraw_invitation
    for school_id, invitation_id in ((other_house.school.id, invitation.id), (house.school.id, uuid4())):
        assert isinstance(await withdraw(school_id, invitation_id, BY, later(1)), NotFound)
    withdrawn = replace(invitation, withdrawn_at=later(1))
    assert await withdraw(house.school.id, invitation.id, BY, later(1)) == withdrawn
    assert await withdraw(house.school.id, invitation.id, BY, later(2)) == Unchanged(withdrawn)
    assert await storage.invitations.accept_invitation(ONE, uuid4(), "x", later(3)) == NO_LONGER_OPEN["withdrawn"]
    assert [what for what in await _told(storage, house) if what[1] == "invitation"] == [
        ("withdrawn", "invitation", "Bela"),
        ("invited", "invitation", "Bela"),
    ]
    assert await storage.accounts.find_credentials(invitation.email) is None


async def test_the_newest_of_an_address_alone_counts(storage: Storage, house: House, other_house: House) -> None:
    first = await _invited(storage, house, email="bela@example.org")
    elsewhere = await _invited(storage, other_house, b"else" * 8, email="bela@example.org")
    second = await _invited(storage, house, TWO, email="bela@example.org", created_at=later(1))
    found = await storage.invitations.find_invitation(ONE)
    assert found == replace(first, withdrawn_at=later(1))
    assert (await storage.invitations.list_invitations(house.school.id, 5, None)).items == [second]
    assert (await storage.invitations.list_invitations(other_house.school.id, 5, None)).items == [elsewhere]
    assert isinstance(await storage.invitations.accept_invitation(TWO, uuid4(), "x", later(2)), Trainer)
    # The other school was as fast as this one, but for a moment.
    late = await storage.invitations.accept_invitation(b"else" * 8, uuid4(), "x", later(3))
    assert isinstance(late, Conflict)
    assert await storage.invitations.find_invitation(b"else" * 8) == elsewhere


async def test_an_address_with_an_account_is_not_invited(storage: Storage, house: House, other_house: House) -> None:
    for taken in (house.trainer, other_house.trainer):
        refused = await storage.invitations.add_invitation(an_invitation(house.school, email=taken.email), ONE)
        assert isinstance(refused, InvalidFields)
        assert [error.field for error in refused.errors] == ["email"]
    assert await storage.invitations.find_invitation(ONE) is None
    await storage.accounts.delete_trainer(house.school.id, house.trainer.id, None, BY, later(1))
    await _invited(storage, house, email=house.trainer.email)


async def test_those_that_wait_are_listed_newest_first(storage: Storage, house: House) -> None:
    made = [await _invited(storage, house, b"%024d" % number, created_at=later(number)) for number in range(3)]
    page = await storage.invitations.list_invitations(house.school.id, 2, None)
    assert (page.items, page.next is None) == ([made[2], made[1]], False)
    rest = await storage.invitations.list_invitations(house.school.id, 2, page.next)
    assert (rest.items, rest.next) == ([made[0]], None)


async def test_many_who_accept_at_once_make_one_account(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    invitation = await _invited(storage, house)
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[number % 2].invitations.accept_invitation(ONE, uuid4(), f"{number}", later(1))
            for number in range(8)
        )
    )
    assert Counter(type(each) for each in outcomes) == {Trainer: 1, Conflict: 7}
    assert {each for each in outcomes if isinstance(each, Conflict)} == {NO_LONGER_OPEN["accepted"]}
    credentials = await storage.accounts.find_credentials(invitation.email)
    assert credentials is not None
    assert credentials.password_hash == f"{next(n for n, each in enumerate(outcomes) if isinstance(each, Trainer))}"
    assert next(what for what in await _told(storage, house) if what[2] == "Bela") == ("added", "trainer", "Bela")


async def test_an_invitation_that_is_withdrawn_while_it_is_accepted_is_one_of_both(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    invitation = await _invited(storage, house)
    accepted, withdrawn = await asyncio.gather(
        storage.invitations.accept_invitation(ONE, uuid4(), "x", later(1)),
        second_storage.invitations.withdraw_invitation(house.school.id, invitation.id, BY, later(1)),
    )
    assert isinstance(accepted, Trainer) is (withdrawn == ACCEPTED_ALREADY)
    assert isinstance(accepted, Trainer) is not isinstance(withdrawn, Invitation)


async def test_of_many_first_accounts_one_is_made(storage: Storage, second_storage: Storage) -> None:
    assert await storage.accounts.has_accounts() is False
    schools = [a_school(f"School {number}") for number in range(6)]
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[number % 2].accounts.add_first_trainer(a_trainer(school, "admin"), "x", school)
            for number, school in enumerate(schools)
        )
    )
    assert Counter(type(each) for each in outcomes) == {Trainer: 1, Conflict: 5}
    (first,) = [each for each in outcomes if isinstance(each, Trainer)]
    assert [school.id for school in await storage.accounts.list_schools()] == [first.school_id]
    assert await second_storage.accounts.has_accounts() is True
    (entry,) = (await storage.audit.list_entries(first.school_id, 5, None)).items
    assert (entry.action, entry.by.id) == ("added", first.id)
    another = a_school("Another")
    assert isinstance(await storage.accounts.add_first_trainer(a_trainer(another, "admin"), "x", another), Conflict)
