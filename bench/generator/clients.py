"""Trainees and trainers that speak just enough Engine.IO 4 and Socket.IO 5.

Every server here says the same texts. The bare one has no protocol around them: it knows who connects by
the address and sends the texts as they are.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeVar
from urllib.parse import quote
from uuid import uuid4

from bench.generator.tally import Tally
from bench.generator.wire import Wire, text_frame

_PONG = text_frame("3")
_PUSHED = b'42/trainee,["vitals:pushed"'
_JOINED = b'42/trainee,["session:joined"'
# Connections that are being made at once, unless a storm is what is asked for.
AT_ONCE = 64
CONNECT_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    is_bare: bool = False


@dataclass
class LoadedSession:
    """A session, its trainer's connection, and its trainees'."""

    id: str
    code: str
    trainer: TrainerClient | None = None
    trainees: list[TraineeClient] = field(default_factory=list)
    last_pushed: int = -1


class Client(Wire):
    def __init__(self, address: Address, namespace: str, auth: dict[str, str]) -> None:
        bare = "&".join(f"{key}={quote(value)}" for key, value in auth.items())
        path = f"/?{bare}" if address.is_bare else "/socket.io/?EIO=4&transport=websocket"
        super().__init__(path, f"{address.host}:{address.port}")
        self._namespace = namespace.encode()
        self._connect = text_frame(f"40{namespace},{json.dumps(auth)}")
        self.ready: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.is_lost = False
        self.beats = 0
        """Pings that it was sent, and answered."""

    def lost(self) -> None:
        self.is_lost = True
        self._failed("the server closed the connection")

    @property
    def local_port(self) -> int:
        """Of the connection's own end, as long as it has one."""
        return self._local_port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._local_port: int = transport.get_extra_info("sockname")[1]
        super().connection_made(transport)

    def became_ready(self) -> None:
        if not self.ready.done():
            self.ready.set_result(perf_counter())

    def receive_rarely(self, message: bytes) -> None:
        if message == b"2":
            self.beats += 1
            self.write(_PONG)
        elif message.startswith(b"0"):
            self.write(self._connect)
        elif message.startswith(b"44"):
            self._failed(message.decode())

    def _failed(self, why: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(why))


class TraineeClient(Client):
    def __init__(self, address: Address, session: LoadedSession, name: str, tally: Tally) -> None:
        super().__init__(address, "/trainee", {"code": session.code, "name": name})
        self.newest = -1
        self.foreseen: set[int] = set()
        self._tally = tally

    def receive(self, data: bytes, start: int, end: int) -> None:
        if not data.startswith(_PUSHED, start):
            message = data[start:end]
            if message.startswith(_JOINED):
                self.became_ready()
            else:
                self.receive_rarely(message)
            return
        now = perf_counter()
        tally = self._tally
        at = data.find(b'"#', start, end) + 2
        number = int(data[at : at + 8])
        if number in self.foreseen:
            # On the screen already: told while the storage was late, and now confirmed.
            self.foreseen.discard(number)
            tally.confirmations += 1
            return
        if data.find(b'"seq":null', start, end) >= 0:
            self.foreseen.add(number)
        tally.received += 1
        if number > self.newest:
            self.newest = number
        else:
            tally.disordered += 1
        tally.delivered[number] += 1
        if number >= tally.counted_from:
            tally.octets += end - start
            tally.latencies.append(now - tally.intended[number])


class TrainerClient(Client):
    def __init__(self, address: Address, token: str, tally: Tally) -> None:
        super().__init__(address, "/trainer", {"token": token})
        self._tally = tally
        # Called after every acknowledgement, whatever it says.
        self.on_ack: Callable[[], None] | None = None

    def push(self, session: LoadedSession, due: float, flags: str = "") -> int:
        """One vital sign, and a flag that says which push it is; `flags` are more of them, as JSON text."""
        number = self._tally.begin(due, len(session.trainees))
        session.last_pushed = number
        self.write(
            text_frame(
                f'42/trainer,{number}["vitals:push",{{"id":"{uuid4()}","session_id":"{session.id}",'
                f'"vitals":{{"heart_rate":{60 + number % 100}}},"flags":{{"push":"#{number:08}"{flags}}}}}]'
            )
        )
        return number

    def receive(self, data: bytes, start: int, end: int) -> None:
        if not data.startswith(b"43/trainer,", start):
            message = data[start:end]
            if message.startswith(b"40/trainer"):
                self.became_ready()
            else:
                self.receive_rarely(message)
            return
        at = start + 11
        until = data.index(b"[", at)
        number = int(data[at:until])
        is_refused = not data.startswith(b'[{"ok":true', until)
        self._tally.acknowledge(number, data[until : until + 80].decode() if is_refused else None)
        if self.on_ack is not None:
            self.on_ack()


C = TypeVar("C", bound=Client)


async def connect(address: Address, client: C, read_buffer: int | None = None) -> C:
    """`client`, connected and ready: a trainer is let in, a trainee has been told the session."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    if read_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, read_buffer)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(CONNECT_PATIENCE_SECONDS):
        try:
            await loop.sock_connect(sock, (address.host, address.port))
        except BaseException:
            sock.close()
            raise
        await loop.create_connection(lambda: client, sock=sock)
        await client.ready
    return client


async def fill(
    address: Address, sessions: Sequence[LoadedSession], token: str, trainees: int, tally: Tally, at_once: int = AT_ONCE
) -> list[float]:
    """A trainer for each session that has none, and so many trainees more in each; when each was ready."""
    turns = asyncio.Semaphore(at_once)

    async def trainer(session: LoadedSession) -> None:
        async with turns:
            session.trainer = await connect(address, TrainerClient(address, token, tally))

    async def trainee(session: LoadedSession, number: int) -> float:
        async with turns:
            client = await connect(address, TraineeClient(address, session, f"Trainee {number}", tally))
        session.trainees.append(client)
        return client.ready.result()

    await asyncio.gather(*(trainer(session) for session in sessions if session.trainer is None))
    waiting = [trainee(session, number) for number in range(trainees) for session in sessions]
    return list(await asyncio.gather(*waiting))


def drop_lost(sessions: Sequence[LoadedSession]) -> None:
    """Forget the connections that the server has ended."""
    for session in sessions:
        session.trainees = [trainee for trainee in session.trainees if not trainee.is_lost]
        if session.trainer is not None and session.trainer.is_lost:
            session.trainer = None


def cut_all(sessions: Sequence[LoadedSession]) -> None:
    for session in sessions:
        for client in (session.trainer, *session.trainees):
            if client is not None:
                client.cut()
        session.trainer = None
        session.trainees.clear()
