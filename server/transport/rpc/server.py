"""The gRPC server, in the event loop of everything else."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from server.service.services import Services
from server.transport.devices.sync import UP_LIMIT_BYTES
from server.transport.metrics import Metrics
from server.transport.rpc import shiller_pb2 as pb
from server.transport.rpc.door import RpcDoor
from server.transport.rpc.shiller_pb2_grpc import (
    add_TemplatesServiceServicer_to_server,
    add_UsersServiceServicer_to_server,
)
from server.transport.rpc.templates import TemplateCalls
from server.transport.rpc.unreadable import ReadsAnything
from server.transport.rpc.users import UserCalls

SERVICES = tuple(service.full_name for service in pb.DESCRIPTOR.services_by_name.values())
STREAMS_OF_A_CONNECTION = 100
LAST_WORDS_SECONDS = 1.0
_MINUTE = 60_000

_OPTIONS: tuple[tuple[str, Any], ...] = (
    # By default several servers may share a port, and each gets some of the calls.
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", UP_LIMIT_BYTES),
    ("grpc.max_concurrent_streams", STREAMS_OF_A_CONNECTION),
    # None: what is squeezed may be a thousand times as large as what was sent, and only that is measured.
    ("grpc.compression_enabled_algorithms_bitset", 1),
    # Who has gone away without a word is noticed, and who asks nothing is let go.
    ("grpc.keepalive_time_ms", 2 * _MINUTE),
    ("grpc.keepalive_timeout_ms", _MINUTE // 3),
    ("grpc.max_connection_idle_ms", 15 * _MINUTE),
    ("grpc.server_handshake_timeout_ms", _MINUTE // 6),
    # Many clients ask every half minute whether we are still there; by default they would be cut for it.
    ("grpc.http2.min_ping_interval_without_data_ms", _MINUTE // 6),
)


class GrpcServer:
    """An `RpcServer` (opening.py)."""

    def __init__(self, server: grpc.aio.Server, port: int) -> None:
        self.port = port
        self.is_open = False
        self._server = server
        self._health = health.aio.HealthServicer()
        self._door: RpcDoor | None = None

    async def start(self, services: Services, metrics: Metrics) -> None:
        self._door = RpcDoor(services, metrics)
        add_UsersServiceServicer_to_server(UserCalls(self._door), self._server)
        add_TemplatesServiceServicer_to_server(TemplateCalls(self._door), self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        for name in SERVICES:
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        await self._server.start()
        self.is_open = True

    async def stop(self, patience_seconds: float) -> bool:
        self.is_open = False
        await self._health.enter_graceful_shutdown()
        stopping = asyncio.create_task(self._server.stop(patience_seconds))
        # Whoever watches the health, or reads the reflection, may stay for ever; only calls of ours are waited for.
        finished = self._door is None or await _within(patience_seconds, self._door)
        # What they were answered is still on its way.
        await self._server.stop(min(patience_seconds, LAST_WORDS_SECONDS))
        await stopping
        return finished


def bind(host: str, port: int, certificate: Path | None, key: Path | None) -> GrpcServer:
    """In the loop that it is to answer in. Raises OSError, or what reading the files raises."""
    server = grpc.aio.server(interceptors=(ReadsAnything(),), options=_OPTIONS)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        if certificate is None or key is None:
            bound = server.add_insecure_port(place)
        else:
            pair = (key.read_bytes(), certificate.read_bytes())
            bound = server.add_secure_port(place, grpc.ssl_server_credentials([pair]))
    except RuntimeError:
        bound = 0
    if not bound:
        raise OSError("the port is taken, or the address is none of this machine's")
    return GrpcServer(server, bound)


async def _within(seconds: float, door: RpcDoor) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await door.idle()
            return True
    return False
