"""Which web pages may act with a trainer's cookie or open a socket from a browser."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from urllib.parse import urlsplit

# The cookie that a login sets for the dashboard.
COOKIE = "shiller_token"
# Those that spare a device the limits on guessing that others have used up. They open nothing, so no page is asked for.
JOINED_COOKIE = "shiller_joined"
DESK_COOKIE = "shiller_desk"


class Origins:
    def __init__(self, allowed: Sequence[str], public_url: str | None) -> None:
        """`allowed` besides the server's own; `*` lets every page use tokens, never cookies."""
        self.listed = frozenset(_origin_of(origin) for origin in allowed if origin != "*")
        self.any = "*" in allowed
        self._own = None if public_url is None else _origin_of(public_url)

    def may_connect(self, origin: str, scheme: str, host: str) -> bool:
        return self.any or self.may_use_cookie(origin, scheme, host)

    def may_use_cookie(self, origin: str | None, scheme: str, host: str) -> bool:
        if origin is None:
            return False
        origin = origin.lower()
        return origin in self.listed or origin in (self._own, f"{scheme}://{host}".lower())


def _origin_of(url: str) -> str:
    """As a browser writes it, however it was written here: in ASCII, and without the usual port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    with contextlib.suppress(UnicodeError):
        host = host.encode("idna").decode("ascii")
    if ":" in host:
        host = f"[{host}]"
    is_usual = parts.port in (None, {"http": 80, "https": 443}.get(parts.scheme))
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{parts.port}"
