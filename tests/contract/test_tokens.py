"""Tokens: what opens the door, and until when."""

from __future__ import annotations

import hashlib

import pytest

from server.domain.outcomes import NotFound, Unchanged
from server.domain.people import Access, Credentials, Login, TrainerChange
from server.ports.people import EditedTrainer
from server.ports.storage import Storage
from tests.support.houses import House
from tests.support.making import BY, NOW, later


def _hash(word: str) -> bytes:
    return hashlib.sha256(word.encode()).digest()


ONE, TWO, THREE, UNKNOWN = (_hash(word) for word in ("one", "two", "three", "unknown"))


async def test_a_token_opens_until_the_moment_it_runs_out(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    await storage.accounts.add_token(Credentials(house.trainer, "hash"), ONE, NOW, later(60))
    for place in (storage, second_storage):
        assert await place.accounts.find_access(ONE, later(59.999)) == Access(house.trainer, ONE, later(60))
        assert await place.accounts.find_access(ONE, later(60)) is None
        assert await place.accounts.find_access(UNKNOWN, NOW) is None
        assert await place.accounts.find_access(b"", NOW) is None


async def test_an_access_tells_the_trainer_as_it_is_now(storage: Storage, house: House) -> None:
    await storage.accounts.add_token(Credentials(house.trainer, "hash"), ONE, NOW, later(60))
    changed = await storage.accounts.change_trainer(
        house.school.id, house.trainer.id, TrainerChange(name="Zoë"), None, BY, later(1)
    )
    assert isinstance(changed, EditedTrainer)
    access = await storage.accounts.find_access(ONE, later(2))
    assert access is not None
    assert access.trainer == changed.trainer


async def test_a_deleted_token_is_dead_at_once(storage: Storage, second_storage: Storage, house: House) -> None:
    await storage.accounts.add_token(Credentials(house.trainer, "hash"), ONE, NOW, later(60))
    await storage.accounts.add_token(Credentials(house.trainer, "hash"), TWO, NOW, later(60))
    await second_storage.accounts.delete_token(ONE)
    await second_storage.accounts.delete_token(ONE)
    assert await storage.accounts.find_access(ONE, NOW) is None
    assert await storage.accounts.find_access(TWO, NOW) is not None


ENDING = {
    "another role": TrainerChange(role="observer"),
    "the same password, for nobody knows": TrainerChange(password_hash="hash"),
    "a name and another password": TrainerChange(name="Zoë", password_hash="new hash"),
}
NOT_ENDING = {
    "nothing": TrainerChange(),
    "the same role": TrainerChange(role="trainer"),
    "the same role and another name": TrainerChange(role="trainer", name="Zoë"),
    "another address": TrainerChange(email="zoe@example.org"),
}


async def _logged_in(storage: Storage, house: House) -> None:
    """The trainer twice, a colleague once."""
    for trainer, token_hash in ((house.trainer, ONE), (house.trainer, TWO), (house.colleague, THREE)):
        assert await storage.accounts.add_token(Credentials(trainer, "hash"), token_hash, NOW, later(60))


@pytest.mark.parametrize("name", ENDING)
async def test_a_new_role_or_password_ends_every_login_of_the_trainer(
    storage: Storage, second_storage: Storage, house: House, name: str
) -> None:
    await _logged_in(storage, house)
    assert await storage.accounts.find_access(ONE, NOW) is not None
    changed = await storage.accounts.change_trainer(house.school.id, house.trainer.id, ENDING[name], None, BY, later(1))
    assert isinstance(changed, EditedTrainer)
    assert set(changed.ended_logins) == {ONE, TWO}
    for place in (storage, second_storage):
        assert await place.accounts.find_access(ONE, later(1)) is None
        assert await place.accounts.live_tokens([ONE, TWO, THREE], NOW) == {THREE}


@pytest.mark.parametrize("name", NOT_ENDING)
async def test_no_other_change_ends_a_login(storage: Storage, house: House, name: str) -> None:
    await _logged_in(storage, house)
    changed = await storage.accounts.change_trainer(
        house.school.id, house.trainer.id, NOT_ENDING[name], None, BY, later(1)
    )
    assert isinstance(changed, Unchanged) or (isinstance(changed, EditedTrainer) and not changed.ended_logins)
    assert await storage.accounts.live_tokens([ONE, TWO, THREE], NOW) == {ONE, TWO, THREE}


async def test_a_refused_change_ends_no_login(storage: Storage, house: House) -> None:
    await _logged_in(storage, house)
    change = TrainerChange(role="observer", email=house.colleague.email)
    for version in (7, None):
        await storage.accounts.change_trainer(house.school.id, house.trainer.id, change, version, BY, later(1))
    assert await storage.accounts.live_tokens([ONE, TWO, THREE], NOW) == {ONE, TWO, THREE}


async def test_a_deleted_trainers_token_opens_nothing(storage: Storage, house: House) -> None:
    await _logged_in(storage, house)
    deleted = await storage.accounts.delete_trainer(house.school.id, house.trainer.id, None, BY, later(1))
    assert isinstance(deleted, EditedTrainer)
    assert set(deleted.ended_logins) == {ONE, TWO}
    assert await storage.accounts.find_access(ONE, later(2)) is None
    assert await storage.accounts.live_tokens([ONE, TWO, THREE], later(2)) == {THREE}


async def test_those_that_ran_out_are_swept(storage: Storage, house: House) -> None:
    await storage.accounts.add_token(Credentials(house.trainer, "hash"), ONE, NOW, later(10))
    await storage.accounts.add_token(Credentials(house.trainer, "hash"), TWO, NOW, later(20))
    await storage.accounts.add_token(Credentials(house.trainer, "hash"), THREE, NOW, later(20.001))
    assert await storage.accounts.delete_expired_tokens(later(9.999)) == 0
    assert await storage.accounts.delete_expired_tokens(later(20)) == 2
    assert await storage.accounts.delete_expired_tokens(later(20)) == 0
    assert await storage.accounts.live_tokens([ONE, TWO, THREE], NOW) == {THREE}


async def test_which_of_many_still_open_the_door(storage: Storage, house: House) -> None:
    await storage.accounts.add_token(Credentials(house.trainer, "hash"), ONE, NOW, later(10))
    await storage.accounts.add_token(Credentials(house.colleague, "hash"), TWO, NOW, later(20))
    await storage.accounts.add_token(Credentials(house.admin, "hash"), THREE, NOW, later(20))
    assert await storage.accounts.live_tokens({ONE, TWO, UNKNOWN}, later(9)) == {ONE, TWO}
    assert await storage.accounts.live_tokens([ONE, ONE, TWO], later(10)) == {TWO}
    assert await storage.accounts.live_tokens([], NOW) == frozenset()


async def test_no_token_for_a_password_that_is_another_by_now(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    compared = await storage.accounts.find_credentials(house.trainer.email)
    assert compared is not None
    change = TrainerChange(password_hash="new hash")
    await second_storage.accounts.change_trainer(house.school.id, house.trainer.id, change, None, BY, later(1))
    assert await storage.accounts.add_token(compared, ONE, later(2), later(60)) is False
    assert await storage.accounts.find_access(ONE, later(2)) is None
    anew = Credentials(compared.trainer, "new hash")
    assert await storage.accounts.add_token(anew, TWO, later(2), later(60)) is True
    await second_storage.accounts.delete_trainer(house.school.id, house.trainer.id, None, BY, later(3))
    for credentials in (anew, Credentials(compared.trainer, "")):
        assert await storage.accounts.add_token(credentials, THREE, later(4), later(60)) is False


async def test_a_trainer_sees_their_logins_newest_first(storage: Storage, house: House) -> None:
    credentials = Credentials(house.trainer, "hash")
    await storage.accounts.add_token(credentials, ONE, NOW, later(60), "Firefox")
    await storage.accounts.add_token(credentials, TWO, later(1), later(30))
    await storage.accounts.add_token(Credentials(house.colleague, "hash"), THREE, NOW, later(60))
    logins = await storage.accounts.list_logins(house.trainer, later(2))
    assert logins == [Login(TWO, later(1), later(30), ""), Login(ONE, NOW, later(60), "Firefox")]
    assert [each.token_hash for each in await storage.accounts.list_logins(house.trainer, later(30))] == [ONE]


async def test_a_login_is_ended_by_its_own_trainer_alone(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    await _logged_in(storage, house)
    assert await storage.accounts.find_access(ONE, NOW) is not None
    login = next(each for each in await storage.accounts.list_logins(house.trainer, NOW) if each.token_hash == ONE)
    assert isinstance(await storage.accounts.end_login(house.colleague, login.id, later(1)), NotFound)
    assert await second_storage.accounts.end_login(house.trainer, login.id, later(1)) == login
    assert isinstance(await storage.accounts.end_login(house.trainer, login.id, later(2)), NotFound)
    assert await storage.accounts.live_tokens([ONE, TWO, THREE], later(2)) == {TWO, THREE}
    newest = (await storage.audit.list_entries(house.school.id, 1, None)).items[0]
    assert (newest.action, newest.subject.id, newest.by.id) == ("login_ended", house.trainer.id, house.trainer.id)


async def test_a_password_that_its_trainer_changes_keeps_the_login_that_does_it(storage: Storage, house: House) -> None:
    await _logged_in(storage, house)
    change = TrainerChange(password_hash="new hash")
    changed = await storage.accounts.change_trainer(
        house.school.id, house.trainer.id, change, None, BY, later(1), keeping=ONE
    )
    assert isinstance(changed, EditedTrainer)
    assert list(changed.ended_logins) == [TWO]
    access = await storage.accounts.find_access(ONE, later(2))
    assert access is not None
    assert access.trainer == changed.trainer
