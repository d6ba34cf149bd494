"""Which names the server answers to, and which addresses are one client."""

from __future__ import annotations

import pytest

from server.front.names import Names, is_registered_name
from server.front.proxies import Networks, client_of

NAMES = Names(["training.example.org", "hôpital.example", "hall7.clinic.example", ""])


@pytest.mark.parametrize(
    "host",
    [
        "training.example.org", "Training.Example.ORG:8443", "training.example.org.", "xn--hpital-ixa.example",
        "hall7.clinic.example:8000",
        "192.168.1.20:8000", "127.0.0.1", "[::1]:8000", "[fe80::1%25eth0]:8000", "8.8.8.8",
        "localhost:8000", "app:8000", "tests.localhost", "simulation-hall.local", "simulation-hall.lan:8000",
        "hall.home.arpa", "hall.internal",
    ],
)  # fmt: skip
def test_names_of_its_own_and_those_that_nobody_can_register(host: str) -> None:
    assert NAMES.knows(host) is True


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8000", "training.example.org.evil.example", "xtraining.example.org",
        "127.0.0.1.evil.example", "localhost.evil.example", "example.org", "1.2.3.4.5", "local.evil",
    ],
)  # fmt: skip
def test_names_that_somebody_may_have_registered(host: str) -> None:
    assert NAMES.knows(host) is False


@pytest.mark.parametrize(
    "host", ["", " ", "a b", "user@host", "a/b", "a:b", "a:1:2", "[::1", "[x]", "::1", "a?b", "a#"]
)
def test_what_is_no_host(host: str) -> None:
    assert NAMES.knows(host) is None


def test_https_is_asked_for_by_names_that_stay_ones_own() -> None:
    assert is_registered_name("training.example.org:8443")
    for host in ("192.168.1.20", "[::1]:8000", "localhost", "hall", "hall.local:8443", "", "a b"):
        assert not is_registered_name(host)


def test_networks() -> None:
    some = Networks("172.18.0.0/16, 10.0.0.1,fd00::/8")
    assert [some.has(host) for host in ("172.18.3.4", "10.0.0.1", "fd00::5")] == [True] * 3
    assert [some.has(host) for host in ("172.19.0.1", "10.0.0.2", "::1", "/run/socket")] == [False] * 4
    assert Networks("*").has("203.0.113.9")
    assert not Networks("").has("127.0.0.1")


def test_one_client_has_many_addresses_of_ipv6() -> None:
    assert client_of("2001:db8:1:2::1") == client_of("2001:db8:1:2:ffff::9") != client_of("2001:db8:1:3::1")
    assert client_of("::ffff:192.0.2.7") == client_of("192.0.2.7") == "192.0.2.7"
    assert client_of("fe80::1%eth0") == client_of("fe80::2%eth0")
