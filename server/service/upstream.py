"""A hall server, as its people see it: how it stands with the central one, and whether logins count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.halls import NOTHING_WAITS, Waiting
from server.domain.outcomes import Forbidden
from server.domain.people import School
from server.domain.permissions import judge_hall_login
from server.domain.upstream import Link
from server.ports.people import AccountStore
from server.ports.upstream import RefusedRow, UpstreamStore


@dataclass(frozen=True, slots=True)
class HallStatus:
    """`link` is None before the first start, `school` before the central was ever reached."""

    url: str
    link: Link | None
    school: School | None
    waiting: Waiting
    refused: Sequence[RefusedRow]
    conflicts: int

    @property
    def is_well(self) -> bool:
        """Everything is sent, and nothing is wrong."""
        link = self.link
        return (
            link is not None
            and link.problem is None
            and link.completed_at is not None
            and not self.waiting.changes
            and not self.refused
        )


class HallLink:
    def __init__(
        self, url: str, store: UpstreamStore, accounts: AccountStore, login_life: timedelta, wake: Callable[[], None]
    ) -> None:
        self._url = url
        self._store = store
        self._accounts = accounts
        self._login_life = login_life
        self.wake = wake
        """Makes this hall talk to its central server now."""

    async def status(self, now: datetime) -> HallStatus:
        link = await self._store.link()
        if link is None or link.school_id is None:
            return HallStatus(self._url, link, None, NOTHING_WAITS, (), 0)
        return HallStatus(
            self._url,
            link,
            await self._accounts.find_school(link.school_id),
            await self._store.waiting(link.school_id, now),
            await self._store.refusals(link.school_id),
            await self._store.open_conflicts(link.school_id),
        )

    async def judge_login(self, now: datetime) -> Forbidden | None:
        link = await self._store.link()
        return judge_hall_login(None if link is None else link.contacted_at, self._login_life, now)
