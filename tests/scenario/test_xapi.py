"""A record as xAPI, sent to what judges it at a learning record store: tests/xapi, a process of its own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.support.patience import PATIENCE_SECONDS
from tests.support.programs import node
from tests.support.scenario import PROJECT
from tests.support.scenario_clients import Json, World, new_id

FOLDER = PROJECT / "tests" / "xapi"
CHECKLIST = [{"key": "help", "text": "Calls for help"}, {"key": "shock", "text": "Shocks", "critical": True}]


async def _judged(statements: list[Json]) -> tuple[int, str]:
    assert (FOLDER / "node_modules").is_dir(), "«make test» installs it: npm ci in tests/xapi"
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(node(), "validate.mjs", cwd=FOLDER, stdin=pipe, stdout=pipe)
    said, _ = await asyncio.wait_for(running.communicate(json.dumps(statements).encode()), PATIENCE_SECONDS)
    assert running.returncode is not None
    return running.returncode, said.decode()


async def _statements(world: World) -> list[Json]:
    """Of a session in which everything happens that is told."""
    trainer, observer = await world.person("trainer"), await world.person("observer")
    template = await trainer.post("/templates", {"title": "VF", "checklist": CHECKLIST}, 201)
    session = await trainer.open_session(template_id=template["id"], title="Été | «choc»\\")
    path = f"/sessions/{session['id']}"
    ann = await world.join(session, "Ann")
    await ann.ask("action:take", {"id": new_id(), "action": "nibp_start"})
    for body in ({"marker": "adrenaline"}, {"text": "Ann was late"}):
        await trainer.post(f"{path}/events", {"id": new_id(), "kind": "note", **body}, 201)
    plus = {"id": new_id(), "at": session["created_at"], "kind": "plus", "text": "Ann led"}
    await observer.post(f"{path}/annotations", plus, 201)
    for person, score in ((trainer, 2), (observer, 1)):
        items = {item["key"]: {"score": score} for item in CHECKLIST}
        await person.call("PUT", f"{path}/scores", 200, json={"items": items})
    await trainer.post(f"{path}/close")
    return await trainer.get(f"{path}/export", format="xapi")


async def test_a_learning_record_store_takes_every_statement(memory_world: World) -> None:
    statements = await _statements(memory_world)
    verbs = [each["verb"]["id"].rpartition("/")[2] for each in statements]
    told = {"initialized", "interacted", "commented", "scored", "passed", "failed", "completed", "terminated"}
    assert set(verbs) == told
    assert await _judged(statements) == (0, f"{len(statements)} statements, 0 wrong\n")


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("actor", {"objectType": "Agent"}),
        ("verb", {"id": "passed"}),
        ("result", {"score": {"scaled": 75}}),
        ("context", {"registration": "evening"}),
        ("timestamp", "in the evening"),
    ],
)
async def test_what_is_no_statement_is_refused_there(part: str, wrong: Any) -> None:
    person = {"objectType": "Agent", "account": {"homePage": "https://shiller.example", "name": "1"}}
    right = {
        "actor": person,
        "verb": {"id": "https://shiller.example/did"},
        "object": {"id": "https://shiller.example/it"},
    }
    assert (await _judged([right]))[0] == 0
    code, said = await _judged([right | {part: wrong}])
    assert (code, f"at statement.{part}" in said) == (1, True), said
