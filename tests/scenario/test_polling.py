"""Long-polling, spoken by hand: what is wrong is refused, and the same connection still answers afterwards."""

from __future__ import annotations

import json
from contextlib import suppress

import httpx
import pytest

from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario_clients import Json, World, new_id

# Messages of Socket.IO that are wrong: the connection lives on.
BAD_MESSAGES = [
    b"4", b"40", b"42", b"43", b"44", b"45", b"42[", b'42["x"', b"42[]", b"42{}", b'42/trainer,["connect"]', b"451-",
    b'451-/trainer,["x"]', b"40/nope,", b"40/trainer,{bad", b"42/trainer," + b"[" * 60_000, "4é😀".encode(), b"4\x1e4",
]  # fmt: skip
# No packets of Engine.IO: answered at once, and no fault of the server's; what becomes of the connection is open.
JUNK = [
    b"", b"x", b"hello", b"{}", b"9", b"0", b"7", b"8", b"2", b"2probe", b"3", b"5", b"6", b"b", b"bAAAA", b"-1",
    b"\x1e", b"\x1e\x1e\x1e", b"2\x1e2\x1e2", b"4\x1e4\x1e", b"\x1e" * 500, b"\xff\xfe", b"\xc3\x28", b"d=x", b"1:2",
    b"[" * 5000,
]  # fmt: skip
# A ceiling; a request that nobody answers hangs for longer, until its connection is taken for silent.
SOON_SECONDS = 40


class Poller:
    """An Engine.IO connection by long-polling on /trainer or /trainee."""

    def __init__(self, world: World, http: httpx.AsyncClient, namespace: str, auth: Json):
        self._http = http
        self._url = f"{world.url}/socket.io/"
        self._query = {"EIO": "4", "transport": "polling"}
        self._auth = auth
        self._waiting: list[str] = []
        self.namespace = namespace
        self._next_id = 100

    async def connect(self) -> Poller:
        opened = await self._http.get(self._url, params=self._query)
        assert opened.status_code == 200
        self._query["sid"] = json.loads(opened.text[1:])["sid"]
        assert (await self.post(f"40{self.namespace},{json.dumps(self._auth)}".encode())).status_code == 200
        await self.expect(f"40{self.namespace},")
        return self

    @property
    def sid(self) -> str:
        return self._query["sid"]

    async def post(self, payload: bytes, **query: str) -> httpx.Response:
        return await self._http.post(self._url, params={**self._query, **query}, content=payload, timeout=SOON_SECONDS)

    async def expect(self, start: str) -> str:
        while True:
            while self._waiting:
                packet = self._waiting.pop(0)
                if packet == "2":
                    await self.post(b"3")
                if packet.startswith(start):
                    return packet
            self._waiting += await self.poll()

    async def poll(self) -> list[str]:
        answer = await self._http.get(self._url, params=self._query)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.text.split("\x1e")

    async def ask(self, payload: str) -> Json:
        self._next_id += 1
        assert (await self.post(f"42{self.namespace},{self._next_id}{payload}".encode())).status_code == 200
        start = f"43{self.namespace},{self._next_id}"
        return json.loads((await self.expect(start))[len(start) :])[0]

    async def is_alive(self) -> bool:
        return (await self.ask('["clock:read",{}]'))["ok"] is True


async def _poller(world: World, namespace: str = "/trainer") -> Poller:
    session = await (await world.person("trainer")).open_session()
    auth = {"token": world.tokens["trainer"]} if namespace == "/trainer" else {"code": session["code"], "name": "Pol"}
    return await Poller(world, (await world.person()).http, namespace, auth).connect()


@pytest.mark.parametrize("message", BAD_MESSAGES, ids=lambda message: f"{message!r:.40}")
async def test_a_bad_message(memory_world: World, message: bytes) -> None:
    for namespace in ("/trainer", "/trainee"):
        poller = await _poller(memory_world, namespace)
        assert (await poller.post(message)).status_code == 200
        assert await poller.is_alive()


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: f"{junk!r:.40}")
async def test_a_junk_payload(memory_world: World, junk: bytes) -> None:
    poller = await _poller(memory_world)
    assert (await poller.post(junk)).status_code < 500
    afterwards = await poller.post(b'42/trainer,1["clock:read",{}]')
    assert afterwards.status_code in (200, 400)


@pytest.mark.parametrize("size", [200_000, 1_000_000])
async def test_a_message_that_is_too_large_by_polling(memory_world: World, size: int) -> None:
    poller = await _poller(memory_world)
    ack = await poller.ask(json.dumps(["note:add", {"id": new_id(), "text": "x" * size}]))
    assert ack["error"]["code"] == "too_large"
    assert await poller.is_alive()


async def test_a_payload_beyond_every_limit_is_refused_or_cut_but_leaves_nobody_waiting(memory_world: World) -> None:
    poller = await _poller(memory_world)
    # Which is: the line was cut while it was still sending.
    with suppress(httpx.NetworkError):
        assert (await poller.post(b"4" + b"x" * 8_000_000)).status_code in (400, 413)
    assert await (await _poller(memory_world)).is_alive()


@pytest.mark.parametrize(
    "query",
    [
        {}, {"EIO": "4"}, {"transport": "polling"}, {"EIO": "3", "transport": "polling"},
        {"EIO": "x", "transport": "polling"}, {"EIO": "4", "transport": "carrier-pigeon"},
        {"EIO": "4", "transport": "websocket"},
        {"EIO": "4", "transport": "polling", "sid": "nobody"}, {"EIO": "4", "transport": "polling", "sid": ""},
        {"EIO": "4", "transport": "polling", "sid": "é\x00"}, {"EIO": "4", "transport": "polling", "j": "x"},
        {"EIO": "4", "transport": "polling", "j": "1<script>"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_bad_handshake(memory_world: World, query: dict[str, str]) -> None:
    http = (await memory_world.person()).http
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        answer = await http.request(method, f"{memory_world.url}/socket.io/", params=query)
        assert answer.status_code < 500, (method, query)


async def test_a_connection_that_is_over_is_refused_and_no_fault(world: World) -> None:
    """What a client still sends after it left, or after it was let go, is its own mistake."""
    for namespace in ("/trainer", "/trainee"):
        left = await _poller(world, namespace)
        assert (await left.post(b"1")).status_code < 500
        for _ in range(3):
            assert (await left.post(b"3")).status_code == 400
        hung_up = await _poller(world, namespace)
        assert (await hung_up.post(f"41{namespace},".encode())).status_code < 500
        assert (await hung_up.post(f'42{namespace},1["clock:read",{{}}]'.encode())).status_code < 500


async def test_an_answer_brings_no_more_packets_than_every_client_takes_and_the_next_ones_the_rest(
    memory_world: World,
) -> None:
    """Python's hangs up on more than 16."""
    trainer = await memory_world.person("trainer")
    session = await trainer.open_session()
    auth = {"code": session["code"], "name": "Pol"}
    poller = await Poller(memory_world, (await memory_world.person()).http, "/trainee", auth).connect()
    await poller.expect('42/trainee,["session:joined"')
    line = await memory_world.trainer_line()
    seqs = [(await line.push(session, vitals={"spo2": spo2}))["seq"] for spo2 in range(50, 90)]
    await trainer.post(f"/sessions/{session['id']}/close")
    answers = [await poller.poll()]
    while "41/trainee," not in answers[-1]:
        answers.append(await poller.poll())
    assert max(len(answer) for answer in answers) == 16
    told = [packet for answer in answers for packet in answer if packet != "2"]
    start = "42/trainee,"
    assert [json.loads(packet.removeprefix(start))[0] for packet in told[-2:-1]] == ["session:closed"]
    pushed = [json.loads(packet.removeprefix(start))[1]["seq"] for packet in told if "vitals:pushed" in packet[:30]]
    assert pushed == seqs


async def test_a_polling_trainee_is_let_go_when_the_session_closes(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    pol = await world.join(session, "Pol", transport="polling")
    await trainer.post(f"/sessions/{session['id']}/close")
    assert (await pol.expect("session:closed"))["reason"] == "closed"
    await pol.expect("disconnect")


async def test_a_connection_moves_from_polling_to_a_websocket(world: World) -> None:
    """What a browser behind a proxy does: polling first, then the upgrade."""
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher = await world.watch(session)
    line = world.knock(code=session["code"], name="Upgraded")
    world.stack.push_async_callback(line.disconnect)
    await line.client.connect(
        world.url, namespaces=["/trainee"], auth={"code": session["code"]}, transports=["polling", "websocket"],
        wait_timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    await line.expect("session:joined")
    assert line.client.transport() == "websocket"
    event = await watcher.push(session, vitals={"spo2": 70})
    assert (await line.expect_seq(event["seq"]))["last_values"]["spo2"] == 70
