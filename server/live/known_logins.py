"""Logins that were checked lately: while the storage is away, whoever was let in a moment ago is let in again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from server.domain.people import Access
from server.live.settings import LiveSettings


class KnownLogins:
    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._checked: OrderedDict[bytes, tuple[Access, datetime]] = OrderedDict()
        self.forgettings = 0
        """A check that began before the latest of these proves nothing any more."""

    def remember(self, access: Access, now: datetime) -> None:
        self._checked[access.token_hash] = (access, now)
        self._checked.move_to_end(access.token_hash)
        if len(self._checked) > self._settings.logins_known:
            self._checked.popitem(last=False)

    def recall(self, token_hash: bytes, now: datetime) -> Access | None:
        access, checked_at = self._checked.get(token_hash, (None, now))
        known_seconds = (now - checked_at).total_seconds()
        if access is None or access.expires_at <= now or known_seconds > self._settings.login_known_seconds:
            return None
        return access

    def confirm(self, token_hashes: Collection[bytes], now: datetime) -> None:
        """These were found to be good still."""
        for token_hash in token_hashes:
            if checked := self._checked.get(token_hash):
                self.remember(checked[0], now)

    def drop(self, token_hashes: Iterable[bytes]) -> None:
        """These were found to be good no more."""
        for token_hash in token_hashes:
            self._checked.pop(token_hash, None)

    def forget(self, token_hashes: Iterable[bytes]) -> None:
        """These end now."""
        self.forgettings += 1
        self.drop(token_hashes)

    def forget_trainer(self, trainer_id: UUID) -> None:
        self.forget(
            [token_hash for token_hash, (access, _) in self._checked.items() if access.trainer.id == trainer_id]
        )
