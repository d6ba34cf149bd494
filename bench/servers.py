"""The servers that are measured, each a process of its own doing the same job."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from bench.database import Postgres, as_server, seed_sessions
from bench.generator.clients import Address, LoadedSession
from bench.usage import Meter, cpu_seconds, machine_cpu_seconds, tree_cpu_seconds
from server.domain.vitals import START_VALUES
from tests.support.patience import START_PATIENCE_SECONDS
from tests.support.ports import free_port
from web.npm import find_node

PROJECT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
STOP_PATIENCE_SECONDS = 20.0
# What a child gets of our environment; DATABASE_URL and every variable of the server's own stay behind.
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR")
_TOKEN = "bench"  # noqa: S105 - of servers that live for seconds, on loopback
_DEMO = {"email": "demo@shiller.local", "password": "demo-shiller"}


@dataclass(frozen=True)
class Peer:
    """One of the servers. `name` is its column's; `title` says in a line what it is."""

    name: str
    title: str
    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    stores: bool = True
    is_bare: bool = False
    """It speaks no protocol: trainees join by the session's id."""
    is_shiller: bool = False


_PYTHON = sys.executable
_NODE_SERVER = str(PROJECT / "bench" / "node" / "server.mjs")

SHILLER = Peer("Shiller", "`shiller serve`", (_PYTHON, "-m", "server", "serve"), is_shiller=True)
STOCK = Peer(
    "python-socketio", "stock python-socketio on uvicorn, a transaction a push", (_PYTHON, "-m", "bench.peers.stock")
)
NODE = Peer("Node", "Node's socket.io with pg, a transaction a push", ("node", _NODE_SERVER))
NODE_ONE = Peer("Node-one", "the same, one statement a push", ("node", _NODE_SERVER), {"STATEMENTS": "one"})
BARE = Peer(
    "bare",
    "a bare broadcast: no protocol, no storage",
    (_PYTHON, "-m", "bench.peers.bare"),
    stores=False,
    is_bare=True,
)
BARE_STORED = replace(
    BARE, name="bare-stored", title="the same, each push stored by one statement", stores=True,
    variables={"STORES": "true"},
)  # fmt: skip
PLAIN = Peer("plain", "sync as its pseudo-code says: Starlette, asyncpg, orjson", (_PYTHON, "-m", "bench.peers.plain"))
# No server at all: the generator's own process writes to the database.
JOURNAL = Peer("journal", "Shiller's journal alone: no server, no network", ())
EACH = Peer("event by event", "Shiller's writing of what a device sent, an event at a time: no server, no network", ())
ASYNCPG = Peer("asyncpg", "asyncpg alone, a transaction a push: no server, no network", ())
# Shiller of an earlier commit, checked out somewhere: `--before FOLDER`. It makes the tables as it knows them.
BEFORE = Peer("before", "`shiller serve` of the commit before", (_PYTHON, "-m", "server", "serve"), is_shiller=True)
PEERS = (SHILLER, STOCK, NODE, NODE_ONE, BARE, BARE_STORED, PLAIN, EACH, JOURNAL, ASYNCPG)


@dataclass
class RunningServer:
    peer: Peer
    pid: int
    address: Address
    token: str
    postgres: Postgres
    database_url: str

    def meter(self) -> Meter:
        """The server's comes first: what reading the others costs is none of it."""
        return Meter(
            server=lambda: tree_cpu_seconds(self.pid),
            generator=_own_cpu,
            postgres=self.postgres.cpu_seconds,
            machine=machine_cpu_seconds,
        )

    async def open_sessions(self, count: int) -> list[LoadedSession]:
        if self.peer.is_shiller:
            return await self._open_by_http(count)
        if self.peer.stores:
            seeded = seed_sessions(self.database_url, count)
            return [LoadedSession(id_, id_ if self.peer.is_bare else code) for id_, code in seeded]
        return [LoadedSession(f"{number:036}", f"{number:036}") for number in range(count)]

    async def _open_by_http(self, count: int) -> list[LoadedSession]:
        headers = {"Authorization": f"Bearer {self.token}"}
        turns = asyncio.Semaphore(8)
        async with httpx.AsyncClient(
            base_url=f"http://{HOST}:{self.address.port}", headers=headers, trust_env=False, timeout=60
        ) as http:

            async def open_one(number: int) -> LoadedSession:
                async with turns:
                    answer = await http.post("/api/v1/sessions", json={"title": f"Bench {number}"})
                answer.raise_for_status()
                return LoadedSession(answer.json()["id"], answer.json()["code"])

            return list(await asyncio.gather(*(open_one(number) for number in range(count))))


def node_command() -> str:
    return str(find_node() / "node")


@asynccontextmanager
async def running(peer: Peer, postgres: Postgres, folder: Path) -> AsyncIterator[RunningServer]:
    """A fresh process on a fresh database. Its log is shown if it fails to start."""
    with postgres.database(is_empty=peer.name == BEFORE.name) as url:
        if not peer.command:
            yield RunningServer(peer, os.getpid(), Address(HOST, 0), _TOKEN, postgres, url)
            return
        if peer.name == BEFORE.name:
            # By its own tables, and as their owner: the role of a server may make none.
            _migrate(peer, url, folder)
        database_url = as_server(url) if peer.is_shiller else url
        async with _running(peer, postgres, url, database_url, folder / "server.log") as server:
            yield server


@asynccontextmanager
async def beside(server: RunningServer, log: Path, **variables: str) -> AsyncIterator[RunningServer]:
    """One more process of the same peer on the same database, with these variables besides."""
    peer = replace(server.peer, variables={**server.peer.variables, **variables})
    database_url = as_server(server.database_url)
    async with _running(peer, server.postgres, server.database_url, database_url, log) as another:
        yield another


@asynccontextmanager
async def _running(
    peer: Peer, postgres: Postgres, url: str, database_url: str, log: Path
) -> AsyncIterator[RunningServer]:
    port = free_port()
    variables = {
        **{name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
        "PYTHONPATH": str(PROJECT),
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "TOKEN": _TOKEN,
        "START_VALUES": json.dumps(START_VALUES.as_json()),
        "NODE_ENV": "production",
        # Its trainees come by the thousand from one address, which it would pace.
        **({"SEED_DEMO": "true", "SEATS_LIMIT": "100000"} if peer.is_shiller else {}),
        **peer.variables,
    }
    command = [node_command() if part == "node" else part for part in peer.command]
    process = _start(command, variables, log.parent, log)
    try:
        await _until_it_listens(process, port, log)
        token = await _log_in(port) if peer.is_shiller else _TOKEN
        yield RunningServer(peer, process.pid, Address(HOST, port, is_bare=peer.is_bare), token, postgres, url)
        if process.poll() is not None:
            raise RuntimeError(f"{peer.name} has ended by itself:\n{_tail(log)}")
    finally:
        _end(process)


def _migrate(peer: Peer, url: str, folder: Path) -> None:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    subprocess.run(
        [_PYTHON, "-m", "server", "migrate", "up"],
        cwd=folder,
        env={**kept, "DATABASE_URL": url, **peer.variables},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _start(command: Sequence[str], variables: Mapping[str, str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )


async def _until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE_SECONDS
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server does not start:\n{_tail(log)}")
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return


async def _log_in(port: int) -> str:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False, timeout=60) as http:
        answer = await http.post("/api/v1/auth/login", json=_DEMO)
        return str(answer.raise_for_status().json()["token"])


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _own_cpu() -> float:
    return cpu_seconds(os.getpid())
