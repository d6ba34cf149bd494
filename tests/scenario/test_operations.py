"""What an operator relies on: health, metrics, configuration, and logs."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.scenario.conftest import Stage
from tests.support.patience import PATIENCE_SECONDS
from tests.support.postgres import DatabaseServer
from tests.support.scenario import (
    DEMO_EMAIL,
    DEMO_PASSWORD,
    ServerProcess,
    end,
    errors_in,
    run_command,
    scrubbed_environment,
    serving,
)
from tests.support.scenario_clients import World, new_id


def _get(server: ServerProcess, path: str) -> httpx.Response:
    return httpx.get(server.url + path, trust_env=False, timeout=PATIENCE_SECONDS)


def _log_in(server: ServerProcess, email: str = DEMO_EMAIL, password: str = DEMO_PASSWORD) -> httpx.Response:
    body = {"email": email, "password": password}
    return httpx.post(f"{server.url}/api/v1/auth/login", json=body, trust_env=False, timeout=PATIENCE_SECONDS)


def _recorded(text: str, kind: str) -> float:
    """Of a kind: the cuffs of other tests' sessions measure on this server meanwhile, and are actions."""
    families = text_string_to_metric_families(text)
    samples = (sample for family in families for sample in family.samples)
    return sum(it.value for it in samples if it.name == "shiller_events_total" and it.labels["kind"] == kind)


def _samples(text: str) -> dict[str, float]:
    """Every sample by its name, summed over its labels."""
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0) + sample.value
    return sums


async def test_health_and_readiness(world: World) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await (await world.person()).http.get(world.url + path)
        assert answer.status_code == 200


async def test_metrics_move(world: World) -> None:
    http = (await world.person()).http
    before = await http.get(f"{world.url}/metrics")
    assert before.headers["content-type"].startswith("text/plain")
    session = await (await world.person("trainer")).open_session()
    watcher, trainee = await world.watch(session), await world.join(session, "Ann")
    for _ in range(3):
        await watcher.push(session, vitals={"spo2": 70})
    await trainee.ask("action:take", {"id": new_id(), "action": "marker"})
    await watcher.refused("vitals:push", {})
    text = (await http.get(f"{world.url}/metrics")).text
    first, second = _samples(before.text), _samples(text)
    assert _recorded(text, "vitals") == _recorded(before.text, "vitals") + 3
    assert _recorded(text, "action") >= _recorded(before.text, "action") + 1
    moved = {name for name, value in second.items() if value > first.get(name, 0)}
    for part in ("push", "connection", "refusal", "http"):
        assert [name for name in moved if part in name], (part, sorted(second))
    for secret in (session["code"], session["id"], trainee.seat["token"], world.tokens["trainer"]):
        assert secret not in text


# One or two for each variable: every start takes a second.
BAD_CONFIGURATIONS = [
    ("USE_IN_MEMORY", "maybe"),
    ("DATABASE_URL", "mysql://x/y"),
    ("PORT", "http"),
    ("PORT", "65536"),
    ("PUBLIC_URL", "training.example.org"),
    ("ALLOWED_ORIGINS", "https://x/y"),
    ("REDIS_URL", "127.0.0.1:6379"),
    ("SESSION_MINUTES", "0"),
    ("SESSION_MINUTES", "nan"),
    ("EXPIRY_SECONDS", "-1"),
    ("TOKEN_HOURS", "inf"),
    ("SEED_DEMO", "perhaps"),
    ("TLS_CERT_PATH", "/nowhere/cert.pem"),
    ("TLS_KEY_PATH", "/nowhere/key.pem"),
    ("LOG_LEVEL", "loud"),
    ("LOG_FORMAT", "xml"),
]


@pytest.mark.parametrize(("name", "value"), BAD_CONFIGURATIONS)
def test_a_bad_value_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    storage = {} if name == "DATABASE_URL" else {"USE_IN_MEMORY": "true"}
    refused = run_command("serve", folder=tmp_path, **{"PORT": "0", **storage, name: value})
    assert refused.returncode != 0
    lines = refused.stderr.strip().splitlines()
    assert len(lines) == 1, refused.stderr
    assert name in lines[0]
    assert not refused.stdout


def test_half_of_tls_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("x", encoding="utf-8")
    refused = run_command("serve", folder=tmp_path, USE_IN_MEMORY="true", PORT="0", TLS_CERT_PATH="cert.pem")
    assert refused.returncode != 0
    assert "TLS_KEY_PATH" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_broken_tls_files_stop_the_start(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("not a certificate", encoding="utf-8")
    refused = run_command(
        "serve", folder=tmp_path, USE_IN_MEMORY="true", PORT="0", TLS_CERT_PATH="cert.pem", TLS_KEY_PATH="key.pem"
    )
    assert refused.returncode != 0
    assert "TLS_CERT_PATH" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_password_in_a_bad_url_is_not_printed(tmp_path: Path) -> None:
    refused = run_command("serve", folder=tmp_path, PORT="0", DATABASE_URL="mysql://me:topsecret@127.0.0.1/x")
    assert "topsecret" not in refused.stderr + refused.stdout


def test_a_database_out_of_reach_is_one_clear_line(tmp_path: Path) -> None:
    url = "postgresql://me:topsecret@127.0.0.1:9/x"
    refused = run_command("serve", folder=tmp_path, PORT="0", DATABASE_URL=url)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert "topsecret" not in refused.stderr + refused.stdout


def test_dotenv_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "USE_IN_MEMORY=true\nLOG_FORMAT=json\nPUBLIC_URL=https://from.dotenv\nSEED_DEMO=false\n", encoding="utf-8"
    )
    server = ServerProcess(tmp_path, {"PUBLIC_URL": "http://from.environment"})
    try:
        server.start()
        assert server.url.startswith("http://from.environment")
        assert "demo login" not in server.stdout
        assert all(line.startswith("{") for line in server.log.splitlines())
    finally:
        end(server)


def test_a_taken_port_is_a_clear_message(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run_command("serve", folder=tmp_path, USE_IN_MEMORY="true", PORT=str(port))
    assert refused.returncode != 0
    assert str(port) in refused.stderr
    assert "PORT" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture
def two_servers(tmp_path: Path, empty_database_url: str) -> Iterator[list[ServerProcess]]:
    """Launched at the same moment on one database without any table."""
    variables = {"DATABASE_URL": empty_database_url, "SEED_DEMO": "true"}
    servers = [ServerProcess(tmp_path / name, dict(variables)) for name in ("one", "two")]
    try:
        yield [server.launch() for server in servers]
    finally:
        for server in servers:
            end(server)


def test_two_servers_at_once_on_one_empty_database(two_servers: list[ServerProcess]) -> None:
    for server in two_servers:
        server.wait_for_url()
    for server in two_servers:
        assert _log_in(server).status_code == 200
        assert _get(server, "/readyz").status_code == 200
    for server in two_servers:
        assert server.stop() == 0
        assert not errors_in(server.log)


def test_an_external_database_gets_no_demo_unless_asked(tmp_path: Path, database_server: DatabaseServer) -> None:
    name = database_server.create_database(database_server.template)
    with serving(tmp_path, DATABASE_URL=database_server.url_of(name)) as server:
        assert "demo login" not in server.stdout
        assert _log_in(server).status_code == 401
    database_server.drop_database(name)


@pytest.mark.parametrize("level", ["info", "debug"])
async def test_json_logs_hold_no_secrets(tmp_path: Path, level: str) -> None:
    with serving(tmp_path, USE_IN_MEMORY="true", LOG_FORMAT="json", LOG_LEVEL=level) as server:
        stage = Stage(server)
        stage.set_up_accounts(("trainer",))
        async with AsyncExitStack() as stack:
            world = World(server, stage.tokens, stage.accounts, stack)
            trainer = await world.person("trainer")
            session = await trainer.open_session(title="Secret title")
            await (await world.person()).post("/join", {"code": session["code"]})
            await (await world.person()).post("/join", {"code": "WRONG7"}, 404)
            ann = await world.join(session, "Ann")
            watcher = await world.watch(session)
            await watcher.push(session, vitals={"spo2": 70})
            await watcher.refused("vitals:push", {"token": stage.tokens["trainer"]})
            assert (await world.knock(code=session["code"], seat="nope").connect()).client.connected
            await asyncio.to_thread(_log_in, server, DEMO_EMAIL, "mistyped-password")
            seat = ann.seat["token"]
        assert server.stop() == 0
    assert server.log
    for line in server.log.splitlines():
        assert isinstance(json.loads(line), dict)
    secrets = (DEMO_PASSWORD, "scenario-password", "mistyped-password", seat, session["code"], "WRONG7")
    for secret in (*secrets, *stage.tokens.values()):
        assert secret not in server.log


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_traceback_shows_no_values(tmp_path: Path, format_: str) -> None:
    """A fault in a login must not write the password beside the line that failed."""
    program = f"""
import structlog
from server.logs import set_up_logs
set_up_logs("info", {format_!r})
def log_in(password, token):
    raise RuntimeError("a fault")
try:
    log_in("top" + "secret", b"top" + b"secret")
except RuntimeError:
    structlog.get_logger("shiller").exception("a call failed")
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=scrubbed_environment({}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert "a fault" in ran.stderr
    assert "topsecret" not in ran.stderr


def test_doctor_and_migrate_status(tmp_path: Path, empty_database_url: str) -> None:
    variables = {"DATABASE_URL": empty_database_url}
    assert "missing" in run_command("migrate", "status", folder=tmp_path, **variables).stdout
    assert run_command("migrate", "up", folder=tmp_path, **variables).returncode == 0
    again = run_command("migrate", "up", folder=tmp_path, **variables)
    assert again.returncode == 0
    assert "missing" not in run_command("migrate", "status", folder=tmp_path, **variables).stdout
    seeded = run_command("seed", folder=tmp_path, **variables)
    assert seeded.returncode == 0
    assert DEMO_EMAIL in seeded.stdout
    doctor = run_command("doctor", folder=tmp_path, **variables)
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert "Traceback" not in doctor.stderr


CALLS = [
    ("post", "/auth/login"),
    ("post", "/auth/logout"),
    ("get", "/me"),
    ("post", "/join"),
    *((method, path) for path in ("/sessions", "/templates", "/trainers") for method in ("get", "post")),
    *((method, "/sessions/{id}") for method in ("get", "patch")),
    *((method, f"/{what}/{{id}}") for what in ("templates", "trainers") for method in ("get", "patch", "delete")),
    ("post", "/sessions/{id}/close"),
    *((method, "/sessions/{id}/events") for method in ("get", "post")),
    ("get", "/sessions/{id}/export"),
]


async def test_openapi_describes_every_call_of_the_contract(memory_world: World) -> None:
    document = await (await memory_world.person()).get("/openapi.json")
    base = "" if any(path.startswith("/api/v1") for path in document["paths"]) else "/api/v1"
    described = {(method, base + path) for path, item in document["paths"].items() for method in item}
    assert {(method, f"/api/v1{path}") for method, path in CALLS} <= described
