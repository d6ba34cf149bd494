"""The door for programs in other languages, where one is wanted. Nothing here needs gRPC to be installed."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Protocol

from server.service.services import Services
from server.transport.metrics import Metrics

_MODULES = ("grpc", "grpc_health", "grpc_reflection")
_STUBS = "server.transport.rpc.shiller_pb2_grpc"


class RpcNotOpened(Exception):
    """It cannot be opened; the message says why, and what to do."""


class RpcServer(Protocol):
    """Bound already, and not yet answering."""

    port: int
    is_open: bool

    async def start(self, services: Services, metrics: Metrics) -> None: ...

    async def stop(self, patience_seconds: float) -> bool:
        """Take no more calls, and finish those under way. False if some were not finished in time."""
        ...


def missing_part() -> str | None:
    """What has to be installed or built first, in a sentence with the way to it."""
    if any(importlib.util.find_spec(name) is None for name in _MODULES):
        return "gRPC is not installed (pip install 'shiller[grpc]'), or leave GRPC_PORT empty"
    if importlib.util.find_spec(_STUBS) is None:
        return "the classes of its messages are not built in this checkout (make stubs), or leave GRPC_PORT empty"
    return None


def open_rpc(host: str, port: int, certificate: Path | None, key: Path | None) -> RpcServer:
    """Bound, so that a taken port is known at once. `port` 0 is any free one. Raises RpcNotOpened."""
    if (missing := missing_part()) is not None:
        raise RpcNotOpened(missing)
    # Its core writes lines of its own to standard error, past our logs; it reads this when it is loaded.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        from server.transport.rpc.server import bind
    except (ImportError, RuntimeError) as error:
        # The classes refuse a library that is older than what made them.
        raise RpcNotOpened(f"gRPC does not fit ({error}); pip install --upgrade 'shiller[grpc]'") from None
    try:
        return bind(host, port, certificate, key)
    except OSError as error:
        raise RpcNotOpened(str(error)) from None
