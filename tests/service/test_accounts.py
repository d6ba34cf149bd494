"""Accounts: what a change of one ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from server.domain.audit import COMMAND_LINE
from server.domain.outcomes import Unauthenticated
from server.domain.people import Credentials
from server.service.accounts import TrainerEdit
from server.service.tokens import token_hash
from server.storage.memory import MemoryStorage
from tests.support.houses import furnish
from tests.support.services import services_on


async def test_the_repeat_of_a_change_of_role_ends_the_logins_that_the_first_left() -> None:
    storage = MemoryStorage()
    house = await furnish(storage)
    now = datetime.now(UTC)
    demotion = TrainerEdit(role="observer")
    with services_on(storage) as services:
        await services.accounts.amend(house.school.id, house.trainer.id, demotion, None, COMMAND_LINE, now)
        # As if the storage had gone between the change and the end of the logins.
        credentials = Credentials(house.trainer, "hash")
        assert await storage.accounts.add_token(credentials, token_hash("token"), now, now + timedelta(hours=1))
        await services.accounts.amend(house.school.id, house.trainer.id, demotion, None, COMMAND_LINE, now)
        assert isinstance(await services.accounts.identify("token", now), Unauthenticated)
