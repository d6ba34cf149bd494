"""One call over gRPC: who asks, what is answered, and what of it is noted. The services decide everything else."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, TypeVar
from uuid import uuid4

import grpc
import structlog
from google.protobuf.message import Message

from server.domain.outcomes import InvalidBody, Refusal, TooLarge, Unauthenticated
from server.domain.people import Access, Trainer
from server.ports.results import StorageUnavailable
from server.service.services import Services
from server.transport.http.endpoint import BODY_LIMIT_BYTES
from server.transport.metrics import Metrics
from server.transport.refusals import BROKEN, STORAGE_UNAVAILABLE, Refused, refused
from server.transport.rpc.statuses import STATUSES, detail_of, trailing_metadata

log = structlog.get_logger("shiller.rpc")

Asked = TypeVar("Asked", bound=Message)
Reply = TypeVar("Reply", bound=Message)
Context = grpc.aio.ServicerContext[Any, Any]

# Of those that a call has been read of; whatever is still on its way is bounded by each connection's own limits.
CALLS_UNDER_WAY = 64
_TOO_MANY = Refused("rate_limited", "Too many calls at once; try again in 1 s.", retry_after_seconds=1)
_NOT_READABLE = InvalidBody("This is no message of this method; its fields stand in shiller.proto.")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


@dataclass(frozen=True, slots=True)
class RpcCall:
    services: Services
    access: Access
    now: datetime

    @property
    def trainer(self) -> Trainer:
        return self.access.trainer


@dataclass(frozen=True, slots=True)
class RpcMethod:
    """`taken` is what it means when the services answer that something is in conflict with what is there."""

    name: str
    limit_bytes: int = BODY_LIMIT_BYTES
    taken: grpc.StatusCode = STATUSES["conflict"]


class RpcDoor:
    def __init__(self, services: Services, metrics: Metrics) -> None:
        self._services = services
        self._metrics = metrics
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def answer(
        self,
        method: RpcMethod,
        request: Asked | None,
        context: Context,
        work: Callable[[RpcCall, Asked], Awaitable[Reply | Refusal]],
    ) -> Reply:
        """What `work` answers; a refusal ends the call with its status. Whoever gives up waiting ends the work, too.

        `request` is None if what came is no such message.
        """
        began = time.perf_counter()
        status = grpc.StatusCode.CANCELLED
        with structlog.contextvars.bound_contextvars(request_id=_request_id(context)):
            self._begin()
            try:
                outcome = await self._outcome(method, request, context, work)
                if not isinstance(outcome, Refused):
                    status = grpc.StatusCode.OK
                    return outcome
                status = method.taken if outcome.code == "conflict" else STATUSES[outcome.code]
                await self._refuse(context, status, outcome)
            finally:
                self._end()
                seconds = time.perf_counter() - began
                self._metrics.rpc_seconds.labels(method.name, status.name).observe(seconds)
                log.info("call", method=method.name, status=status.name, ms=round(seconds * 1000, 1))

    async def idle(self) -> None:
        """When no call is under way."""
        await self._idle.wait()

    async def _outcome(
        self,
        method: RpcMethod,
        request: Asked | None,
        context: Context,
        work: Callable[[RpcCall, Asked], Awaitable[Reply | Refusal]],
    ) -> Reply | Refused:
        try:
            if self._under_way > CALLS_UNDER_WAY:
                return _TOO_MANY
            now = self._services.clock()
            access = await self._services.accounts.identify(_token(context), now)
            if isinstance(access, Unauthenticated):
                return refused(access)
            if request is None:
                return refused(_NOT_READABLE)
            if request.ByteSize() > method.limit_bytes:
                return refused(TooLarge(f"A message may have at most {method.limit_bytes} bytes."))
            outcome = await work(RpcCall(self._services, access, now), request)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))
            return STORAGE_UNAVAILABLE
        except Exception:
            log.exception("a call failed", method=method.name)
            return BROKEN
        return outcome if isinstance(outcome, Message) else refused(outcome)

    async def _refuse(self, context: Context, status: grpc.StatusCode, refusal: Refused) -> NoReturn:
        self._metrics.refusals.labels("grpc", refusal.code).inc()
        await context.abort(status, detail_of(refusal), trailing_metadata(refusal))

    def _begin(self) -> None:
        self._under_way += 1
        self._idle.clear()
        self._metrics.rpc_under_way.set(self._under_way)

    def _end(self) -> None:
        self._under_way -= 1
        self._metrics.rpc_under_way.set(self._under_way)
        if not self._under_way:
            self._idle.set()


def _token(context: Context) -> str | None:
    scheme, _, token = _metadata(context, "authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _request_id(context: Context) -> str:
    """A caller's own is kept if it is one, so that the logs of both can be joined."""
    given = _metadata(context, "x-request-id")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


def _metadata(context: Context, name: str) -> str:
    value = next((value for key, value in context.invocation_metadata() or () if key == name), "")
    return value if isinstance(value, str) else ""
