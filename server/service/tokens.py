"""Opaque tokens: 256 bits for whoever holds one, their SHA-256 for us."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from uuid import UUID


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def sent_token(token: str, session_id: UUID) -> str:
    """Of the seat in that session of whoever was sent there and holds this one: as secret, and the same each time."""
    return (
        urlsafe_b64encode(hmac.digest(token.encode("utf-8", "replace"), session_id.bytes, "sha256"))
        .decode()
        .rstrip("=")
    )
