"""`shiller demo`: a newcomer sees a whole case on a trainee's screen."""

from __future__ import annotations

import asyncio
import signal
import sys

from server.service.seeds import DEMO_CASE, course, read_case
from tests.support.delay import line_to
from tests.support.outage import confirmed
from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import scrubbed_environment
from tests.support.scenario_clients import Json, World
from tests.support.scenario_values import folded


async def test_a_trainee_sees_the_whole_demo_case(world: World) -> None:
    case = read_case(DEMO_CASE)
    steps = course(case)
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "demo", "--speed", "200", "--url", world.url,
        cwd=world.server.folder, env=scrubbed_environment({}),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert demo.stdout is not None
    assert demo.stderr is not None
    code = link = ""
    while not link:
        line = (await asyncio.wait_for(demo.stdout.readline(), PATIENCE_SECONDS)).decode()
        assert line, (await demo.stderr.read()).decode()
        if line.split()[:1] == ["code"]:
            code = line.split()[1]
        if "join link" in line:
            link = line.split()[-1]
    assert link == f"{world.url}/j/{code}"

    # It plays ten minutes in three seconds: it stands still while the trainee joins, however long that takes.
    demo.send_signal(signal.SIGSTOP)
    trainee = await world.join({"code": code}, "Newcomer")
    demo.send_signal(signal.SIGCONT)
    output, errors = await asyncio.wait_for(demo.communicate(), PATIENCE_SECONDS)
    assert (demo.returncode, errors.decode()) == (0, "")
    assert "Traceback" not in output.decode()
    for step in steps:
        assert step["title"] in output.decode()
    ended = await trainee.expect("session:closed")
    assert ended["reason"] == "closed"

    admin = await world.person("admin")
    events = await admin.events({"id": ended["id"]})
    pushes = [event for event in events if event["kind"] == "vitals"]
    assert [event["step"] for event in pushes] == [None, *(step["key"] for step in steps)], "the start, each step"
    assert [event["details"] for event in events if event["kind"] == "case"] == [
        {"action": "automation_off"},
        {"action": "started"},
    ]
    assert [event["text"] for event in events if event["kind"] == "note"] == [
        step["note"] for step in steps if step.get("note")
    ]
    # A push that a busy storage takes late is told before it has its number, and then once more.
    told = [each for each in trainee.all("vitals:pushed") if confirmed(each)]
    seqs = [one["seq"] for one in told]
    missed = [event for event in pushes if event["seq"] > trainee.joined["session"]["last_seq"]][: -len(seqs)]
    assert not missed
    assert seqs == [event["seq"] for event in pushes[-len(seqs) :]]
    last = {name: value for name, value in told[-1]["last_values"].items() if name != "ramps"}
    assert last == folded(events) == _left_behind(case)


def _left_behind(case: Json) -> Json:
    """The start values of the case, and what its steps make of them."""
    values = {**case["vitals"], "rhythm": case["rhythm"]}
    flags = dict(case["flags"])
    for step in course(case):
        values.update(step.get("vitals") or {})
        flags.update(step.get("flags") or {})
        values["rhythm"] = step.get("rhythm") or values["rhythm"]
    flags = {key: value for key, value in flags.items() if value is not None}
    return {**values, "flags": flags, "nibp": None}


async def test_a_demo_plays_over_a_line_that_is_slow(memory_world: World) -> None:
    """It is let in after more than a second."""
    async with line_to(memory_world.url) as line:
        line.delay = 0.6
        demo = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "demo", "--speed", "1000", "--url", line.url,
            cwd=memory_world.server.folder, env=scrubbed_environment({"PYTHONUNBUFFERED": "1"}),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert demo.stdout is not None
        assert demo.stderr is not None
        told = ""
        while course(read_case(DEMO_CASE))[0]["title"] not in told:
            said = await asyncio.wait_for(demo.stdout.readline(), PATIENCE_SECONDS)
            assert said, (await demo.stderr.read()).decode()
            told += said.decode()
        line.delay = 0.0
        output, errors = await asyncio.wait_for(demo.communicate(), PATIENCE_SECONDS)
    assert (demo.returncode, errors.decode()) == (0, "")
    assert "the session is closed" in output.decode()


async def test_a_demo_without_a_server_says_so(world: World) -> None:
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "demo", "--url", "http://127.0.0.1:9",
        cwd=world.server.folder, env=scrubbed_environment({}),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await asyncio.wait_for(demo.communicate(), PATIENCE_SECONDS)
    assert demo.returncode != 0
    assert "127.0.0.1:9" in errors.decode()
    assert "Traceback" not in errors.decode()
