"""Where people reach the server: what it was told, else what follows from where it listens."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ifaddr

from server.config import Config, is_loopback

# The pages of the screens by name: the server answers at these addresses, the screens' router and their service worker
# have them from the catalogue.
PAGES: Mapping[str, str] = {
    "home": "/",
    "join": "/j/{code}",
    "assignment": "/h/{token}",
    "shared": "/shared/{token}",
    "monitor": "/monitor",
    "sessions": "/dashboard",
    "wall": "/dashboard/wall",
    "templates": "/dashboard/templates",
    "recorded": "/dashboard/templates/recorded",
    "new_template": "/dashboard/templates/new",
    "template": "/dashboard/templates/{template_id}",
    "comparison": "/dashboard/templates/{template_id}/comparison",
    "homework": "/dashboard/homework",
    "conflicts": "/dashboard/conflicts",
    "devices": "/dashboard/devices",
    "halls": "/dashboard/halls",
    "outbox": "/dashboard/outbox",
    "school": "/dashboard/school",
    "me": "/dashboard/me",
    "audit": "/dashboard/audit",
    "invitation": "/invitation/{token}",
    "first": "/first/{token}",
    "room": "/dashboard/sessions/{session_id}",
    "debrief": "/dashboard/sessions/{session_id}/debrief",
}

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
# Of containers and virtual machines: nobody in the room is on them.
_VIRTUAL = ("docker", "br-", "veth", "virbr", "vmnet", "vbox")
# Of documentation (RFC 5737): a datagram socket that is "connected" to it sends nothing, and is given the
# address of the interface by which everything leaves.
_ANYWHERE = ("192.0.2.1", 9)


@dataclass(frozen=True, slots=True)
class Addresses:
    """`public_url` is PUBLIC_URL; `network_urls` are what other machines may try, the likeliest first."""

    public_url: str | None
    network_urls: tuple[str, ...]
    own_url: str

    @property
    def best(self) -> str:
        return self.public_url or next(iter(self.network_urls), self.own_url)


def join_link(base: str, code: str) -> str:
    return base + PAGES["join"].format(code=code)


def homework_link(base: str, token: str) -> str:
    return base + PAGES["assignment"].format(token=token)


def shared_link(base: str, token: str) -> str:
    return base + PAGES["shared"].format(token=token)


def addresses_of(config: Config, port: int) -> Addresses:
    """`port`: the one that was opened; PORT may have been 0."""
    scheme = "http" if config.tls_cert_path is None else "https"

    def url(host: str) -> str:
        return f"{scheme}://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{port}"

    if config.host in _EVERYWHERE:
        hosts: Sequence[str] = network_hosts()
    else:
        hosts = () if is_loopback(config.host) else (config.host,)
    own = url(_LOOPBACK.get(config.host, config.host))
    return Addresses(config.public_url, tuple(url(host) for host in hosts), own)


def network_hosts() -> list[str]:
    """The IPv4 addresses of this machine that others may reach, the likeliest first; empty if it has no network."""
    outward = _outward_host()
    found: dict[str, tuple[bool, bool, bool]] = {}
    for adapter in ifaddr.get_adapters():
        for one in adapter.ips:
            if not isinstance(one.ip, str):
                continue
            address = ipaddress.ip_address(one.ip)
            if address.is_loopback or address.is_link_local:
                continue
            is_virtual = adapter.nice_name.lower().startswith(_VIRTUAL)
            found[one.ip] = (one.ip != outward, is_virtual, not address.is_private)
    return sorted(found, key=found.__getitem__)


def _outward_host() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(_ANYWHERE)
        host: str = probe.getsockname()[0]
        return host
    return None
