"""What uvicorn is given as `http`."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from server.front.connection import HttpConnection
from server.front.door import FrontDoor, Note
from server.front.limits import Limits
from server.front.names import Names
from server.front.proxies import LOOPBACK, Networks
from server.front.tls import TlsHandshake


class Front:
    """Of one server. Called for each connection, as uvicorn calls a protocol's class."""

    def __init__(
        self,
        names: Names,
        proxies: str | None,
        limits: Limits,
        note: Note,
        *,
        counts_own: bool,
        others_give_way: Callable[[], bool] = lambda: False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`proxies` are FORWARDED_ALLOW_IPS; where nobody has named any, this machine may hold one.

        `counts_own`: the bound of an address holds for this machine too, but for what a proxy on it passes on.
        `others_give_way`: as the `FrontDoor` says. `tls`: uvicorn is told of none, for it is begun here.
        """
        named = Networks(proxies or "")
        spared = named if proxies is not None or counts_own else Networks(LOOPBACK)
        self._names = names
        self._named_proxies = named
        self._proxies = Networks(LOOPBACK) if proxies is None else named
        self._door = FrontDoor(limits, spared, note, others_give_way)
        self._tls = tls

    def close(self) -> None:
        """The server is about to tell its connections to end."""
        self._door.is_closed = True

    def __call__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> asyncio.Protocol:
        def make(below: asyncio.Transport | None = None) -> HttpConnection:
            return HttpConnection(
                self._door,
                self._names,
                self._proxies,
                self._named_proxies,
                config,
                server_state,
                app_state,
                _loop,
                below,
            )

        return make() if self._tls is None else TlsHandshake(self._door, self._tls, make)
