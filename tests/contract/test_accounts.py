"""Schools and trainers."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import uuid4

import pytest

from server.domain.outcomes import ID_TAKEN, Conflict, NotFound, Unchanged, VersionMismatch
from server.domain.people import Credentials, Trainer, TrainerChange
from server.ports.people import EditedTrainer
from server.ports.results import Added, AlreadyThere
from server.ports.storage import Storage
from tests.support.houses import House
from tests.support.making import BY, NOW, a_school, a_trainer, later


async def test_a_school_is_stored_once(storage: Storage, second_storage: Storage) -> None:
    school = a_school("École de médecine")
    assert await storage.accounts.find_school(school.id) is None
    assert await storage.accounts.add_school(school) == school
    assert await second_storage.accounts.add_school(replace(school, name="renamed")) == school
    assert await second_storage.accounts.find_school(school.id) == school


async def test_schools_are_listed_by_name(storage: Storage) -> None:
    names = ["b", "Éa", "a", "Z", "a b", "ab", "a"]
    for name in names:
        await storage.accounts.add_school(a_school(name))
    listed = await storage.accounts.list_schools()
    assert [school.name for school in listed] == sorted(names)


async def test_a_trainer_is_found_in_its_own_school_only(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    trainer = house.trainer
    assert await second_storage.accounts.find_trainer(house.school.id, trainer.id) == trainer
    assert await storage.accounts.find_trainer(other_house.school.id, trainer.id) is None
    assert await storage.accounts.find_trainer(house.school.id, uuid4()) is None
    assert await second_storage.accounts.find_credentials(trainer.email) == Credentials(trainer, "hash")
    assert await storage.accounts.find_credentials("nobody@example.org") is None


async def test_the_same_id_again_answers_the_trainer_as_it_is_now(storage: Storage, house: House) -> None:
    changed = await storage.accounts.change_trainer(
        house.school.id, house.trainer.id, TrainerChange(name="Ada L."), None, BY, later(1)
    )
    assert isinstance(changed, EditedTrainer)
    again = replace(house.trainer, email="other@example.org", role="admin")
    assert await storage.accounts.add_trainer(again, "other hash", BY) == AlreadyThere(changed.trainer)
    assert await storage.accounts.find_credentials(house.trainer.email) == Credentials(changed.trainer, "hash")


async def test_a_taken_address_or_another_schools_id_is_a_conflict(
    storage: Storage, house: House, other_house: House
) -> None:
    email = house.trainer.email
    for school in (house.school, other_house.school):
        assert isinstance(await storage.accounts.add_trainer(a_trainer(school, email=email), "x", BY), Conflict)
    foreign = replace(a_trainer(other_house.school), id=house.trainer.id)
    assert isinstance(await storage.accounts.add_trainer(foreign, "x", BY), Conflict)
    assert await storage.accounts.find_credentials(email) == Credentials(house.trainer, "hash")


async def test_one_address_by_many_at_once_goes_to_one(
    storage: Storage, second_storage: Storage, house: House, other_house: House
) -> None:
    trainers = [a_trainer(place.school, email="new@example.org") for place in (house, other_house) * 5]
    outcomes = await asyncio.gather(
        *(
            (storage, second_storage)[number % 2].accounts.add_trainer(trainer, "hash", BY)
            for number, trainer in enumerate(trainers)
        )
    )
    assert Counter(type(each) for each in outcomes) == {Added: 1, Conflict: 9}


async def test_a_change_names_what_it_changes(storage: Storage, second_storage: Storage, house: House) -> None:
    school_id, trainer = house.school.id, house.trainer
    renamed = await storage.accounts.change_trainer(school_id, trainer.id, TrainerChange(name="Zoë"), 1, BY, later(1))
    assert isinstance(renamed, EditedTrainer)
    assert renamed.trainer == replace(trainer, name="Zoë", updated_at=later(1), version=2)
    change = TrainerChange(email="zoe@example.org", role="admin", password_hash="new hash")
    changed = await storage.accounts.change_trainer(school_id, trainer.id, change, None, BY, later(2))
    assert isinstance(changed, EditedTrainer)
    wished = replace(renamed.trainer, email="zoe@example.org", role="admin", updated_at=later(2), version=3)
    assert changed.trainer == wished
    assert await second_storage.accounts.find_credentials("zoe@example.org") == Credentials(wished, "new hash")
    assert await second_storage.accounts.find_credentials(trainer.email) is None


async def test_changes_that_are_refused_change_nothing(storage: Storage, house: House, other_house: House) -> None:
    school_id, trainer = house.school.id, house.trainer

    async def change(school_id: object, trainer_id: object, version: int | None, **fields: str) -> object:
        return await storage.accounts.change_trainer(
            school_id, trainer_id, TrainerChange(**fields), version, BY, later(1)
        )

    assert await change(school_id, trainer.id, 7, name="x") == VersionMismatch(1)
    assert isinstance(await change(school_id, uuid4(), None, name="x"), NotFound)
    assert isinstance(await change(other_house.school.id, trainer.id, None, name="x"), NotFound)
    for taken in (house.colleague.email, other_house.trainer.email):
        assert isinstance(await change(school_id, trainer.id, None, name="x", email=taken), Conflict)
    assert await storage.accounts.find_trainer(school_id, trainer.id) == trainer
    own = await change(school_id, trainer.id, None, email=trainer.email)
    assert own == Unchanged(trainer)


async def test_a_deleted_account_is_gone_and_gives_its_address_back(
    storage: Storage, second_storage: Storage, house: House
) -> None:
    school_id, trainer = house.school.id, house.trainer
    assert await storage.accounts.delete_trainer(school_id, trainer.id, 7, BY, later(1)) == VersionMismatch(1)
    deleted = await storage.accounts.delete_trainer(school_id, trainer.id, 1, BY, later(1))
    assert isinstance(deleted, EditedTrainer)
    gone = deleted.trainer
    assert (gone.id, gone.deleted_at, gone.updated_at, gone.version) == (trainer.id, later(1), later(1), 2)
    assert gone.email != trainer.email, "a tombstone does not keep the address"
    assert await second_storage.accounts.find_trainer(school_id, trainer.id) is None
    assert await second_storage.accounts.find_credentials(trainer.email) is None
    assert await storage.accounts.find_credentials(gone.email) is None
    change = TrainerChange(name="back")
    assert isinstance(await storage.accounts.change_trainer(school_id, trainer.id, change, None, BY, NOW), NotFound)
    assert isinstance(await storage.accounts.delete_trainer(school_id, trainer.id, None, BY, later(2)), NotFound)
    again = replace(a_trainer(house.school), id=trainer.id)
    assert await second_storage.accounts.add_trainer(again, "hash", BY) == ID_TAKEN
    page = await storage.accounts.list_trainers(school_id, 10, None)
    assert trainer.id not in {each.id for each in page.items}
    successor = a_trainer(house.school, email=trainer.email)
    assert await storage.accounts.add_trainer(successor, "hash", BY) == Added(successor)
    found = await storage.accounts.find_credentials(trainer.email)
    assert found == Credentials(successor, "hash")


async def test_nobody_deletes_in_another_school(storage: Storage, house: House, other_house: House) -> None:
    outcome = await storage.accounts.delete_trainer(other_house.school.id, house.trainer.id, None, BY, NOW)
    assert isinstance(outcome, NotFound)
    assert isinstance(await storage.accounts.delete_trainer(house.school.id, uuid4(), None, BY, NOW), NotFound)
    assert await storage.accounts.find_trainer(house.school.id, house.trainer.id) == house.trainer


async def test_the_last_admin_stays(storage: Storage, house: House, other_house: House) -> None:
    school_id, admin = house.school.id, house.admin
    for role in ("trainer", "observer"):
        demoted = await storage.accounts.change_trainer(school_id, admin.id, TrainerChange(role=role), None, BY, NOW)
        assert isinstance(demoted, Conflict)
    assert isinstance(await storage.accounts.delete_trainer(school_id, admin.id, None, BY, NOW), Conflict)
    assert await storage.accounts.find_trainer(school_id, admin.id) == admin
    renamed = await storage.accounts.change_trainer(
        school_id, admin.id, TrainerChange(name="Ada L.", role="admin"), None, BY, later(1)
    )
    assert isinstance(renamed, EditedTrainer)
    # With a second one the first may go, and the second is the last then.
    promoted = TrainerChange(role="admin")
    await storage.accounts.change_trainer(school_id, house.trainer.id, promoted, None, BY, later(1))
    assert isinstance(await storage.accounts.delete_trainer(school_id, admin.id, None, BY, later(2)), EditedTrainer)
    assert isinstance(await storage.accounts.delete_trainer(school_id, house.trainer.id, None, BY, later(3)), Conflict)


@pytest.mark.parametrize("deleting", [True, False])
async def test_two_admins_who_go_at_once_leave_one(
    storage: Storage, second_storage: Storage, house: House, deleting: bool
) -> None:
    second = a_trainer(house.school, "admin")
    await storage.accounts.add_trainer(second, "hash", BY)

    async def leave(place: Storage, admin: Trainer) -> object:
        if deleting:
            return await place.accounts.delete_trainer(house.school.id, admin.id, None, BY, NOW)
        return await place.accounts.change_trainer(
            house.school.id, admin.id, TrainerChange(role="observer"), None, BY, NOW
        )

    outcomes = await asyncio.gather(leave(storage, house.admin), leave(second_storage, second))
    assert Counter(type(each) for each in outcomes) == {EditedTrainer: 1, Conflict: 1}
