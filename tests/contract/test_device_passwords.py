"""Passwords that come from a device: hashed once, however often the same event comes; on every storage."""

from __future__ import annotations

from uuid import uuid4

import pytest

from server.domain.devices import Acknowledged, Conflicted
from server.domain.judging import Rejected
from server.domain.outcomes import NotFound, Unauthenticated
from server.ports.storage import Storage
from server.service.logins import Visitor
from server.service.passwords import PasswordHasher
from server.service.services import Services
from server.service.sync.conflicts import Choice, Resolved
from server.service.sync.events import DeviceEdit
from server.transport.devices.answers import show_to
from server.transport.devices.field_reading import edit_of
from tests.support.devices import Json, an_event, send
from tests.support.houses import House
from tests.support.making import NOW, later
from tests.support.services import services_on

PASSWORD = "correct horse battery"


def _person(name: str) -> Json:
    return {"email": f"{name}@example.org", "name": name, "role": "trainer", "password": PASSWORD}


async def _opens(services: Services, password: str) -> bool:
    return not isinstance(
        await services.accounts.login("ann@example.org", password, Visitor("here"), NOW), Unauthenticated
    )


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was hashed."""
    passwords: list[str] = []
    hash_password = PasswordHasher.hash

    async def counted(self: PasswordHasher, password: str, whose: str) -> str:
        passwords.append(password)
        return await hash_password(self, password, whose)

    monkeypatch.setattr(PasswordHasher, "hash", counted)
    return passwords


async def test_a_repeat_pays_for_no_hash_and_a_new_one_for_its_own(
    storage: Storage, house: House, hashed: list[str]
) -> None:
    batch = [an_event("TRAINER", payload=_person(name)) for name in ("ann", "ben")]
    with services_on(storage) as services:
        first = await send(services.sync, house.admin, *batch, *batch)
        assert hashed == [PASSWORD] * 2
        assert (await send(services.sync, house.admin, *batch)).outcomes == first.outcomes[:2]
        assert hashed == [PASSWORD] * 2
        await send(services.sync, house.admin, *batch, an_event("TRAINER", payload=_person("cid")))
        assert hashed == [PASSWORD] * 3


async def test_whoever_may_not_enrol_makes_nobody_hash(storage: Storage, house: House, hashed: list[str]) -> None:
    with services_on(storage) as services:
        sent = await send(services.sync, house.trainer, an_event("TRAINER", payload=_person("ann")))
    assert sent.outcomes == [Rejected("forbidden")]
    assert not hashed


async def test_a_repeat_whose_answer_is_forgotten_while_it_comes_is_hashed_after_all(
    storage: Storage, house: House, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = an_event("TRAINER", payload=_person("ann"))
    with services_on(storage) as services:
        [made] = (await send(services.sync, house.admin, event)).outcomes
        assert isinstance(made, Acknowledged)
        find_answered = storage.sync.find_answered

        async def then_forgotten(*asked: object) -> object:
            answered = await find_answered(*asked)  # type: ignore[arg-type]
            await storage.sync.forget_before(later(1), 100)
            return answered

        monkeypatch.setattr(storage.sync, "find_answered", then_forgotten)
        change = {**event, "operation": "UPDATE", "localVersion": made.version, "payload": {"password": "another one"}}
        await send(services.sync, house.admin, change)
        assert hashed == [PASSWORD, "another one"]
        assert await _opens(services, "another one")


async def test_a_password_that_is_chosen_in_a_conflict_is_taken(storage: Storage, house: House) -> None:
    """The event that was in conflict is kept without it: whoever chooses says it again."""
    event = an_event("TRAINER", "UPDATE", payload=_person("ann"))
    with services_on(storage) as services:
        [missing] = (await send(services.sync, house.admin, event)).outcomes
        assert isinstance(missing, Conflicted)
        conflict = await services.conflicts.find(house.admin, missing.conflict_id)
        assert not isinstance(conflict, NotFound)
        edit = edit_of("TRAINER", conflict.entity_id, uuid4(), "tablet", 0, _person("ann"))
        assert isinstance(edit, DeviceEdit)
        choice = Choice("local", 0, edit)
        resolved = await services.conflicts.resolve(house.admin, conflict, choice, show_to(house.admin), NOW)
        assert isinstance(resolved, Resolved), resolved
        assert await _opens(services, PASSWORD)
