"""The engine as python-socketio asks for it: some twelve methods, and an ASGI app's call for what comes on its path.

Given to it by its one hook (`libraries.SocketServer`). It knows connections by their ids, and nothing of Socket.IO.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from server.engine import packets, polling
from server.engine.connection import BY_LOSS, Connection
from server.engine.heartbeat import Heartbeat
from server.engine.opening import EXTENSION, Opening
from server.engine.outgoing import Frame
from server.engine.polling import TEXT, Headers, Receive, Send, answer
from server.engine.request import EngineRequest
from server.engine.settings import EngineSettings, Observer, Scope, Silent, from_options
from server.engine.upgrade import Surplus, Upgrade

Handler = Callable[..., Awaitable[Any]]

# A connection that was closed while its client did not poll waits so long to be asked.
FAREWELL_SECONDS = 5.0
# Of those that end in the same moment so many are told in one turn of the loop: a third of a millisecond. What others
# do takes several turns, each of which is longer by that.
ENDS_A_TURN = 4
WEBSOCKET, POLLING = "websocket", "polling"
# By the protocol a client has one poll at a time, and sends one body at a time.
_ANOTHER = (400, "There is another request of this kind.")
_TOO_LARGE = (413, "The body is too large.")
_TOO_MANY = (
    429,
    "There are as many connections by long-polling from this address as one address may have. Close some, use a "
    "WebSocket, or try again in a moment.",
)

log = logging.getLogger("shiller.engine")


class Engine:
    async_mode = "asgi"

    def __init__(
        self,
        *,
        settings: EngineSettings | None = None,
        observer: Observer | None = None,
        taken: Callable[[Connection, str | bytes], bool] | None = None,
        id_prefix: str = "",
        **options: Any,
    ) -> None:
        """`taken` may answer a message at once; what it does not take goes to the handler, in its turn. `id_prefix`
        begins every connection's id. `options`: python-engineio's, for which `settings` stand if they are given.
        """
        self.settings = settings or from_options(options)
        self.observer = observer or Silent()
        self.connections: dict[str, Connection] = {}
        self._taken = taken
        self._id_prefix = id_prefix
        self._handlers: dict[str, Handler] = {}
        self._heartbeat = Heartbeat(self.settings, self.observer)
        self._beating: asyncio.Task[None] | None = None
        self._leaving: dict[str, tuple[Connection, float]] = {}
        self._ended: deque[tuple[Connection, str]] = deque()
        self._is_telling_ends = False
        self._lets_polls_go = False
        self._tasks: set[asyncio.Task[Any]] = set()

    # What python-socketio asks of an engine

    def on(self, event: str, handler: Handler) -> None:
        """`connect` (sid, environ), whose False refuses; `message` (sid, data); `disconnect` (sid, reason)."""
        self._handlers[event] = handler

    async def send(self, sid: str, data: str | bytes) -> None:
        """A message; nothing if the connection is gone."""
        if (connection := self.connections.get(sid)) is not None:
            connection.tell(Frame(data))

    async def send_packet(self, sid: str, pkt: Any) -> None:
        """`pkt`: a packet of python-engineio."""
        if (connection := self.connections.get(sid)) is not None:
            data = "" if pkt.data is None else pkt.data
            connection.tell(Frame(data, str(pkt.packet_type)))

    async def disconnect(self, sid: str | None = None) -> None:
        """One connection, or all."""
        named = self.connections.get(sid) if sid is not None else None
        for connection in list(self.connections.values()) if sid is None else [named]:
            if connection is not None:
                connection.close()

    async def get_session(self, sid: str) -> dict[str, Any]:
        """Raises KeyError for a connection that is gone."""
        return self.connections[sid].session

    async def save_session(self, sid: str, session: dict[str, Any]) -> None:
        self.connections[sid].session = session

    @asynccontextmanager
    async def session(self, sid: str) -> AsyncGenerator[dict[str, Any]]:
        yield self.connections[sid].session

    def transport(self, sid: str) -> str:
        return WEBSOCKET if self.connections[sid].wire is not None else POLLING

    def generate_id(self) -> str:
        return self._id_prefix + secrets.token_urlsafe(15)

    def start_background_task(self, target: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **kwargs: Any) -> Any:
        return self._begin(target(*args, **kwargs))

    async def sleep(self, seconds: float = 0) -> None:
        await asyncio.sleep(seconds)

    def create_queue(self, *args: Any, **kwargs: Any) -> asyncio.Queue[Any]:
        return asyncio.Queue(*args, **kwargs)

    def create_event(self) -> asyncio.Event:
        return asyncio.Event()

    async def shutdown(self) -> None:
        """No more heartbeats. The connections themselves are the web server's to end."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])

    # What an app may ask besides

    def joined(self, sid: str) -> None:
        """This connection has joined what it came for (`EngineSettings.joining`)."""
        if (connection := self.connections.get(sid)) is not None:
            self._heartbeat.joined(connection)
            connection.joined()

    def left(self, sid: str) -> None:
        """It has left all that it had joined: it may join again, within the time that a new one has."""
        if (connection := self.connections.get(sid)) is not None and not connection.is_closed:
            self._heartbeat.expect(connection, asyncio.get_running_loop().time())
            connection.left()

    def give_way(self) -> bool:
        """Somebody else needs the room: end the WebSocket that has been there longest without joining anything. False
        if there is none; who polls has no connection that would become free.
        """
        return self._heartbeat.give_way()

    def end_polls(self) -> None:
        """Answer every poll that is under way, and from now on each that comes."""
        self._lets_polls_go = True
        for connection in self.connections.values():
            if connection.outgoing.is_fetched:
                connection.tell(polling.NOOP)

    async def flush(self, seconds: float) -> None:
        """Wait until the clients on WebSockets have taken what is held for them, but no longer."""
        waiting = [one.outgoing for one in self.connections.values() if one.wire is not None]
        waits = [asyncio.ensure_future(outgoing.emptied()) for outgoing in waiting if not outgoing.is_empty]
        if waits:
            _, late = await asyncio.wait(waits, timeout=seconds)
            for wait in late:
                wait.cancel()

    # What its connections ask (`connection.Owner`)

    def taken(self, connection: Connection, message: str | bytes) -> bool:
        return self._taken is not None and self._taken(connection, message)

    async def message(self, connection: Connection, message: str | bytes) -> None:
        try:
            await self._handlers["message"](connection.sid, message)
        except Exception as error:
            if not isinstance(error, ValueError):  # by which it says that a client sent what cannot be read
                log.exception("a message failed")
            if not self.settings.is_forgiving:
                connection.close()

    def ended(self, connection: Connection, reason: str) -> None:
        self._heartbeat.remove(connection)
        if connection.wire is None and not connection.outgoing.is_empty and not connection.outgoing.is_fetched:
            self._leaving[connection.sid] = (connection, asyncio.get_running_loop().time())
        self._ended.append((connection, reason))
        if not self._is_telling_ends:
            self._is_telling_ends = True
            self._begin(self._tell_ends())

    def watch(self, connection: Connection) -> None:
        self._heartbeat.lags(connection, asyncio.get_running_loop().time())

    def upgraded(self, connection: Connection) -> None:
        self._heartbeat.polls_no_more(connection)

    async def _tell_ends(self) -> None:
        """Thousands may end in the same moment: others have their turn in between."""
        while self._ended:
            for _ in range(min(ENDS_A_TURN, len(self._ended))):
                self._begin(self._tell_end(*self._ended.popleft()))
            await asyncio.sleep(0)
        self._is_telling_ends = False

    async def _tell_end(self, connection: Connection, reason: str) -> None:
        # What it sent before comes before its end.
        await connection.settled()
        try:
            await self._handlers["disconnect"](connection.sid, reason)
        except Exception:
            log.exception("nobody could be told that a connection has ended")
        finally:
            self.connections.pop(connection.sid, None)

    # Requests

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything on the path of Engine.IO: polls, and requests for a WebSocket."""
        environ = self.settings.environ_of(scope)
        request = EngineRequest(scope, environ)
        extensions: dict[str, Any] = scope.get("extensions") or {}
        opening = extensions.get(EXTENSION)
        if scope["type"] == "websocket" and not isinstance(opening, Opening):
            raise RuntimeError("WebSockets of Engine.IO need server.engine.WebSocket as the web server's `ws`")
        headers: Headers = [*TEXT, *self.settings.headers, *self._allowing(request)]
        refusal = self._refusal(request)
        if isinstance(opening, Opening):
            if refusal is not None:
                return opening.refuse(400, headers, refusal.encode())
            return await self._open_websocket(request, opening)
        if refusal is not None:
            return await answer(send, 400, refusal, headers)
        await self._poll(request, receive, send, headers)

    def _refusal(self, request: EngineRequest) -> str | None:
        """Why a request is none of this protocol's; nobody has to read it but a programmer."""
        query, connection = request.query, self._asked(request)
        if request.origin is not None and not self._may_connect(request):
            return f"Pages of {request.origin} may not connect here."
        if request.method == "OPTIONS":
            return None
        if query.get("transport") not in (POLLING, WEBSOCKET):
            return "transport is polling or websocket."
        if query.get("EIO") != "4":
            return "EIO is 4: this server speaks Engine.IO 4 (Socket.IO 5) only."
        if (query["transport"] == WEBSOCKET) != request.is_websocket:
            return "transport does not say how this request came."
        if "j" in query:
            return "JSONP is not spoken here."
        if "sid" not in query:
            return None if request.method == "GET" else "A connection begins with GET."
        if connection is None:
            return "There is no such connection; it may be over."
        if connection.wire is not None and not request.is_websocket:
            return "This connection has moved to a WebSocket."
        return None

    def _asked(self, request: EngineRequest) -> Connection | None:
        sid = request.query.get("sid", "")
        leaving = self._leaving.get(sid)
        connection = self.connections.get(sid)
        if leaving is not None and request.method == "GET":
            return leaving[0]
        return None if connection is None or connection.is_closed else connection

    def _may_connect(self, request: EngineRequest) -> bool:
        if self.settings.may_connect is not None:
            return self.settings.may_connect(request.origin or "", request.environ)
        return (request.origin or "").partition("://")[2] == request.header("host")

    def _allowing(self, request: EngineRequest) -> Headers:
        """For pages of other origins that may connect."""
        if request.origin is None or not self._may_connect(request):
            return []
        headers: Headers = [
            (b"access-control-allow-origin", request.origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
        if request.method == "OPTIONS":
            asked = request.header("access-control-request-headers") or "content-type"
            headers += [
                (b"access-control-allow-methods", b"OPTIONS, GET, POST"),
                (b"access-control-allow-headers", asked.encode("latin-1", "replace")),
            ]
        return headers

    async def _open_websocket(self, request: EngineRequest, opening: Opening) -> None:
        connection = self._asked(request)
        if connection is None:
            connection = await self._open(request)
            if connection is None:
                return opening.refuse(401)
            if not opening.accept(connection, first=self._open_packet(connection, upgrades=[]).encoded):
                connection.closed()
        elif connection.wire is not None or connection.upgrade is not None:
            opening.accept(Surplus(self.settings))
        else:
            upgrade = Upgrade(connection, self.settings)
            if not opening.accept(upgrade):
                upgrade.give_up()

    async def _poll(self, request: EngineRequest, receive: Receive, send: Send, headers: Headers) -> None:
        connection = self._asked(request)
        try:
            if request.method == "OPTIONS":
                status, body = 200, "ok"
            elif connection is None:
                status, body = await self._begin_polling(request)
            elif request.method == "GET":
                status, body = await self._bring(connection, receive)
            elif request.method == "POST":
                status, body = await self._take(connection, request, receive)
            else:
                status, body = 405, "GET or POST"
        except polling.Left:
            return
        if status != 200:
            headers = [*headers, (b"connection", b"close")]
        await answer(send, status, body, headers)

    async def _begin_polling(self, request: EngineRequest) -> tuple[int, str]:
        # By the web server's bounds a request is no lasting connection: one sender could have any number.
        if not self._heartbeat.may_poll(request.address):
            self.observer.cut("crowded", request.address)
            return _TOO_MANY
        opened = await self._open(request, is_polling=True)
        return (401, "refused") if opened is None else (200, self._open_packet(opened, upgrades=[WEBSOCKET]).text)

    async def _bring(self, connection: Connection, receive: Receive) -> tuple[int, str]:
        if connection.outgoing.is_fetched:
            connection.close()
            return _ANOTHER
        if self._lets_polls_go and connection.outgoing.is_empty:
            return 200, await polling.nothing()
        body = await polling.fetch(connection, receive)
        if connection.outgoing.is_empty:
            self._leaving.pop(connection.sid, None)
        elif connection.is_closed:
            self._leaving[connection.sid] = (connection, asyncio.get_running_loop().time())
        return 200, body

    async def _take(self, connection: Connection, request: EngineRequest, receive: Receive) -> tuple[int, str]:
        if connection.is_posting:
            connection.end(BY_LOSS)
            return _ANOTHER
        if int(request.header("content-length") or 0) > polling.longest_body(connection, self.settings):
            return _TOO_LARGE
        connection.is_posting = True
        try:
            status = await polling.take(connection, self.settings, receive)
        finally:
            connection.is_posting = False
        if status == 413:
            return _TOO_LARGE
        if status == 400:
            connection.end(BY_LOSS)
            return 400, "The body is no list of packets."
        return 200, "ok"

    async def _open(self, request: EngineRequest, *, is_polling: bool = False) -> Connection | None:
        if self._beating is None:
            self._beating = asyncio.get_running_loop().create_task(self._heartbeat.run(self._forget_leaving))
        connection = Connection(self, self.generate_id(), request.address, is_polling=is_polling)
        self.connections[connection.sid] = connection
        self._heartbeat.add(connection, asyncio.get_running_loop().time())
        is_let_in = False
        try:
            is_let_in = await self._handlers["connect"](connection.sid, request.environ) is not False
        finally:
            if not is_let_in and not connection.is_closed:
                connection.is_closed = True
                self._heartbeat.remove(connection)
                self.connections.pop(connection.sid, None)
        return connection if is_let_in and not connection.is_closed else None

    def _open_packet(self, connection: Connection, upgrades: list[str]) -> Frame:
        said = {
            "sid": connection.sid,
            "upgrades": upgrades,
            "pingInterval": int(self.settings.ping_seconds * 1000),
            "pingTimeout": int(self.settings.pong_seconds * 1000),
            "maxPayload": self.settings.message_bytes,
        }
        return Frame(json.dumps(said, separators=(",", ":")), packets.OPEN)

    def _forget_leaving(self, now: float) -> None:
        for sid, (_, since) in list(self._leaving.items()):
            if now - since > FAREWELL_SECONDS:
                del self._leaving[sid]

    def _begin(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
