"""Devices that have been in: what shows it is signed, so that nobody else behind the same address can make it.

It says under whose name the device was let in, in a form that only this server can read, a number by which the limits
on guessing tell devices apart, and when it runs out: nothing of a person. It opens nothing; it spares a device that
has been in the limits that somebody else has used up.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

TOKEN_DAYS = 30
TOKENS_OF_A_DEVICE = 5
"""Several trainers share a desk; the one who came last stands first."""
KEY_BYTES = 32

_LONGEST = 200
_BETWEEN_TOKENS = "~"

Purpose = Literal["join", "login"]


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """`subject`: the session that was joined, or the account that was logged in to."""

    id: str
    subject: str


class Devices:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def joined(self, session: str, now: datetime, before: KnownDevice | None = None) -> str:
        """What a device keeps that has joined by a right code; the same device keeps its number."""
        return self._sign("join", session, before.id if before else _new_id(), now)

    def logged_in(self, email: str, kept: str | None, now: datetime) -> str:
        """What a device keeps that has logged in, besides what it `kept` of other accounts."""
        account = self._account(email)
        fresh = self._sign("login", account, _new_id(), now)
        others = [
            token
            for token in _split(kept)
            if (known := self._read("login", token, now)) is not None and known.subject != account
        ]
        return _BETWEEN_TOKENS.join([fresh, *others][:TOKENS_OF_A_DEVICE])

    def find_joined(self, kept: str | None, now: datetime) -> KnownDevice | None:
        return next((known for token in _split(kept)[:1] if (known := self._read("join", token, now))), None)

    def find_logged_in(self, email: str, kept: str | None, now: datetime) -> KnownDevice | None:
        """None if nobody has logged in to this account here."""
        account = self._account(email)
        read = (self._read("login", token, now) for token in _split(kept))
        return next((known for known in read if known is not None and known.subject == account), None)

    def _account(self, email: str) -> str:
        return self._mac("account", email)

    def _sign(self, purpose: Purpose, subject: str, device_id: str, now: datetime) -> str:
        until = int((now + timedelta(days=TOKEN_DAYS)).timestamp())
        said = f"{subject}.{device_id}.{until}"
        return f"{said}.{self._mac(purpose, said)}"

    def _read(self, purpose: Purpose, token: str, now: datetime) -> KnownDevice | None:
        said, _, mac = token.rpartition(".")
        if not hmac.compare_digest(mac.encode("utf-8", "replace"), self._mac(purpose, said).encode()):
            return None
        subject, device_id, until = said.split(".")
        # One that was made in the future is of a clock that has been put right since.
        left = int(until) - now.timestamp()
        return KnownDevice(device_id, subject) if 0 < left <= (TOKEN_DAYS + 1) * 86_400 else None

    def _mac(self, purpose: str, said: str) -> str:
        signed = hmac.digest(self._key, f"{purpose} {said}".encode("utf-8", "replace"), hashlib.sha256)
        return urlsafe_b64encode(signed[:18]).decode("ascii")


def _new_id() -> str:
    return secrets.token_urlsafe(9)


def _split(kept: str | None) -> list[str]:
    """A client may send whatever it likes."""
    tokens = (kept or "").split(_BETWEEN_TOKENS, TOKENS_OF_A_DEVICE)
    return [token for token in tokens[:TOKENS_OF_A_DEVICE] if len(token) <= _LONGEST]
