"""The commands and the call: a day's work in a server in memory gets into a database while that server runs."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from server.domain.events import NoteAdded
from server.domain.moving import Part
from server.ports.moving import MovingStore
from server.ports.results import StorageUnavailable
from server.storage.memory import MemoryStorage
from server.transport.moving.writing import write_line
from tests.support.moving import exported, schools_in, types_of, with_data
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import DEMO, running_server
from tests.support.scenario import (
    DEMO_EMAIL,
    DEMO_PASSWORD,
    ServerProcess,
    end_database_left_in,
    errors_in,
    run_command,
    scrubbed_environment,
    serving,
    wait_until,
)
from tests.support.scenario_clients import Json, World
from tests.support.school_worlds import a_world

PASSWORD = "scenario-password"


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("memory"), USE_IN_MEMORY="true", LOG_FORMAT="json") as server:
        yield server


@contextmanager
def client_of(server: ServerProcess, email: str = DEMO_EMAIL, password: str = DEMO_PASSWORD) -> Generator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/api/v1", trust_env=False, timeout=PATIENCE_SECONDS) as http:
        token = posted(http, "/auth/login", email=email, password=password)["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


def posted(http: httpx.Client, path: str, **body: Any) -> Json:
    return http.post(path, json=body).raise_for_status().json()


def export_all(server: ServerProcess, file: Path) -> subprocess.CompletedProcess[str]:
    return run_command(
        "export-all", server.url, str(file), "--email", DEMO_EMAIL,
        folder=file.parent, SHILLER_PASSWORD=DEMO_PASSWORD, NO_PROXY="*",
    )  # fmt: skip


async def a_days_work(world: World, http: httpx.Client) -> tuple[Json, Json]:
    """Sessions that ended and one that is open, with a trainee in it who has left; and that trainee's seat."""
    templates = http.get("/templates").raise_for_status().json()["items"]
    posted(http, "/trainers", email="grace@demo.example", name="Grâce", password=PASSWORD, role="trainer")
    http.delete(f"/templates/{templates[1]['id']}").raise_for_status()
    for number in range(3):
        ended = posted(http, "/sessions", template_id=templates[number * 2]["id"], title=f"Morning {number}")
        for place in range(20):
            posted(http, f"/sessions/{ended['id']}/events", id=str(uuid4()), kind="vitals", ramp_seconds=place / 3,
                   vitals={"heart_rate": 60 + place, "temperature": 36.6})  # fmt: skip
        note = {"id": str(uuid4()), "at": ended["created_at"], "kind": "plus", "text": "Bien vu 🚑"}
        posted(http, f"/sessions/{ended['id']}/annotations", **note)
        posted(http, f"/sessions/{ended['id']}/close")
    session = posted(http, "/sessions", template_id=templates[0]["id"])
    # It does not go on by itself while a busy machine moves the school.
    for action in ("start", "automation_off"):
        posted(http, f"/sessions/{session['id']}/events", id=str(uuid4()), kind="case", action=action)
    ann = await world.join(session, "Ann")
    seat = next(told for name, told in ann.heard if name == "session:joined")["seat"]
    await ann.disconnect()
    return session, seat


async def test_a_days_work_moves_while_the_server_runs(
    memory: ServerProcess, tmp_path: Path, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        http = stack.enter_context(client_of(memory))
        session, seat = await a_days_work(World(memory, {}, {}, stack), http)
        first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
        stopping = threading.Event()
        pushed: list[int] = []

        def push_on() -> None:
            with client_of(memory) as own:
                while not stopping.is_set():
                    values = {"heart_rate": 60 + len(pushed) % 100}
                    event = posted(
                        own, f"/sessions/{session['id']}/events", id=str(uuid4()), kind="vitals", vitals=values
                    )
                    pushed.append(event["seq"])

        pushing = threading.Thread(target=push_on)
        pushing.start()
        try:
            await asyncio.to_thread(wait_until, lambda: len(pushed) > 10, "pushes")
            told = await asyncio.to_thread(export_all, memory, first)
        finally:
            stopping.set()
            await asyncio.to_thread(pushing.join)
        assert told.returncode == 0, told.stderr
        assert stat.S_IMODE(first.stat().st_mode) == 0o600
        assert len(first.read_bytes().splitlines()) == int(told.stdout.split()[0])
        # What was acknowledged while it was read is in it or not, but never in part.
        imported = await asyncio.to_thread(
            run_command, "import-all", str(first), "--json", folder=tmp_path, DATABASE_URL=database_url
        )
        assert imported.returncode == 0, imported.stderr
        assert json.loads(imported.stdout)["status"] == "imported"
        # How far it is, after two seconds of it; nothing else.
        assert re.fullmatch(r"(\d+ lines \(\d+ %\)\n)*", imported.stderr)

        # The old one goes on, and nobody there was disturbed.
        going_on = posted(http, f"/sessions/{session['id']}/events", id=str(uuid4()), kind="note", text="still here")
        assert going_on["seq"] == pushed[-1] + 1
        assert export_all(memory, second).returncode == 0
        assert not errors_in(memory.log)

    with serving(tmp_path / "database", DATABASE_URL=database_url, LOG_FORMAT="json") as server:
        third = tmp_path / "third.jsonl"
        assert export_all(server, third).returncode == 0
        # Exports before and after are equal, but for the first line.
        assert third.read_bytes().splitlines()[1:] == first.read_bytes().splitlines()[1:]
        with client_of(server, "grace@demo.example", PASSWORD) as grace:
            sessions = grace.get("/sessions", params={"status": "all"}).raise_for_status().json()["items"]
            assert len(sessions) >= 4
        async with AsyncExitStack() as stack:
            back = await World(server, {}, {}, stack).join(session, seat=seat["token"])
            joined = next(told for name, told in back.heard if name == "session:joined")
            assert joined["seat"]["id"] == seat["id"]
            http = stack.enter_context(client_of(server))
            event = posted(http, f"/sessions/{session['id']}/events", id=str(uuid4()), kind="vitals",
                           vitals={"heart_rate": 99})  # fmt: skip
            assert event["seq"] == joined["session"]["last_seq"] + 1
            assert posted(http, f"/sessions/{session['id']}/close")["close_reason"] == "closed"
        assert not errors_in(server.log)


async def a_long_school(events: int) -> tuple[Any, list[bytes]]:
    """Made as lines: one session, whose record is so many notes."""
    world = await a_world(1, 0)
    await world.open_session()
    lines = await exported(world.storage, world.school.id)
    place = types_of(lines).index("session")
    last = json.loads(lines[place])["data"]["last_seq"]
    (told,) = [*await world.storage.sessions.events_after(world.sessions[0], 0, 1)] or [None]
    assert told is not None
    made = [
        replace(told, id=uuid4(), seq=seq, by=replace(told.by), fact=NoteAdded(f"Note {seq}"))
        for seq in range(last + 1, events + 1)
    ]
    session = with_data(lines[place], last_seq=events)
    head = [*lines[:place], session, *lines[place + 1 : place + 1 + last], *(write_line(each, 0) for each in made)]
    rest = lines[place + 1 + last : -1]
    return world.school, [*head, *rest, with_data(lines[-1], lines=len(head) + len(rest) + 1)]


def importing(url: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "server", "import-all", "-"],
        cwd=folder, env=scrubbed_environment({"DATABASE_URL": url}), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def has_written(url: str) -> bool:
    """Somebody who has not committed yet."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
        ).fetchone()
    return row is not None and row[0] > 0


def test_one_interrupt_ends_an_import_that_waits_for_more_to_read(database_url: str, tmp_path: Path) -> None:
    _, lines = asyncio.run(a_long_school(6000))
    whole = b"".join(lines)
    process = importing(database_url, tmp_path)
    assert process.stdin is not None
    process.stdin.write(whole[: len(whole) // 2])
    process.stdin.flush()
    wait_until(lambda: has_written(database_url), "the import to have written something")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) == 1
    _, err = process.communicate()
    assert err.endswith(b"Aborted!\n"), err
    assert asyncio.run(schools_in(database_url)) == set()


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_an_import_that_is_killed_leaves_nothing(database_url: str, tmp_path: Path, share: float) -> None:
    school, lines = asyncio.run(a_long_school(6000))
    whole = b"".join(lines)
    process = importing(database_url, tmp_path)
    assert process.stdin is not None
    process.stdin.write(whole[: int(len(whole) * share)])
    process.stdin.flush()

    wait_until(lambda: has_written(database_url), "the import to have written something")
    process.kill()
    process.communicate()
    wait_until(lambda: not has_written(database_url), "the database to have undone it")
    assert asyncio.run(schools_in(database_url)) == set()

    again = importing(database_url, tmp_path)
    out, err = again.communicate(whole)
    assert again.returncode == 0, err
    assert b"6000 event" in out
    assert asyncio.run(schools_in(database_url)) == {school.id}


def test_into_the_embedded_database_and_again(memory: ServerProcess, tmp_path: Path, data_dir: Path) -> None:
    file = tmp_path / "school.jsonl"
    assert export_all(memory, file).returncode == 0
    variables = {"DATA_DIR": str(data_dir)}
    try:
        first = run_command("import-all", str(file), folder=tmp_path, **variables)
        assert first.returncode == 0, first.stderr
        assert "imported the school" in first.stdout
        again = run_command("import-all", str(file), "--json", folder=tmp_path, **variables)
        assert again.returncode == 0, again.stderr
        assert json.loads(again.stdout)["status"] == "unchanged"
        assert DEMO_EMAIL in run_command("trainer", "list", folder=tmp_path, **variables).stdout
    finally:
        end_database_left_in(data_dir)


def test_the_demo_school_that_is_there_is_named_and_may_stay(
    memory: ServerProcess, tmp_path: Path, database_url: str
) -> None:
    """Whoever started the server on the database before has a demo school there, with a hash of its own."""
    variables = {"DATABASE_URL": database_url}
    assert run_command("seed", folder=tmp_path, **variables).returncode == 0
    with client_of(memory) as http:
        posted(http, "/sessions", title="To be moved")
    file = tmp_path / "school.jsonl"
    assert export_all(memory, file).returncode == 0

    refused = run_command("import-all", str(file), "--json", folder=tmp_path, **variables)
    assert refused.returncode == 1
    told = json.loads(refused.stdout)
    assert told["status"] == "conflict"
    assert "another password" in told["conflicts"][0]["reason"]
    in_words = run_command("import-all", str(file), folder=tmp_path, **variables)
    assert in_words.returncode == 1
    assert "--keep-here" in in_words.stderr

    kept = run_command("import-all", str(file), "--keep-here", folder=tmp_path, **variables)
    assert kept.returncode == 0, kept.stderr
    assert "added to the school" in kept.stdout
    assert "To be moved" in run_command("session", "list", folder=tmp_path, **variables).stdout


def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path: Path, database_url: str) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(
        b'{"type":"export","version":1,"data":{"exported_at":"2026-11-28T12:00:00.000Z","server":"1"}}\n{"ty'
    )
    bad.chmod(0o644)
    refused = run_command("import-all", str(bad), folder=tmp_path, DATABASE_URL=database_url)
    assert refused.returncode == 1
    assert "line 2 is not JSON" in refused.stderr
    assert "chmod 600" in refused.stderr
    as_json = run_command("import-all", str(bad), "--json", folder=tmp_path, DATABASE_URL=database_url)
    assert json.loads(as_json.stdout) == {
        "status": "refused", "school": None, "lines": 2, "line": 2,
        "reason": "is not JSON: the file is cut, or was changed on its way",
    }  # fmt: skip
    in_memory = run_command("import-all", str(bad), folder=tmp_path, USE_IN_MEMORY="true")
    assert in_memory.returncode == 1
    assert "takes no import" in in_memory.stderr
    missing = run_command("import-all", "nowhere.jsonl", folder=tmp_path, DATABASE_URL=database_url)
    assert missing.returncode == 2
    away = run_command("import-all", str(bad), folder=tmp_path, DATABASE_URL="postgresql://127.0.0.1:1/none")
    assert away.returncode == 1
    assert "Traceback" not in refused.stderr + as_json.stderr + in_memory.stderr + missing.stderr + away.stderr


def test_an_export_writes_over_nothing_and_leaves_no_part(memory: ServerProcess, tmp_path: Path) -> None:
    there = tmp_path / "there.jsonl"
    there.write_bytes(b"mine")
    refused = export_all(memory, there)
    assert refused.returncode == 1
    assert "is there already" in refused.stderr
    assert there.read_bytes() == b"mine"
    wrong = run_command("export-all", memory.url, "new.jsonl", "--email", DEMO_EMAIL, "--password", "wrong-password",
                        folder=tmp_path, NO_PROXY="*")  # fmt: skip
    assert wrong.returncode == 1
    assert "refused" in wrong.stderr
    assert not (tmp_path / "new.jsonl").exists()


def test_an_export_without_room_leaves_no_part_and_says_so(memory: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "school.jsonl"
    words = [sys.executable, "-m", "server", "export-all", memory.url, str(file), "--email", DEMO_EMAIL]
    # 8 blocks of the shell's 1024 bytes.
    limited = ["bash", "-c", 'ulimit -f 8; exec "$@"', "bash", *words]
    environment = scrubbed_environment({"SHILLER_PASSWORD": DEMO_PASSWORD, "NO_PROXY": "*"})
    ran = subprocess.run(limited, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert f"{file} was not written: File too large. The school is where it was" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert list(tmp_path.iterdir()) == []
    assert export_all(memory, file).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_export_that_is_ended_leaves_nothing_that_looks_whole(
    memory: ServerProcess, tmp_path: Path, number: int
) -> None:
    file, draft = tmp_path / "school.jsonl", tmp_path / ".school.jsonl.new"
    environment = scrubbed_environment({"SHILLER_PASSWORD": DEMO_PASSWORD, "NO_PROXY": "*"})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        words = [sys.executable, "-m", "server", "export-all", url, str(file), "--email", DEMO_EMAIL]
        with subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL) as exporting:
            wait_until(draft.exists, "the draft")
            exporting.send_signal(number)
            exporting.wait(PATIENCE_SECONDS)
    assert not file.exists()
    assert draft.exists() == (number == signal.SIGKILL)
    # What a killed one has left is in nobody's way.
    assert export_all(memory, file).returncode == 0
    assert list(tmp_path.iterdir()) == [file]


async def test_an_export_is_one_at_a_time_and_stands_in_the_audit() -> None:
    async with running_server() as server:
        await server.login()
        async with server.http.stream("GET", "/api/v1/school/export") as first:
            assert first.status_code == 200
            assert first.headers["content-type"].startswith("application/jsonl")
            assert first.headers["cache-control"] == "no-store"
            assert "attachment" in first.headers["content-disposition"]
            lines = (await first.aread()).splitlines()
        assert types_of(lines)[-1] == "end"
        again = (await server.http.get("/api/v1/school/export")).content.splitlines()
        assert again[1:] == lines[1:]
        audit = (await server.http.get("/api/v1/audit")).json()["items"]
        assert [each["action"] for each in audit[:2]] == ["exported", "exported"]
        assert audit[0]["subject"]["type"] == "school"
        trainer = server.app.services
        admin = await trainer.storage.accounts.find_credentials(DEMO["email"])
        assert admin is not None
        under_way = await trainer.school_export.begin(admin.trainer, trainer.clock())
        refused = await server.http.get("/api/v1/school/export")
        assert refused.status_code == 429
        assert refused.headers["retry-after"]
        await under_way.end()  # type: ignore[union-attr]
        assert (await server.http.get("/api/v1/school/export")).status_code == 200


class BreakingOff:
    """A storage that goes away after so many parts."""

    def __init__(self, store: MovingStore, parts: int) -> None:
        self._store = store
        self._parts = parts

    async def read_school(self, school_id: UUID) -> AsyncGenerator[Part]:
        left = self._parts
        async for part in self._store.read_school(school_id):
            if not left:
                raise StorageUnavailable("it went away")
            left -= 1
            yield part


async def test_a_storage_that_is_away_is_said_at_once() -> None:
    storage = MemoryStorage()
    storage.moving = BreakingOff(storage.moving, 0)  # type: ignore[assignment]
    async with running_server(storage) as server:
        await server.login()
        for _ in range(2):
            answer = await server.http.get("/api/v1/school/export")
            assert answer.status_code == 503
            assert answer.json()["code"] == "storage_unavailable"


async def test_an_export_that_breaks_off_leaves_no_file(tmp_path: Path, expects_errors: object) -> None:
    storage = MemoryStorage()
    async with running_server(storage) as server:
        await server.login()
        # More than is sent in one piece.
        for _ in range(40):
            await server.open_session(title="x" * 200)
        storage.moving = BreakingOff(storage.moving, 60)  # type: ignore[assignment]
        server.app.services.school_export._store = storage.moving
        told = await asyncio.to_thread(
            run_command, "export-all", server.url, "new.jsonl", "--email", DEMO["email"],
            folder=tmp_path, SHILLER_PASSWORD=DEMO["password"], NO_PROXY="*",
        )  # fmt: skip
        assert told.returncode == 1, told.stdout
        assert "Traceback" not in told.stderr
        assert not (tmp_path / "new.jsonl").exists()
