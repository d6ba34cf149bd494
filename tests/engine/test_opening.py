"""Requests for a WebSocket, judged; and the answer to them."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
import uvicorn

from server.engine.opening import Handshake

_ASKED = {
    "host": "a.example",
    "upgrade": "websocket",
    "connection": "keep-alive, Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
}


class _Nowhere(asyncio.Transport):
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


def _handshake(head: str = "GET /a%20b?c=d HTTP/1.1", **changed: str | None) -> Handshake:
    """As uvicorn hands it over. `changed`: fields with other values, or left out."""
    fields = {**_ASKED, **{name.replace("_", "-"): value for name, value in changed.items()}}
    lines = [head, *(f"{name}: {value}" for name, value in fields.items() if value is not None), "", ""]
    config = cast(Any, uvicorn.Config(lambda: None, log_config=None, interface="asgi3"))
    return Handshake("\r\n".join(lines).encode("latin-1"), config, _Nowhere())


def test_what_is_asked_by_the_book_is_accepted() -> None:
    handshake = _handshake(x_name="é", sec_websocket_protocol="a, b")
    assert handshake.scope is not None
    assert (handshake.scope["path"], handshake.scope["query_string"]) == ("/a b", b"c=d")
    assert (b"x-name", "é".encode("latin-1")) in handshake.scope["headers"]
    assert handshake.scope["subprotocols"] == ["a", "b"]
    # The key and its answer are those of RFC 6455, 1.3.
    assert handshake.accepted([(b"server", b"x")]) == (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nserver: x\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("handshake", "status"),
    [
        (lambda: _handshake("POST / HTTP/1.1"), 405),
        (lambda: _handshake(connection="close"), 426),
        (lambda: _handshake(upgrade="h2c"), 426),
        (lambda: _handshake(sec_websocket_key=None), 400),
        (lambda: _handshake(sec_websocket_key="too short"), 400),
        (lambda: _handshake(sec_websocket_version="8"), 400),
        (lambda: _handshake(sec_websocket_protocol="a b"), 400),
        (lambda: _handshake(content_length="1"), 400),
        (lambda: _handshake(transfer_encoding="chunked"), 400),
        (lambda: _handshake(x_name="\x01"), 400),
        (lambda: _handshake("GET /é HTTP/1.1"), 400),
    ],
)
def test_what_is_not_is_refused_and_told_why(handshake: Any, status: int) -> None:
    refused = handshake()
    assert refused.scope is None
    assert refused.answer.startswith(b"HTTP/1.1 %d " % status)
