"""Which addresses belong to proxies, and which are one client."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

LOOPBACK = "127.0.0.0/8,::1"
# A home or a phone is given so much of IPv6, and takes whichever address in it.
_ONE_CLIENT_BITS = 64


class Networks:
    """Addresses and networks, separated by commas; `*` is everybody."""

    def __init__(self, written: str) -> None:
        parts = [part.strip() for part in written.split(",") if part.strip()]
        self._is_everybody = "*" in parts
        self._networks = [ipaddress.ip_network(part, strict=False) for part in parts if part != "*"]
        self.has = lru_cache(maxsize=4096)(self._has)

    def _has(self, host: str) -> bool:
        if self._is_everybody:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


@lru_cache(maxsize=4096)
def client_of(host: str) -> str:
    """What is counted as one: an IPv4 address, or the network that one customer is given of IPv6."""
    if ":" not in host:
        return host
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if address.is_loopback:
        return host
    return str(ipaddress.ip_network((int(address), _ONE_CLIENT_BITS), strict=False))
