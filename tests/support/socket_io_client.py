"""The socket.io-client of the browsers, run by Node: a trainer and a trainee, by each way to connect."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

from tests.support.programs import node
from tests.support.scenario import PATIENCE_SECONDS
from tests.support.scenario_clients import Json, World

WAYS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}
PUSHES = 20


async def check_course(world: World) -> None:
    """Pushed all at once, so that some are on their way while the connection moves to its WebSocket."""
    trainer = await world.person("trainer")
    sessions = {way: await trainer.open_session() for way in WAYS}
    course = {
        "url": world.url,
        "token": world.tokens["trainer"],
        "pushes": PUSHES,
        "sessions": {way: {"id": session["id"], "code": session["code"]} for way, session in sessions.items()},
    }
    told = await asyncio.to_thread(_run, course)
    assert [each["way"] for each in told] == list(WAYS)
    for each in told:
        # The last one when both are where they want to be.
        seqs = list(range(1, PUSHES + 2))
        assert each["ok"], each
        assert (each["acked"], each["added"]) == (seqs, seqs), each
        # Those who only show it may skip to the newest; they never go back.
        assert each["told"] == sorted(set(each["told"])), each
        assert each["told"][-1] == PUSHES + 1
        # Not always the first thing heard: what is pushed while the seat is taken may come just before it.
        assert each["joined"] == 1, each
        assert each["ended"] == WAYS[each["way"]][-1]


def _run(course: Json) -> list[Json]:
    done = subprocess.run(
        [node(), str(Path(__file__).with_suffix(".mjs"))],
        env={"COURSE": json.dumps(course)}, capture_output=True, text=True, timeout=4 * PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
