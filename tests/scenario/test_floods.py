"""One device guesses as fast as it can, behind the address of a whole class: the others get in all the same."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio

from server.domain.session import CODE_ALPHABET
from tests.scenario.conftest import PASSWORD, Stage
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import serving
from tests.support.scenario_clients import Json, World, eventually
from tests.support.scenario_frames import RawLine
from tests.support.scenario_problems import check_problem

# As it was found: of one device, in a second.
GUESSES_A_SECOND = 70
SOON_SECONDS = 60.0
# A busy machine makes fewer guesses a second.
REFUSED_BY_THEN = 20
KNOWN = "colleague@demo.example"
# Every few seconds a place comes free, and is whose who comes first; not again and again.
IN_A_ROW = 4
SEATS = 40
KNOCKS = 60
CROWD = 45


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server of its own: guesses count by address."""
    with serving(tmp_path, USE_IN_MEMORY="true", SEATS_LIMIT=str(SEATS)) as server:
        stage = Stage(server)
        stage.set_up_accounts(("trainer", "colleague"))
        async with AsyncExitStack() as stack:
            yield World(server, stage.tokens, stage.accounts, stack)


def wrong_codes() -> Iterator[str]:
    for letters in itertools.product(CODE_ALPHABET, repeat=5):
        yield "Z" + "".join(letters)


@asynccontextmanager
async def device(world: World, address: str = "127.0.0.1", **options: Any) -> AsyncGenerator[httpx.AsyncClient]:
    """With a jar for cookies, and a connection of its own; all of 127.0.0.0/8 is this machine."""
    transport = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(
        base_url=f"{world.url}/api/v1", transport=transport, timeout=PATIENCE_SECONDS, trust_env=False, **options
    ) as http:
        yield http


@asynccontextmanager
async def flood(guess: Callable[[], Awaitable[httpx.Response]]) -> AsyncGenerator[list[int]]:
    """Guesses at a steady pace, whatever becomes of them; begins with more than any limit lets through."""
    statuses: list[int] = []
    under_way: set[asyncio.Task[None]] = set()

    async def one() -> None:
        statuses.append((await guess()).status_code)

    async def all_of_them() -> None:
        while True:
            task = asyncio.create_task(one())
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            await asyncio.sleep(1 / GUESSES_A_SECOND)

    flooding = asyncio.create_task(all_of_them())
    try:
        yield statuses
    finally:
        flooding.cancel()
        for task in (flooding, *under_way):
            task.cancel()
        await asyncio.gather(flooding, *under_way, return_exceptions=True)


@asynccontextmanager
async def flood_of_codes(world: World, address: str = "127.0.0.1") -> AsyncGenerator[list[int]]:
    codes = wrong_codes()
    async with (
        device(world, address) as http,
        flood(lambda: http.post("/join", json={"code": next(codes)})) as statuses,
    ):
        await eventually(_in_force(statuses), "the limit")
        yield statuses


def _in_force(statuses: list[int], since: int = 0) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return statuses[since:].count(429) >= REFUSED_BY_THEN

    return look


@pytest.mark.parametrize("trainer_is", ["here", "elsewhere"])
async def test_right_codes_get_in_at_once(world: World, trainer_is: str) -> None:
    """60 devices that were never in, one after the other; by both doors."""
    trainer = await world.person("trainer")
    address = "127.0.0.1" if trainer_is == "here" else "127.0.0.2"
    flood_began = time.monotonic()
    async with flood_of_codes(world, address) as statuses:
        for number in range(60):
            if number % 10 == 0:
                session = await trainer.open_session()
            async with device(world, address) as http:
                began = time.monotonic()
                answer = await http.post("/join", json={"code": session["code"]})
                assert answer.status_code == 200, answer.text
                assert time.monotonic() - began < SOON_SECONDS
        flooded = len(statuses)
        if trainer_is == "here":
            session = await trainer.open_session()
            line = await world.join(session, "Ann")
            assert line.joined["session"]["id"] == session["id"]
    assert flooded > REFUSED_BY_THEN
    assert set(statuses) == {404, 429}
    # It may begin with so many, and is told of one a second from then on.
    assert statuses.count(404) <= 20 + time.monotonic() - flood_began + 1


async def test_a_seat_is_come_back_to_at_once(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    ann = await world.join(session, "Ann")
    await ann.disconnect()
    async with flood_of_codes(world):
        began = time.monotonic()
        back = await world.join(session, seat=ann.seat["token"])
        assert time.monotonic() - began < SOON_SECONDS
        assert back.seat["id"] == ann.seat["id"]


async def test_sockets_that_guess_hold_up_nobody(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    codes = wrong_codes()

    async def guess() -> Json:
        return await world.knock(code=next(codes), name="Eve").refusal()

    refusals: list[Json] = []

    over = asyncio.Event()

    async def guess_on() -> None:
        # The client may take a cancellation for a connection that failed.
        while not over.is_set():
            refusals.append(await guess())

    guessing = [asyncio.create_task(guess_on()) for _ in range(5)]
    try:

        async def limited() -> bool:
            return any(refusal["code"] == "rate_limited" for refusal in refusals)

        await eventually(limited, "connect_error rate_limited")
        began = time.monotonic()
        await world.join(session, "Ann")
        assert time.monotonic() - began < SOON_SECONDS
    finally:
        over.set()
        for task in guessing:
            task.cancel()
        await asyncio.gather(*guessing, return_exceptions=True)
    assert {refusal["code"] for refusal in refusals} <= {"not_found", "rate_limited"}
    waits = [refusal["retry_after"] for refusal in refusals if refusal["code"] == "rate_limited"]
    assert set(waits) <= {1, 2}, "seconds, as a number"


async def test_a_flood_of_guesses_at_once_is_refused_for_a_second(world: World) -> None:
    codes = wrong_codes()
    async with device(world) as http:
        began = time.monotonic()
        answers = await asyncio.gather(*(http.post("/join", json={"code": next(codes)}) for _ in range(300)))
        seconds = time.monotonic() - began
        told = [answer.status_code for answer in answers]
        assert set(told) == {404, 429}
        assert told.count(404) <= 20 + seconds + 1, "guesses side by side find each other"
        waits = {int(answer.headers["retry-after"]) for answer in answers if answer.status_code == 429}
        assert max(waits) <= 2

        async def told_again() -> bool:
            return (await http.post("/join", json={"code": next(codes)})).status_code == 404

        await eventually(told_again, "a wrong code to be told so", SOON_SECONDS)


async def test_the_right_password_on_a_known_device_at_once(world: World) -> None:
    login = {"email": KNOWN, "password": PASSWORD}
    async with device(world) as desk, device(world) as stranger, device(world) as other:
        assert (await desk.post("/auth/login", json=login)).status_code == 200
        assert (await other.post("/auth/login", json={**login, "email": "trainer@demo.example"})).status_code == 200
        async with flood(lambda: stranger.post("/auth/login", json={**login, "password": "wrong"})) as statuses:
            await eventually(_in_force(statuses), "the limit")
            for _ in range(5):
                # How long it takes is the hashing, and how busy the machine is.
                answer = await desk.post("/auth/login", json=login)
                assert answer.status_code == 200, answer.text
            # What one device has been given is good for those who logged in there, and for nothing else.
            for _ in range(IN_A_ROW):
                # Each success has emptied the account's bucket, which the flood fills again.
                await eventually(_in_force(statuses, since=len(statuses)), "the limit again")
                answer = await other.post("/auth/login", json=login)
                if answer.status_code == 429:
                    break
            check_problem(answer, 429, "rate_limited")
            wrong = [await desk.post("/auth/login", json={**login, "password": "wrong"}) for _ in range(20)]
            assert {answer.status_code for answer in wrong} == {401, 429}, "nor may it search"
        assert set(statuses) <= {401, 429}


async def test_the_cookies_are_out_of_reach_and_name_nobody(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    async with device(world) as http:
        joined = await http.post("/join", json={"code": session["code"]})
        logged_in = await http.post("/auth/login", json={"email": KNOWN, "password": PASSWORD})
        cookies = {
            cookie.split("=")[0]: cookie
            for cookie in joined.headers.get_list("set-cookie") + logged_in.headers.get_list("set-cookie")
        }
        assert set(cookies) == {"shiller_joined", "shiller_token", "shiller_desk"}
        for cookie in cookies.values():
            assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
            assert KNOWN.split("@")[0] not in cookie
        refused = await http.post("/join", json={"code": "ZZZZZZ"})
        assert refused.headers.get_list("set-cookie") == []
        logged_out = await http.post("/auth/logout", headers={"Authorization": f"Bearer {logged_in.json()['token']}"})
        assert [cookie.split("=")[0] for cookie in logged_out.headers.get_list("set-cookie")] == ["shiller_token"]


async def test_a_flood_of_seats_by_one_connection_and_a_crowd_that_comes_for_the_last_ones(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher = await world.watch(session)
    ann = await world.join(session, "Ann")
    line = await RawLine(world, "/trainee", {"code": session["code"]}).connect()
    for _ in range(KNOCKS):
        await line.write("41/trainee,")
        await line.write("40/trainee," + json.dumps({"code": session["code"]}))
    event = await watcher.push(session, vitals={"spo2": 70})
    await ann.expect_seq(event["seq"])

    def answers(kind: str) -> list[str]:
        return [frame for frame in line.frames if frame.startswith(f"{kind}/trainee,")]

    while len(answers("40")) + len(answers("44")) < KNOCKS + 1:
        await line.expect("4")
    # Ten at once; and a slow machine may take as long as one or two more of them need.
    assert len(answers("40")) <= KNOCKS / 2
    told = [json.loads(frame[len("44/trainee,") :]) for frame in answers("44")]
    assert [each["data"]["code"] for each in told if "data" in each].count("rate_limited") >= KNOCKS / 3

    async def join() -> str:
        one = world.knock(code=session["code"])
        world.stack.push_async_callback(one.disconnect)
        try:
            await one.connect()
        except socketio.exceptions.ConnectionError:
            return (await one.expect("connect_error"))["data"]["code"]
        return "in"

    crowd = await asyncio.gather(*(join() for _ in range(CROWD)))
    there = 1 + len(answers("40"))
    assert Counter(crowd) == {"in": SEATS - there, "full": CROWD - (SEATS - there)}
    await watcher.expect("trainees:changed", lambda told: len(told["trainees"]) == SEATS)
    # Who has a seat comes back to it, and a seat that is taken away is somebody else's.
    await ann.disconnect()
    back = await world.join(session, seat=ann.seat["token"])
    assert back.seat["id"] == ann.seat["id"]
    await watcher.ask("trainee:remove", {"session_id": session["id"], "seat_id": ann.seat["id"]})
    assert await join() == "in"
