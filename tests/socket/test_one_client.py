"""Of IPv6 a customer has a whole network: every limit by address takes it for one, as the front does."""

from __future__ import annotations

from typing import Any, cast

import pytest
from starlette.requests import Request

from server.engine.request import EngineRequest
from server.front.proxies import client_of
from server.transport.http.endpoint import Call
from server.transport.metrics import Metrics
from server.transport.origins import Origins
from server.transport.socket.namespace import address_of
from server.transport.socket.socket_server import SocketServer
from tests.support.making import NOW


def _addresses(host: str) -> set[str]:
    """As what the limits behind HTTP calls, behind namespaces and in the engine know somebody."""
    scope: dict[str, Any] = {
        "type": "http",
        "scheme": "http",
        "method": "GET",
        "path": "/socket.io/",
        "query_string": b"",
        "headers": [],
        "client": (host, 1234),
    }
    environ = SocketServer(Origins((), None), Metrics(), 0).engine.settings.environ_of(scope)
    call = Call(Request(scope), cast(Any, None), NOW)
    return {call.address, address_of(environ), EngineRequest(scope, environ).address}


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8:1:2::7", "::1", "::ffff:192.0.2.1"])
def test_limits_know_a_client_by_what_the_front_counts_as_one(host: str) -> None:
    assert _addresses(host) == {client_of(host)}


def test_whoever_has_a_network_of_ipv6_is_one_client() -> None:
    assert _addresses("2001:db8:1:2::1") == _addresses("2001:db8:1:2:ffff::9") != _addresses("2001:db8:1:3::1")
