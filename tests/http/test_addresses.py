"""What join links begin with, from what the server was told and where it listens."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import httpx
import pytest

from server.addresses import addresses_of, network_hosts
from server.config import Config, is_loopback, read_config
from tests.support.scenario import serving

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the setting under test


def config(**values: str) -> Config:
    return read_config({"USE_IN_MEMORY": "true", **values})


def test_what_it_was_told_comes_first() -> None:
    addresses = addresses_of(config(HOST=EVERYWHERE, PUBLIC_URL="https://sim.example.org/"), 8000)
    assert addresses.public_url == addresses.best == "https://sim.example.org"


def test_on_loopback_nobody_else_can_reach_it() -> None:
    addresses = addresses_of(config(), 8123)
    assert addresses.network_urls == ()
    assert addresses.best == "http://127.0.0.1:8123"


def test_one_address_is_that_one() -> None:
    assert addresses_of(config(HOST="192.168.1.20"), 8000).network_urls == ("http://192.168.1.20:8000",)
    assert addresses_of(config(HOST="fd00::5"), 8000).best == "http://[fd00::5]:8000"


def test_everywhere_is_each_address_that_others_may_try() -> None:
    hosts = network_hosts()
    assert all(not ipaddress.ip_address(host).is_loopback for host in hosts)
    addresses = addresses_of(config(HOST=EVERYWHERE), 8000)
    assert addresses.network_urls == tuple(f"http://{host}:8000" for host in hosts)
    assert addresses.own_url == "http://127.0.0.1:8000"
    assert addresses.best == (addresses.network_urls or (addresses.own_url,))[0]


@pytest.mark.parametrize(("host", "expected"), [("localhost", True), ("127.0.0.9", True), ("::1", True), ("x", False)])
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_running_server_says_it_without_a_login(tmp_path: Path) -> None:
    with serving(tmp_path, USE_IN_MEMORY="true", PUBLIC_URL="") as server:
        answer = httpx.get(f"{server.url}/api/v1/addresses", trust_env=False)
    assert answer.json() == {"public_url": None, "network_urls": []}
