"""The commands beside a running server, on the database that both use."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import httpx

from tests.support.patience import PATIENCE_SECONDS
from tests.support.scenario import (
    DEMO_EMAIL,
    ServerProcess,
    end,
    end_database_left_in,
    run_command,
    scrubbed_environment,
)
from tests.support.scenario_clients import Json, Line, World, new_id

NO_ROOM_TO_PRINT = (
    "Error: What this command prints could not be written to its end: No space left on device. "
    "What was done before that is done."
)


async def _run(world: World, *arguments: str) -> str:
    ran = await asyncio.to_thread(run_command, *arguments, folder=world.server.folder, **world.server.variables)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


async def test_a_session_closed_by_the_command_line_is_closed_for_everybody(two_schools: World) -> None:
    session = await (await two_schools.person("trainer")).open_session(title="To be closed")
    watcher, ann = await two_schools.watch(session), await two_schools.join(session, "Ann")
    assert "To be closed" in await _run(two_schools, "session", "list")

    await _run(two_schools, "session", "close", session["code"].lower())

    for screen in (watcher, ann):
        assert (await screen.expect("session:closed"))["reason"] == "closed"
    await ann.expect("disconnect")
    listed = await _run(two_schools, "session", "list", "--status", "ended")
    assert session["code"] in listed


async def test_the_export_of_the_command_line_is_that_of_the_server(two_schools: World) -> None:
    trainer = await two_schools.person("trainer")
    session = await trainer.open_session()
    line = await two_schools.watch(session)
    await line.push(session, vitals={"temperature": 38.5})
    await line.ask("note:add", {"id": new_id(), "session_id": session["id"], "text": 'é, "x"\nlast'})
    path = f"/sessions/{session['id']}/export"
    exported = await _run(two_schools, "session", "export", session["id"])
    downloaded = (await trainer.call("GET", path)).text
    assert _rows(exported) == _rows(downloaded)
    as_json = json.loads(await _run(two_schools, "session", "export", session["code"], "--format", "json"))
    assert as_json == (await trainer.call("GET", path, params={"format": "json"})).json()


async def test_what_is_printed_onto_a_full_disk_ends_in_a_sentence(two_schools: World) -> None:
    session = await (await two_schools.person("trainer")).open_session()
    environment = scrubbed_environment(two_schools.server.variables)
    for command in (("session", "export", session["id"]), ("session", "list"), ("document",), ("--help",)):
        words = [sys.executable, "-m", "server", *command]
        with Path("/dev/full").open("wb") as full:
            ran = await asyncio.to_thread(
                subprocess.run, words, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert ran.returncode == 1, command
        assert ran.stderr.splitlines() == [NO_ROOM_TO_PRINT]


def test_a_server_that_cannot_say_where_it_runs_does_not_run() -> None:
    environment = scrubbed_environment({"USE_IN_MEMORY": "true", "PORT": "0"})
    with Path("/dev/full").open("wb") as full:
        words = [sys.executable, "-m", "server", "serve"]
        ran = subprocess.run(words, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == NO_ROOM_TO_PRINT


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))


async def test_one_new_school_by_many_commands_at_once_is_one_school(two_schools: World) -> None:
    name = f"School {new_id()}"
    emails = [f"{new_id()}@many.example" for _ in range(4)]
    adds = [
        ("trainer", "add", email, "--name", "One", "--school", name, "--password", "a-password") for email in emails
    ]
    await asyncio.gather(*(_run(two_schools, *add) for add in adds))
    listed = (await _run(two_schools, "trainer", "list")).splitlines()
    assert listed.count(name) == 1
    # Everybody is in it: they stand below its name, one a line, up to the next school.
    below = listed[listed.index(name) + 1 :][: len(emails)]
    assert {line.split()[0] for line in below} == set(emails)


async def test_a_new_password_by_the_command_line_ends_the_logins(two_schools: World) -> None:
    email = f"{new_id()}@other.example"
    add = ("trainer", "add", email, "--name", "Forgetful", "--school", "Other school", "--password", "first-password")
    await _run(two_schools, *add)
    stranger = await two_schools.person()
    old: Json = {"email": email, "password": "first-password"}
    token = (await stranger.post("/auth/login", old))["token"]
    line = Line(two_schools.url, "/trainer", {"token": token})
    two_schools.stack.push_async_callback(line.disconnect)
    await line.connect()

    await _run(two_schools, "trainer", "passwd", email, "--password", "second-password")

    await (await two_schools.person(token=token)).get("/me", 401)
    await stranger.post("/auth/login", old, 401)
    await stranger.post("/auth/login", {**old, "password": "second-password"})
    await line.expect("disconnect")


async def test_the_command_line_refuses_in_a_sentence(two_schools: World, tmp_path: Path) -> None:
    variables = two_schools.server.variables
    for arguments in (
        ("session", "close", "ZZZZZZ"),
        ("trainer", "passwd", "nobody@nowhere.example"),
        ("trainer", "add", DEMO_EMAIL, "--name", "X", "--school", "Other school", "--password", "long-enough"),
        ("trainer", "add", "x@y.example", "--name", "X", "--school", "Other school", "--password", "short"),
    ):
        ran = await asyncio.to_thread(run_command, *arguments, folder=tmp_path, **variables)
        assert ran.returncode != 0, arguments
        assert ran.stderr.strip()
        assert "Traceback" not in ran.stderr, arguments


def test_commands_and_a_second_server_share_the_embedded_database(tmp_path: Path, data_dir: Path) -> None:
    """Whoever leaves first does not take the database away from the others. A server that would hear nothing of the
    other is not let in.
    """
    variables = {"DATA_DIR": str(data_dir), "REDIS_URL": "redis://127.0.0.1:9/0"}
    first, second = (ServerProcess(tmp_path / name, dict(variables)) for name in ("first", "second"))

    def is_ready(server: ServerProcess) -> bool:
        return httpx.get(f"{server.url}/readyz", trust_env=False, timeout=PATIENCE_SECONDS).status_code == 200

    try:
        first.start()
        listed = run_command("trainer", "list", folder=tmp_path, **variables)
        assert DEMO_EMAIL in listed.stdout, listed.stderr
        alone = run_command("serve", folder=tmp_path, DATA_DIR=str(data_dir), PORT="0")
        assert alone.returncode == 1
        assert "Another server runs on the database" in alone.stderr
        assert is_ready(first)
        second.start()
        assert first.stop() == 0
        assert is_ready(second)
        assert second.stop() == 0
        assert not (data_dir / "postgres" / "postmaster.pid").exists()
    finally:
        end(first)
        end(second)
        end_database_left_in(data_dir)
