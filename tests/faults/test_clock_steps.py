"""The server's wall clock is put forward and back under sessions in full swing, as by a time server or by hand.

Whatever it is set to, what lasts goes on lasting: a step is none of the time that passes (`wait`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from server.clock import SteadyClock
from server.clock_mark import ClockMark
from server.domain.timestamps import write_timestamp
from server.storage.memory import MemoryStorage
from tests.scenario.conftest import Stage
from tests.support.clocks import SteppingClock
from tests.support.houses import open_postgres
from tests.support.running import running_server
from tests.support.scenario import DEMO_EMAIL, DEMO_PASSWORD, ServerProcess, run_command
from tests.support.scenario_clients import Line, Person, World, eventually, new_id
from tests.support.scenario_course import Course
from tests.support.scenario_values import seconds_between, value_at

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The job looks once a second here (EXPIRY_SECONDS), and when somebody wakes it.
LOOKS_IN_THREE_SECONDS = 15


class Looks:
    """How often the jobs have asked for the next expiry, and swept away the logins that have run out."""

    count = 0
    sweeps = 0


@pytest.fixture
def now() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
async def world(now: SteppingClock, looks: Looks, database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A server inside this process, for its clock is the test's; the rest is as real as ever."""
    async with open_postgres(database_url) as storage, running_server(storage, now=now) as server:
        next_expiry = storage.sessions.next_expiry

        async def look() -> datetime | None:
            looks.count += 1
            return await next_expiry()

        delete_expired_tokens = storage.accounts.delete_expired_tokens

        async def sweep(at: datetime) -> int:
            looks.sweeps += 1
            return await delete_expired_tokens(at)

        storage.sessions.next_expiry = look  # type: ignore[method-assign]
        storage.accounts.delete_expired_tokens = sweep  # type: ignore[method-assign]
        stage = Stage(ServerProcess(tmp_path, {}, url=server.url))
        await asyncio.to_thread(stage.set_up_accounts, ("trainer", "colleague"))
        async with AsyncExitStack() as stack:
            yield World(stage.server, stage.tokens, stage.accounts, stack)


async def test_the_record_is_whole_whatever_the_clock_does(world: World, now: SteppingClock) -> None:
    course = await Course.begin(world)
    before, began = now(), asyncio.get_running_loop().time()
    for step in (-HOUR, 2 * HOUR, timedelta(milliseconds=-700), -3 * DAY, 2 * DAY, timedelta(minutes=-1)):
        now.step(step)
        await course.confirms(5)
    passed = (now() - before).total_seconds()
    assert passed == pytest.approx(asyncio.get_running_loop().time() - began, abs=5)
    await course.ends_whole(lines_held=True)


async def test_a_session_expires_once(world: World, now: SteppingClock) -> None:
    owner = await world.person("trainer")
    session, longer = await owner.open_session(duration_minutes=30), await owner.open_session(duration_minutes=600)
    watcher, ann = await world.watch(session), await world.join(session, "Ann")
    staying = await world.join(longer, "Ben")
    await _set_forward(world, now, owner, session)
    now.wait(HOUR)
    for line in (watcher, ann):
        assert (await line.expect("session:closed"))["reason"] == "expired"
    for step in (-2 * HOUR, 3 * HOUR, -HOUR):
        now.step(step)
        await _one_more_expires(world, now)
        assert (await world.knock(code=session["code"]).refusal())["code"] == "session_expired"
    await watcher.settled()
    assert [len(line.all("session:closed")) for line in (watcher, ann)] == [1, 1]
    assert [event["kind"] for event in await owner.events(session)] == ["note", "lifecycle"]
    line = await world.trainer_line("trainer")
    pushed = await line.push(longer, vitals={"spo2": 90})
    await staying.expect_seq(pushed["seq"])
    assert not staying.lost.is_set()


async def _set_forward(world: World, now: SteppingClock, owner: Person, session: dict[str, Any]) -> None:
    """By far more than the session has to live; the job comes by, and it lives."""
    now.step(DAY)
    await _one_more_expires(world, now)
    await owner.post(f"/sessions/{session['id']}/events", {"id": new_id(), "kind": "note", "text": "goes on"}, 201)


async def _one_more_expires(world: World, now: SteppingClock) -> None:
    """What passes, passes by whatever clock there is."""
    owner = await world.person("trainer")
    session = await owner.open_session(duration_minutes=1)
    watcher = await world.watch(session)
    now.wait(timedelta(minutes=2))
    assert (await watcher.expect("session:closed"))["reason"] == "expired"


async def test_the_jobs_neither_race_nor_rest(world: World, now: SteppingClock, looks: Looks) -> None:
    """Each of four looks waits a second for the next; one may come early, for an expiry that is due just then."""
    owner = await world.person("trainer")
    await owner.open_session(duration_minutes=90)
    for step in (-DAY, 2 * DAY, -4000 * DAY):
        now.step(step)
        now.wait(timedelta(minutes=11))
        began, before, sweeps = asyncio.get_running_loop().time(), looks.count, looks.sweeps

        async def looked_again() -> bool:
            return looks.count >= before + 4  # noqa: B023 - asked within this round

        await eventually(looked_again, "the jobs to go on")
        assert asyncio.get_running_loop().time() - began > 1.5
        assert looks.sweeps > sweeps


async def test_a_ramp_goes_on_as_if_nothing_had_happened(world: World, now: SteppingClock) -> None:
    """It neither stands for as long as the clock was put back, nor arrives with the step; nor does the next one."""
    session = await (await world.person("trainer")).open_session()
    line, ann = await world.watch(session), await world.join(session, "Ann")
    pushed = await line.push(session, vitals={"heart_rate": 175}, ramp_seconds=3600)
    values = (await ann.expect_seq(pushed["seq"]))["last_values"]
    for step, value in ((-HOUR, 100), (2 * HOUR, 125), (-DAY, 150)):
        now.step(step)
        now.wait(timedelta(minutes=15))
        # A minute more is 1.7: what this machine needs of real time besides.
        assert value - 1 <= value_at(values, "heart_rate", await ann.clock()) <= value + 3
    pushed = await line.push(session, vitals={"heart_rate": 100}, ramp_seconds=10)
    told = await ann.expect_seq(pushed["seq"])
    ramp = told["last_values"]["ramps"]["heart_rate"]
    assert (ramp["started_at"], ramp["seconds"]) == (pushed["created_at"], 10)
    assert 149 <= ramp["from"] <= 153
    now.wait(timedelta(seconds=11))
    assert value_at(told["last_values"], "heart_rate", await ann.clock()) == 100


async def test_what_is_due_comes_when_its_time_has_passed(world: World, now: SteppingClock) -> None:
    """A cuff that measures each minute: not with a step forward, and not an hour late after one back."""
    session = await (await world.person("trainer")).open_session()
    watcher, ann = await world.watch(session), await world.join(session, "Ann")
    now.stand_still()
    asked = await ann.ask("action:take", {"id": new_id(), "action": "nibp_cycle", "details": {"minutes": 1}})

    def measured() -> int:
        return sum(event["by"]["role"] == "system" for event in watcher.all("event:added"))

    for count, step in enumerate((HOUR, -2 * HOUR), start=1):
        now.step(step)
        pushed = await (await world.trainer_line("trainer")).push(session, vitals={"spo2": 90 + count})
        await ann.expect_seq(pushed["seq"])
        await watcher.settled()
        assert measured() == count - 1
        now.wait(timedelta(minutes=1, seconds=1))
        await eventually(lambda: _is(measured() == count), "the cuff to measure")  # noqa: B023 - waited for here
    last = watcher.all("event:added")[-1]
    assert 120 <= seconds_between(asked["event"]["created_at"], last["created_at"]) <= 123


async def _is(so: bool) -> bool:
    return so


async def test_whoever_waits_for_a_limit_waits_seconds(world: World, now: SteppingClock) -> None:
    """Also when the clock is put back by an hour meanwhile, and no fewer when it is put forward."""
    session = await (await world.person("trainer")).open_session()
    ann = await world.join(session, "Ann")
    now.stand_still()
    stood = now()
    await _until_limited(lambda: _action(ann))
    await _until_limited(lambda: _wrong_code(world))
    await _until_limited(lambda: _wrong_password(world))
    for step in (-HOUR, 2 * HOUR):
        now.step(step)
        assert now() == stood
        for ask in (lambda: _action(ann), lambda: _wrong_code(world), lambda: _wrong_password(world)):
            assert await ask() == "rate_limited"
    now.wait(timedelta(minutes=5))
    assert await _action(ann) == "ok"
    assert await _wrong_code(world) == "not_found"
    assert await _wrong_password(world) == "unauthenticated"


async def _until_limited(ask: Callable[[], Awaitable[str]]) -> None:
    for _ in range(200):
        if await ask() == "rate_limited":
            return
    raise AssertionError("nothing was limited")


async def _action(trainee: Line) -> str:
    ack = await trainee.send("action:take", {"id": new_id(), "action": "marker"})
    return "ok" if ack["ok"] else ack["error"]["code"]


async def _wrong_code(world: World) -> str:
    answer = await (await world.person()).http.post("/join", json={"code": "ZZZZZZ"})
    if answer.status_code == 429:
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    return answer.json()["code"]


async def _wrong_password(world: World) -> str:
    body = {"email": "trainer@demo.example", "password": "wrong-password"}
    answer = await (await world.person()).http.post("/auth/login", json=body)
    if answer.status_code == 429:
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    return answer.json()["code"]


async def test_a_login_lasts_twelve_hours(world: World, now: SteppingClock, looks: Looks) -> None:
    """Whatever the clock is set to; one that has ended stays ended when it is put back."""
    trainer = await world.person("trainer")
    await trainer.open_session(duration_minutes=24 * 60)
    line = await world.trainer_line("trainer")
    for step in (-HOUR, 3 * DAY):
        now.step(step)
        await line.clock()
    now.wait(11 * HOUR)
    await line.clock()
    assert (await trainer.call("GET", "/me")).status_code == 200
    now.wait(HOUR)
    await line.expect("disconnect")
    await trainer.call("GET", "/me", 401)
    swept = looks.count + 2

    async def has_swept() -> bool:
        return looks.count >= swept

    await eventually(has_swept, "the jobs to have swept the login away")
    body = {"email": DEMO_EMAIL, "password": DEMO_PASSWORD}
    login = await (await world.person()).post("/auth/login", body)
    again = await world.person(token=login["token"])
    assert seconds_between(await _server_time(world, login["token"]), login["expires_at"]) <= 12 * 3600
    now.step(-DAY)
    await trainer.call("GET", "/me", 401)
    await again.call("GET", "/me", 200)


async def test_with_no_session_open_the_clock_counts_at_once(world: World, now: SteppingClock) -> None:
    owner = await world.person("trainer")
    session = await owner.open_session()
    before = now()
    now.step(-HOUR)
    assert now() >= before
    await owner.post(f"/sessions/{session['id']}/close")

    async def is_back() -> bool:
        return now() < before

    await eventually(is_back, "the clock to be taken over")
    again = await owner.open_session()
    assert seconds_between(again["created_at"], session["created_at"]) > 3000


async def test_a_server_that_starts_again_goes_on_where_the_record_is() -> None:
    storage, before = MemoryStorage(), SteppingClock()
    async with running_server(storage, now=before) as server:
        await server.login()
        session = await server.open_session()
    before.step(-HOUR)
    now = before.starts_anew()
    assert write_timestamp(now()) < session["updated_at"]
    async with running_server(storage, now=now, is_seeded=False):
        assert write_timestamp(now()) >= session["updated_at"]


async def test_a_server_that_starts_again_goes_on_evenly_after_a_step_forward(tmp_path: Path) -> None:
    storage, before = MemoryStorage(), SteppingClock()
    async with running_server(storage, now=before, mark=ClockMark(tmp_path)) as server:
        await server.login()
        session = await server.open_session(duration_minutes=30)
        await eventually(lambda: _is((tmp_path / "clock.json").exists()), "the mark to be left")
    before.step(DAY)
    before.wait(timedelta(minutes=10))
    now, ended = before.starts_anew(), before.starts_anew()
    assert now() > before() + HOUR
    async with running_server(storage, now=now, is_seeded=False, mark=ClockMark(tmp_path)) as server:
        assert 590 <= seconds_between(session["created_at"], write_timestamp(now())) <= 700
        await server.login()
        found = (await server.http.get(f"/api/v1/sessions/{session['id']}")).json()
        assert found["closed_at"] is None
    # Once the machine has started anew nothing is known any more.
    async with running_server(storage, now=ended, is_seeded=False, mark=ClockMark(tmp_path, boot="another")):
        assert ended() > before() + HOUR


async def test_the_command_goes_by_the_clock_of_the_server(database_url: str, tmp_path: Path) -> None:
    """What a server still counts as open, the command does not end."""
    async with open_postgres(database_url) as storage, running_server(storage) as server:
        await server.login()
        session = await server.open_session()
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "WITH head AS (UPDATE sync_head SET version = version + 1 WHERE school_id = %s RETURNING version)"
            " UPDATE sessions SET created_at = now() - interval '2 h', expires_at = now() - interval '1 min',"
            " sync_version = head.version FROM head WHERE id = %s",
            (session["school_id"], session["id"]),
        )

    async def expire() -> str:
        variables = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path / "data")}
        ran = await asyncio.to_thread(run_command, "expire", folder=tmp_path, **variables)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    mark = ClockMark(tmp_path / "data")
    mark.keep(SteadyClock().ahead - 3600 * 10**9)
    assert "expired 0 sessions" in await expire()
    mark.keep(SteadyClock().ahead)
    assert "expired 1 sessions" in await expire()


async def _server_time(world: World, token: str) -> str:
    line = Line(world.url, "/trainer", {"token": token})
    world.stack.push_async_callback(line.disconnect)
    return await (await line.connect()).clock()
