"""For the jobs of a process that is alone: nothing is found to have been done elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from server.domain.session import Session
from server.ports.results import Seen


class NothingElsewhere:
    def seen(self) -> Mapping[UUID, Seen]:
        return {}

    async def session_moved(self, session: Session) -> None:
        raise AssertionError(session)

    async def cut_seats(self, seat_ids: Collection[UUID]) -> None:
        raise AssertionError(seat_ids)

    async def cut_logins(self, token_hashes: Collection[bytes]) -> None:
        raise AssertionError(token_hashes)
