"""The people around a server: trainers over HTTP and sockets, trainees over sockets."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import engineio
import httpx
import socketio

from tests.support.polling import PollingHttp
from tests.support.scenario import PATIENCE_SECONDS, ServerProcess

Json = dict[str, Any]
Auth = Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None
T = TypeVar("T")

# The libraries log it as an error of theirs when a server goes away, which is what some tests are about.
_QUIET = logging.getLogger("scenario.client")
_QUIET.setLevel(logging.CRITICAL + 1)
# Made once: reading the system's certificates takes every client some 20 ms.
_NO_TLS = ssl.create_default_context()


def new_id() -> str:
    return str(uuid4())


def anything(data: Any) -> bool:
    return True


async def eventually(look: Callable[[], Awaitable[T | None]], what: str, patience: float = PATIENCE_SECONDS) -> T:
    """What `look` finds, asked for until it finds something true."""
    try:
        async with asyncio.timeout(patience):
            while not (found := await look()):
                await asyncio.sleep(0.05)
            return found
    except TimeoutError:
        raise AssertionError(f"waited {patience:g} s for {what}") from None


# Of a client that leaves to nobody but the server to say that its line is over.
_PATIENT_SECONDS = 4 * PATIENCE_SECONDS


class _PatientEngine(engineio.AsyncClient):
    """The library's leaves by itself when a ping is 5 s late, which on a busy machine it is."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._told_timeout = 0.0
        super().__init__(*arguments, **options)

    @property
    def ping_timeout(self) -> float:
        return max(self._told_timeout, _PATIENT_SECONDS)

    @ping_timeout.setter
    def ping_timeout(self, seconds: float | None) -> None:
        self._told_timeout = seconds or 0.0


class _PatientClient(socketio.AsyncClient):
    def _engineio_client_class(self) -> type[engineio.AsyncClient]:
        return _PatientEngine


class Line:
    """One client's Socket.IO connection to one namespace; keeps everything that it hears, in order."""

    def __init__(
        self,
        url: str,
        namespace: str,
        auth: Auth,
        *,
        transport: str = "websocket",
        reconnects: bool = False,
        is_patient: bool = True,
    ):
        """`is_patient` False: for a test in which nobody else tells the client that its line is dead."""
        self.url = url
        self.namespace = namespace
        self.heard: list[tuple[str, Any]] = []
        self._auth = auth
        self._transport = transport
        self._news = asyncio.Event()
        self.lost = asyncio.Event()
        """Set while the connection is down, after it was up."""
        self.client = (_PatientClient if is_patient else socketio.AsyncClient)(
            reconnection=reconnects,
            reconnection_delay=0.1,
            reconnection_delay_max=0.5,
            randomization_factor=0,
            logger=_QUIET,
            engineio_logger=_QUIET,
            http_session=PollingHttp if transport == "polling" else None,
        )
        self.client.on("*", self._hear, namespace=namespace)
        for own in ("connect", "disconnect", "connect_error"):
            self.client.on(own, self._hearer(own), namespace=namespace)

    def _hearer(self, message: str) -> Callable[..., Awaitable[None]]:
        async def hear(*arguments: Any) -> None:
            await self._hear(message, *arguments)

        return hear

    async def _hear(self, message: str, *arguments: Any) -> None:
        if message == "disconnect":
            self.lost.set()
        elif message == "connect":
            self.lost.clear()
        self.heard.append((message, arguments[0] if arguments else None))
        self._news.set()

    async def connect(self, headers: Mapping[str, str] | None = None) -> Line:
        await self.client.connect(
            self.url,
            namespaces=[self.namespace],
            auth=self._auth,
            headers=dict(headers or {}),
            transports=[self._transport],
            wait_timeout=PATIENCE_SECONDS,
        )
        return self

    async def refusal(self, headers: Mapping[str, str] | None = None) -> Json:
        """Connect, be refused, and return what came with `connect_error`: `{code, detail, …}`."""
        try:
            await self.connect(headers)
        except socketio.exceptions.ConnectionError:
            error = await self.expect("connect_error")
            assert isinstance(error, dict), error
            assert isinstance(error["data"]["code"], str)
            return error["data"]
        finally:
            await self.disconnect()
        raise AssertionError("the connection was let in")

    async def send(self, message: str, *data: Any) -> Json:
        """Send and return the ack."""
        payload: Any = data[0] if len(data) == 1 else data
        return await self.client.call(message, payload, namespace=self.namespace, timeout=PATIENCE_SECONDS)

    async def ask(self, message: str, data: Any) -> Json:
        """Send and return the ack of what must succeed."""
        ack = await self.send(message, data)
        assert ack["ok"] is True, ack
        return ack

    async def refused(self, message: str, *data: Any) -> Json:
        """Send what must be refused and return the error of its ack."""
        ack = await self.send(message, *data)
        assert ack["ok"] is False, ack
        assert set(ack) == {"ok", "error"}
        assert {"code", "detail"} <= set(ack["error"]) <= {"code", "detail", "errors"}
        assert isinstance(ack["error"]["detail"], str)
        assert ack["error"]["detail"]
        return ack["error"]

    async def push(self, session: Mapping[str, Any], **fields: Any) -> Json:
        """Push vitals and return the event."""
        body = {"id": new_id(), "session_id": session["id"], **fields}
        return (await self.ask("vitals:push", body))["event"]

    async def note(self, session: Mapping[str, Any], **fields: Any) -> Json:
        """Add a note or a marker and return the event."""
        return (await self.ask("note:add", {"id": new_id(), "session_id": session["id"], **fields}))["event"]

    async def clock(self) -> str:
        return (await self.ask("clock:read", {}))["server_time"]

    def all(self, message: str) -> list[Any]:
        return [data for name, data in self.heard if name == message]

    async def expect(self, message: str, where: Callable[[Any], bool] = anything, *, after: int = 0) -> Any:
        """The first message of that name and kind, counted from the `after`-th thing heard; waited for."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    self._news.clear()
                    for name, data in self.heard[after:]:
                        if name == message and where(data):
                            return data
                    await self._news.wait()
        except TimeoutError:
            told = [name for name, _ in self.heard[after:]]
            raise AssertionError(f"waited for {message}, heard {told}") from None

    async def expect_seq(self, seq: int) -> Json:
        """The first `vitals:pushed` that is at least as new."""
        return await self.expect("vitals:pushed", lambda told: told["seq"] is not None and told["seq"] >= seq)

    def stored_vitals(self) -> list[Json]:
        """What was told of pushes that are stored. A busy storage takes one late, and it is told ahead of that, without
        a seq, and then once more.
        """
        return [told for told in self.all("vitals:pushed") if told["seq"] is not None]

    async def settled(self) -> None:
        """Everything that the server sent before now has been heard: its answers keep their order."""
        await self.clock()

    async def disconnect(self) -> None:
        if self._transport == "polling" and self.client.eio.http is not None:
            # As a browser does: the poll under way is aborted. The library would wait for its answer.
            await self.client.eio.http.close()
        await self.client.disconnect()
        await self.client.shutdown()


class TraineeLine(Line):
    """A trainee's screen, which sends back the newest seat token that it got, as docs/api.md asks."""

    def __init__(self, url: str, auth: Mapping[str, Any], **options: Any):
        self._first_auth = dict(auth)
        super().__init__(url, "/trainee", self._present, **options)

    def _present(self) -> Mapping[str, Any]:
        told = self.all("session:joined")
        return {**self._first_auth, "seat": told[-1]["seat"]["token"]} if told else self._first_auth

    @property
    def joined(self) -> Json:
        return self.all("session:joined")[-1]

    @property
    def seat(self) -> Json:
        return self.joined["seat"]


@dataclass
class Person:
    """Somebody with a token, or nobody (`token` None)."""

    url: str
    token: str | None
    account: Json
    http: httpx.AsyncClient = field(repr=False)

    async def call(self, method: str, path: str, status: int | None = None, **options: Any) -> httpx.Response:
        response = await self.http.request(method, path, **options)
        assert status is None or response.status_code == status, (response.status_code, response.text)
        return response

    async def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        return (await self.call("GET", path, status, params=query)).json()

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        response = await self.call("POST", path, status, json={} if body is None else body)
        return response.json() if response.content else None

    async def patch(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        return (await self.call("PATCH", path, status, json=body, headers=headers)).json()

    async def open_session(self, **body: Any) -> Json:
        return await self.post("/sessions", body, 201)

    async def let_expire(self, session: Mapping[str, Any], seconds: float) -> Json:
        """So soon; later where the machine is so busy that the moment is over before the server reads of it."""
        while True:
            ends = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
            answer = await self.call("PATCH", f"/sessions/{session['id']}", json={"expires_at": ends})
            if answer.status_code == 200:
                return answer.json()
            assert (answer.status_code, seconds < PATIENCE_SECONDS) == (422, True), answer.text
            seconds *= 3

    async def events(self, session: Mapping[str, Any]) -> list[Json]:
        """Every event, page by page."""
        events: list[Json] = []
        while True:
            page = await self.get(f"/sessions/{session['id']}/events", after=len(events), limit=200)
            events += page["items"]
            if not page["items"]:
                return events


@dataclass
class World:
    """One server for one test, and whoever the test calls in; everybody leaves at the end."""

    server: ServerProcess
    tokens: Mapping[str, str]
    accounts: Mapping[str, Json]
    stack: AsyncExitStack

    @property
    def url(self) -> str:
        return self.server.url

    async def person(self, who: str | None = None, *, token: str | None = None) -> Person:
        """By the name in `tokens`, or with a token, or (neither) a stranger."""
        token = self.tokens[who] if who else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        http = httpx.AsyncClient(
            base_url=f"{self.url}/api/v1", headers=headers, timeout=PATIENCE_SECONDS, trust_env=False, verify=_NO_TLS
        )
        await self.stack.enter_async_context(http)
        return Person(self.url, token, dict(self.accounts[who]) if who else {}, http)

    async def trainer_line(self, who: str = "trainer", **options: Any) -> Line:
        line = Line(self.url, "/trainer", {"token": self.tokens[who]}, **options)
        self.stack.push_async_callback(line.disconnect)
        return await line.connect()

    async def watch(self, session: Mapping[str, Any], who: str = "trainer", **options: Any) -> Line:
        line = await self.trainer_line(who, **options)
        await line.ask("session:watch", {"session_id": session["id"]})
        return line

    async def join(
        self, session: Mapping[str, Any], name: str | None = None, *, seat: str | None = None, **options: Any
    ) -> TraineeLine:
        auth = {"code": session["code"], "name": name, "seat": seat}
        line = TraineeLine(self.url, {key: value for key, value in auth.items() if value is not None}, **options)
        self.stack.push_async_callback(line.disconnect)
        await line.connect()
        await line.expect("session:joined")
        return line

    def knock(self, **auth: Any) -> Line:
        """A trainee that is not let in yet."""
        return Line(self.url, "/trainee", auth)
