"""Hashes of the passwords that devices send with new accounts."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Iterable
from secrets import token_bytes
from uuid import UUID

from server.service.passwords import PasswordHasher

HASHES_KEPT = 2000

_KEY_BYTES = 32
_Key = tuple[UUID, UUID, bytes]


class NewHashes:
    """What was hashed and is not stored yet is kept: whoever broke off, for a hundred accounts take a while, and sends
    the same again goes on where it was.
    """

    def __init__(self, passwords: PasswordHasher) -> None:
        self._passwords = passwords
        self._key = token_bytes(_KEY_BYTES)
        self._kept: OrderedDict[_Key, str] = OrderedDict()

    async def of(self, school_id: UUID, event_id: UUID, password: str) -> str:
        key = self._key_of(school_id, event_id, password)
        hashed = self._kept.get(key)
        if hashed is None:
            hashed = self._kept[key] = await self._passwords.hash(password, str(school_id))
            if len(self._kept) > HASHES_KEPT:
                self._kept.popitem(last=False)
        return hashed

    def forget(self, school_id: UUID, passwords: Iterable[tuple[UUID, str]]) -> None:
        """Those of these events: they have their answer."""
        for event_id, password in passwords:
            self._kept.pop(self._key_of(school_id, event_id, password), None)

    def _key_of(self, school_id: UUID, event_id: UUID, password: str) -> _Key:
        """By the password as well, and not as it is: it may be another one under the same id."""
        return school_id, event_id, hmac.digest(self._key, password.encode("utf-8", "replace"), "sha256")
