"""Guessing passwords and codes is slowed down, without shutting out those who do not guess."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from server.service.guessing import PASSWORDS_BY_ACCOUNT_HERE
from tests.scenario.conftest import PASSWORD, Stage
from tests.support.scenario import HASHES_AS_IN_LIFE, serving
from tests.support.scenario_clients import World, eventually
from tests.support.scenario_problems import check_problem

KNOWN = "colleague@demo.example"
# Far more than a person mistypes, far fewer than a search needs.
MANY = 60
# Every few seconds one more is let through, which may be in between; not again and again.
IN_A_ROW = 5


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server of its own: guesses count by address, and every test has the same one."""
    with serving(tmp_path, USE_IN_MEMORY="true", **HASHES_AS_IN_LIFE) as server:
        stage = Stage(server)
        stage.set_up_accounts(("trainer", "colleague"))
        async with AsyncExitStack() as stack:
            yield World(server, stage.tokens, stage.accounts, stack)


async def _log_in(world: World, email: str, password: str) -> httpx.Response:
    return await (await world.person()).call("POST", "/auth/login", json={"email": email, "password": password})


def _seconds_to_wait(response: httpx.Response) -> int:
    check_problem(response, 429, "rate_limited")
    seconds = int(response.headers["retry-after"])
    assert 1 <= seconds <= 3600
    return seconds


async def test_wrong_passwords(world: World) -> None:
    for _ in range(9):
        assert (await _log_in(world, KNOWN, PASSWORD)).status_code == 200
    refused = [await _log_in(world, KNOWN, f"wrong {number}") for number in range(3)]
    problems = [check_problem(answer, 401, "unauthenticated") for answer in refused]
    for _ in range(IN_A_ROW):
        while (answer := await _log_in(world, KNOWN, "wrong")).status_code != 429:
            refused.append(answer)
            assert len(refused) < MANY
        _seconds_to_wait(answer)
        right = await _log_in(world, KNOWN, PASSWORD)
        if right.status_code == 429:
            break
    _seconds_to_wait(right)
    assert all(problem == problems[0] for problem in problems)

    other = await _log_in(world, "trainer@demo.example", PASSWORD)
    assert other.status_code == 200
    assert (await (await world.person("colleague")).get("/me"))["email"] == KNOWN

    async def let_in() -> bool:
        return (await _log_in(world, KNOWN, PASSWORD)).status_code == 200

    await eventually(let_in, "the right password to be let in again")


async def test_an_unknown_email_is_refused_alike(world: World) -> None:
    """Same status, text, headers and number of tries, and about the same time."""
    took: dict[str, list[float]] = {KNOWN: [], "nobody@demo.example": []}
    told: set[tuple[str, ...]] = set()
    asked, begun = set(took), time.monotonic()
    while asked:
        for email in sorted(asked):
            began = time.perf_counter()
            answer = await _log_in(world, email, "wrong-password")
            if answer.status_code == 429:
                asked.remove(email)
                continue
            took[email].append(time.perf_counter() - began)
            assert answer.status_code == 401
            told.add((answer.text, *sorted(answer.headers.keys())))
            assert len(took[email]) < MANY
    assert len(told) == 1
    known, unknown = took.values()
    assert min(len(known), len(unknown)) >= 4, "a person may mistype"
    # While one is asked and then the other, one more may be let through to either.
    let_through = 1 + (time.monotonic() - begun) / PASSWORDS_BY_ACCOUNT_HERE.seconds_each
    assert abs(len(known) - len(unknown)) <= let_through, "the limit itself tells which emails exist"
    # The quickest: whatever else the machine does comes on top. Without a hash it is a fiftieth.
    assert 1 / 8 < min(known) / min(unknown) < 8, took


async def test_wrong_codes_and_a_trainee_that_has_its_seat(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    ann = await world.join(session, "Ann")
    token, seat_id = ann.seat["token"], ann.seat["id"]
    stranger = await world.person()
    for _ in range(MANY):
        await stranger.post("/join", {"code": session["code"]})
    wrong = [f"{number:06}".translate(str.maketrans("01", "ZY")) for number in range(222_222, 222_222 + MANY)]
    statuses: list[int] = []
    for code in wrong:
        answer = await stranger.call("POST", "/join", json={"code": code})
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            break
    assert set(statuses[:-1]) == {404}
    assert len(statuses) > 5, "a class behind one address may mistype"
    _seconds_to_wait(answer)

    # As many over the socket as a search would make, until the limit holds for a moment.
    async def limited() -> bool:
        return (await world.knock(code="ZZZZZZ", name="Guess").refusal())["code"] == "rate_limited"

    await eventually(limited, "connect_error rate_limited")
    await ann.disconnect()
    back = await world.join(session, seat=token)
    assert back.seat["id"] == seat_id
    assert back.joined["session"]["id"] == session["id"]
    # Those who are in are not disturbed.
    line = await world.watch(session)
    event = await line.push(session, vitals={"spo2": 70})
    await back.expect_seq(event["seq"])
