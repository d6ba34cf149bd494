"""What both namespaces do alike: every message gets an ack, whatever happens."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Generic, TypeVar

import socketio
import structlog
from pydantic import BaseModel

from server.domain.outcomes import InvalidBody, InvalidFields, NotFound, RateLimited, Refusal, Unauthenticated
from server.engine import libraries
from server.ports.results import StorageUnavailable
from server.service.services import Services
from server.transport.metrics import Metrics
from server.transport.refusals import BROKEN, STOPPING, STORAGE_UNAVAILABLE, Refused, refused
from server.transport.socket.gate import Gate
from server.transport.socket.messages import TRAINEE, TRAINER, ClientMessage, NamespaceName
from server.transport.socket.packet import Unreadable, is_too_long
from server.transport.socket.turns import Turns
from server.transport.wire.answers import refused_ack
from server.transport.wire.reading import read_model
from server.transport.wire.values import with_all

log = structlog.get_logger("shiller.socket")

# Messages of one connection that may be under way at once; more are refused, not queued. Above what may wait to be
# stored of one session, so that it is that bound which is told.
MESSAGES_UNDER_WAY = 1200

# Of those whose connections end in the same moment, so many are let go in one turn of the loop: two milliseconds.
LEAVING_AT_ONCE = 50

_OVER = Unauthenticated("This connection is being closed; connect again.")
_NOT_HERE = Unauthenticated("This connection is not in this namespace, or not any more; connect to it first.")
_NO_AUTH = InvalidBody("The auth of a connection is a JSON object.")
_TOO_LONG: Mapping[NamespaceName, Refusal] = {
    TRAINER: Unauthenticated(),
    TRAINEE: NotFound("No session has a code as long as this."),
}
# Reading the clock has to be quick both ways, and tells nothing.
_FOR_ANYBODY = frozenset({"clock:read"})

Ack = Mapping[str, Any]
Connection = TypeVar("Connection")
Handler = Callable[[Connection, Any], Awaitable["Ack | Refusal"]]


class Namespace(socketio.AsyncNamespace, Generic[Connection]):
    """One namespace; `connections` are those that were let in, by socket id."""

    server: socketio.AsyncServer
    asked_as_written: frozenset[str] = frozenset()
    """The messages of which the storage is asked in the moment of the write whether who sent them may stay."""

    def __init__(
        self,
        name: NamespaceName,
        messages: Mapping[str, ClientMessage],
        services: Services,
        metrics: Metrics,
        gate: Gate,
    ) -> None:
        super().__init__(name)
        self.name: NamespaceName = name
        self.connections: dict[str, Connection] = {}
        self._messages = messages
        self._services = services
        self._metrics = metrics
        self._gate = gate
        self._ack_seconds = {message: metrics.ack_seconds.labels(message) for message in messages}
        self._leaving = Turns(LEAVING_AT_ONCE)
        self._under_way: Counter[str] = Counter()
        # Messages of a connection that wait for the answer whether it may stay; none for most.
        self._asking: Counter[str] = Counter()

    def handlers(self) -> Mapping[str, Handler[Connection]]:
        """By message name; as many as the namespace has messages."""
        raise NotImplementedError

    async def let_in(self, sid: str, environ: Mapping[str, Any], auth: object) -> Refusal | None:
        """Judge who knocks, and keep the connection in `connections`."""
        raise NotImplementedError

    async def welcome(self, sid: str) -> None:
        """Called after the client was told that it is connected."""

    async def may_stay(self, connection: Connection) -> bool:
        """Whether what let it in still holds, wherever it may have been ended."""
        raise NotImplementedError

    async def with_named(self, connection: Connection, wrong: InvalidFields, data: object) -> InvalidFields:
        """And what the message names besides and is not there."""
        return wrong

    async def gone(self, sid: str, connection: Connection) -> None:
        """Called once for every connection that was let in."""

    async def trigger_event(self, event: str, *args: Any) -> Any:
        match event:
            case "connect":
                return await self._connect(*args)
            case "disconnect":
                return await self._disconnect(args[0])
            case _:
                return await self._answer(event, *args)

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: object = None) -> None:
        outcome = STOPPING
        if self._gate.enter():
            try:
                outcome = await self._judge(sid, environ, auth)
            finally:
                self._gate.leave()
        if outcome is not None:
            self.connections.pop(sid, None)
            self._metrics.refusals.labels("socket", outcome.code).inc()
            data: dict[str, str | int] = {"code": outcome.code, "detail": outcome.detail}
            if outcome.retry_after_seconds is not None:
                data["retry_after"] = outcome.retry_after_seconds
            if outcome.moved_to is not None:
                data["moved_to"] = outcome.moved_to
            raise socketio.exceptions.ConnectionRefusedError(outcome.detail, data)
        self._metrics.connections.labels(self.name).inc()
        engine_sid = libraries.engine_sid_of(self.server, sid, self.name)
        if engine_sid is not None:
            libraries.engine_of(self.server).joined(engine_sid)
        # The library tells the client that it is connected when this returns, and before this task runs.
        self.server.start_background_task(self._welcome, sid)

    async def _judge(self, sid: str, environ: Mapping[str, Any], auth: object) -> Refused | None:
        try:
            if is_too_long(auth):
                return refused(_TOO_LONG[self.name])
            if isinstance(auth, list):  # what SafePacket makes of an auth that cannot be read
                return refused(_NO_AUTH)
            refusal = await self.let_in(sid, environ, auth)
            return None if refusal is None else refused(refusal)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))
            return STORAGE_UNAVAILABLE
        except Exception:
            log.exception("a connection could not be judged", namespace=self.name)
            return BROKEN

    async def _welcome(self, sid: str) -> None:
        if self.server.get_environ(sid, self.name) is None:
            # It went away while it was judged; the library tells nobody about such a connection.
            await libraries.forget_member(self.server, sid, self.name)
            await self._disconnect(sid)
            return
        try:
            await self.welcome(sid)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))
        except Exception:
            log.exception("a connection could not be welcomed", namespace=self.name)

    async def _disconnect(self, sid: str) -> None:
        self._under_way.pop(sid, None)
        connection = self.connections.pop(sid, None)
        if connection is None:
            return
        await self._leaving.wait()
        self._metrics.connections.labels(self.name).dec()
        engine_sid = libraries.engine_sid_of(self.server, sid, self.name)
        if engine_sid is not None and not any(
            libraries.sid_of(self.server, engine_sid, name) for name in (TRAINER, TRAINEE) if name != self.name
        ):
            libraries.engine_of(self.server).left(engine_sid)
        try:
            await self.gone(sid, connection)
        except Exception:
            log.exception("a connection could not be let go", namespace=self.name)

    async def _answer(self, event: str, sid: str, *arguments: Any) -> Ack:
        began = time.perf_counter()
        outcome = await self._outcome(event, sid, arguments)
        if isinstance(outcome, Refused):
            self._metrics.refusals.labels("socket", outcome.code).inc()
            return refused_ack(outcome)
        self._ack_seconds[event].observe(time.perf_counter() - began)
        return outcome

    async def _outcome(self, event: str, sid: str, arguments: tuple[Any, ...]) -> Ack | Refused:
        connection = self.connections.get(sid)
        if connection is None:
            # Whatever it sent: before all else it has to connect.
            return refused(_NOT_HERE)
        data = arguments[0] if arguments else None
        if isinstance(data, Unreadable):
            return refused(data.why)
        message = self._messages.get(event)
        if message is None:
            return refused(self.unknown_message(event))
        if self._under_way[sid] >= MESSAGES_UNDER_WAY:
            return refused(RateLimited(1, "Too many messages at once"))
        read = read_model(message.data, {} if data is None and not message.data.model_fields else data)
        if isinstance(read, InvalidBody):
            return refused(read)
        if not self._gate.enter():
            return STOPPING
        self._under_way[sid] += 1
        try:
            if isinstance(read, InvalidFields):
                return refused(await self._all_wrong(connection, read, message.data, data))
            return await self._run(event, sid, connection, read, data)
        finally:
            self._gate.leave()
            if sid in self._under_way:
                self._under_way[sid] -= 1

    async def _run(self, event: str, sid: str, connection: Connection, read: BaseModel, data: object) -> Ack | Refused:
        try:
            if not self._need_not_ask(event, sid) and not await self._asked(sid, connection):
                return self._over(sid)
            # Nothing is awaited between the answer and this: what comes now comes behind it.
            outcome = await self.handlers()[event](connection, read)
            if event in self.asked_as_written and not isinstance(outcome, Mapping):
                # Nothing was written, so nobody has asked.
                outcome = outcome if await self.may_stay(connection) else _OVER
            if isinstance(outcome, Unauthenticated):
                return self._over(sid)
            if isinstance(outcome, InvalidFields):
                outcome = await self._all_wrong(connection, outcome, type(read), data)
            return outcome if isinstance(outcome, Mapping) else refused(outcome)
        except StorageUnavailable as outage:
            log.warning("the storage does not answer", reason=str(outage))
            return STORAGE_UNAVAILABLE
        except Exception:
            log.exception("a message failed", namespace=self.name, message=event)
            return BROKEN

    async def _all_wrong(
        self, connection: Connection, refusal: InvalidFields, model: type[BaseModel], data: object
    ) -> InvalidFields:
        return await self.with_named(connection, with_all(refusal, model, data, self._services.clock()), data)

    def _need_not_ask(self, event: str, sid: str) -> bool:
        """Not before it is written, unless it would overtake what this connection sent before and is asked about."""
        return event in _FOR_ANYBODY or (event in self.asked_as_written and sid not in self._asking)

    async def _asked(self, sid: str, connection: Connection) -> bool:
        self._asking[sid] += 1
        try:
            return await self.may_stay(connection)
        finally:
            self._asking[sid] -= 1
            if not self._asking[sid]:
                del self._asking[sid]

    def _over(self, sid: str) -> Refused:
        self.server.start_background_task(self.server.disconnect, sid, namespace=self.name)
        return refused(_OVER)

    def unknown_message(self, event: str) -> Refusal:
        known = ", ".join(self._messages)
        return NotFound(f"{self.name} has no such message. It has: {known}.")


def address_of(environ: Mapping[str, Any]) -> str:
    """What limits count as one, through the proxies that the server was told to trust: `SocketServer` writes it."""
    return environ["REMOTE_ADDR"] or "local"


def cookie_of(environ: Mapping[str, Any], name: str) -> str | None:
    try:
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(name)
    except CookieError:
        return None
    return None if cookie is None else cookie.value


def scheme_of(environ: Mapping[str, Any]) -> str:
    """http or https, as the page that opened the socket was loaded."""
    scheme: str = environ["REQUEST_SCHEME"]
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)
