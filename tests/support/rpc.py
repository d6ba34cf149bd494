"""A program that calls over gRPC, with grpclib: pure Python, and none of the library that the server has."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message
from grpclib import GRPCError, Status
from grpclib.client import Channel, UnaryUnaryMethod

from server.transport.rpc import shiller_pb2 as pb
from tests.support.scenario import PATIENCE_SECONDS, ServerProcess

Reply = TypeVar("Reply", bound=Message)

REPLIES: dict[str, type[Message]] = {
    f"/{service.full_name}/{method.name}": getattr(pb, method.output_type.name)
    for service in pb.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


def rpc_port(server: ServerProcess) -> int:
    found = re.search(r"^  gRPC +\S+:(\d+)$", server.stdout, re.MULTILINE)
    assert found is not None, server.stdout
    return int(found[1])


@dataclass(frozen=True)
class Refused:
    status: Status
    detail: str
    refusal: pb.Refusal

    @property
    def fields(self) -> set[str]:
        return {error.field for error in self.refusal.errors}


class Program:
    """`token`: whose; None for one who shows none."""

    def __init__(self, server: ServerProcess, token: str | None, tls: ssl.SSLContext | None = None) -> None:
        self.channel = Channel("127.0.0.1", rpc_port(server), ssl=tls or False)
        self.token = token

    async def __aenter__(self) -> Program:
        return self

    async def __aexit__(self, *_: object) -> None:
        """The library leaves its transport to close by itself, which over TLS takes until after the test."""
        protocol: Any = self.channel._protocol
        transport = getattr(getattr(protocol, "connection", None), "_transport", None)
        self.channel.close()
        if transport is not None:
            transport.abort()
            for _ in range(3):
                await asyncio.sleep(0)

    async def _send(self, method: str, request: Message, timeout: float) -> Any:
        metadata = {} if self.token is None else {"authorization": f"Bearer {self.token}"}
        path = f"/shiller.v1.{method}"
        call: UnaryUnaryMethod[Any, Any] = UnaryUnaryMethod(self.channel, path, type(request), REPLIES[path])
        try:
            async with call.open(timeout=timeout, metadata=metadata) as stream:
                await stream.send_message(request, end=True)
                reply = await stream.recv_message()
                await stream.recv_trailing_metadata()
                return reply
        except GRPCError as error:
            # Also of a call that is refused while it is still being sent: that is told where the stream is left.
            told = (stream.trailing_metadata or {}).get("shiller-refusal-bin", b"")
            return Refused(error.status, error.message or "", pb.Refusal.FromString(told))

    async def call(self, method: str, request: Message, timeout: float = PATIENCE_SECONDS) -> Any:
        """What must be answered."""
        reply = await self._send(method, request, timeout)
        assert not isinstance(reply, Refused), reply
        return reply

    async def runs_out(self, method: str, request: Message, timeout: float) -> None:
        """The time is too short, whoever notices first: this client or the server."""
        with contextlib.suppress(asyncio.TimeoutError):
            told = await self._send(method, request, timeout)
            assert isinstance(told, Refused), told
            assert told.status is Status.DEADLINE_EXCEEDED, told

    async def refused(self, method: str, request: Message, status: Status, code: str) -> Refused:
        """What must be refused."""
        told = await self._send(method, request, PATIENCE_SECONDS)
        assert isinstance(told, Refused), told
        assert (told.status, told.refusal.code) == (status, code), told
        assert told.detail
        return told
