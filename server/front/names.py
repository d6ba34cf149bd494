"""What the server may be called.

A page of somebody else's may have its own name answered with the address of this server (DNS rebinding); to a browser
both are one site then, and the page asks here whatever it likes, from inside the network. What it cannot do is send
another `Host` than its own name. So a name that anybody may register is answered only if the server was told that it
is its own; addresses, and names that no stranger can register, always are, for a hall has nobody who sets up names.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache

# Answered by the network one is in, or by the machine itself: nobody can register a name below them.
LOCAL_SUFFIXES = (
    ".local",
    ".localhost",
    ".localdomain",
    ".lan",
    ".home",
    ".home.arpa",
    ".internal",
    ".intranet",
    ".private",
    ".corp",
    ".test",
    ".fritz.box",
)

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+(?:%25[A-Za-z0-9._~-]+)?\]|[^\s\[\]@/?#\\:]+)(?P<port>:[0-9]*)?")


class Names:
    """`own` are those that it was told; without a port, in any spelling."""

    def __init__(self, own: Iterable[str]) -> None:
        self._own = frozenset(_plain(name) for name in own if name)
        # Clients send the same few again and again.
        self.knows = lru_cache(maxsize=256)(self._knows)

    def _knows(self, host: str) -> bool | None:
        """None: that is no host."""
        read = _HOST.fullmatch(host)
        if read is None:
            return None
        name = _plain(read["name"])
        return name in self._own or "." not in name or name.endswith(LOCAL_SUFFIXES) or _is_address(name)


@lru_cache(maxsize=256)
def is_registered_name(host: str) -> bool:
    """It may be somebody's for good: no address, and no name that means another machine in another network."""
    read = _HOST.fullmatch(host)
    if read is None:
        return False
    name = _plain(read["name"])
    return "." in name and not name.endswith(LOCAL_SUFFIXES) and not _is_address(name)


def _plain(name: str) -> str:
    """As a browser writes it: small letters, ASCII, without the root's dot."""
    name = name.rstrip(".").lower()
    with suppress(UnicodeError):
        name = name.encode("idna").decode("ascii")
    return name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]").replace("%25", "%"))
    except ValueError:
        return False
    return True
