"""What an operator relies on of the door for programs: how it starts, what it says of itself, how it stops."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from grpc_health.v1.health_pb2 import HealthCheckResponse
from grpclib import Status

from server.transport.refusals import CODES
from server.transport.rpc import shiller_pb2 as pb
from server.transport.rpc.statuses import STATUSES
from tests.support.proxy import postgres_proxy
from tests.support.rpc import Program, rpc_port
from tests.support.scenario import (
    DEMO_EMAIL,
    DEMO_PASSWORD,
    HASHES_AS_IN_LIFE,
    PATIENCE_SECONDS,
    ServerProcess,
    end,
    errors_in,
    run_command,
    scrubbed_environment,
    serving,
)
from tests.support.scenario_clients import World, eventually

MEMORY = {"USE_IN_MEMORY": "true", "PORT": "0"}


def run_without(module: str, *arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`shiller …` where this module cannot be had."""
    program = f"import sys; sys.modules[{module!r}] = None; from server.cli import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=scrubbed_environment({**MEMORY, **variables}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "way_out"),
    [
        ("grpc", "pip install 'shiller[grpc]'"),
        ("server.transport.rpc.shiller_pb2_grpc", "make stubs"),
    ],
)
def test_what_is_missing_is_said_with_the_way_out(tmp_path: Path, module: str, way_out: str) -> None:
    refused = run_without(module, "serve", folder=tmp_path, GRPC_PORT="0")
    assert refused.returncode != 0
    (line,) = refused.stderr.strip().splitlines()
    assert "GRPC_PORT" in line
    assert way_out in line
    doctor = run_without(module, "doctor", folder=tmp_path, GRPC_PORT="0")
    assert doctor.returncode == 1
    assert way_out in doctor.stdout


def test_where_it_is_not_wanted_nothing_of_it_is_needed(tmp_path: Path) -> None:
    doctor = run_without("grpc", "doctor", folder=tmp_path)
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert "GRPC_PORT" in doctor.stdout


def test_a_taken_port_is_a_clear_message(tmp_path: Path) -> None:
    """By another Shiller: left to itself gRPC would share the port with it."""
    with serving(tmp_path / "first", **MEMORY, GRPC_PORT="0") as server:
        port = str(rpc_port(server))
        refused = run_command("serve", folder=tmp_path, **MEMORY, GRPC_PORT=port)
        doctor = run_command("doctor", folder=tmp_path, **MEMORY, GRPC_PORT=port)
    assert refused.returncode != 0
    (line,) = refused.stderr.strip().splitlines()
    assert f"GRPC_PORT {port}" in line
    assert doctor.returncode == 1
    assert f"GRPC_PORT {port}" in doctor.stdout


async def test_it_is_ready_and_counted(world: World) -> None:
    http = (await world.person()).http
    assert (await http.get(f"{world.url}/readyz")).json() == {"status": "ready", "grpc": "up"}
    async with Program(world.server, world.tokens["trainer"]) as program:
        await program.call("UsersService/SyncUsers", pb.SyncUsersRequest())
        await program._send("UsersService/GetAllUsers", pb.GetUsersRequest(), 30)

    async def are_counted() -> bool:
        """A call is counted when its answer has gone."""
        metrics = (await http.get(f"{world.url}/metrics")).text
        return all(each in metrics for each in counted)

    counted = (
        'shiller_rpc_seconds_count{method="UsersService/SyncUsers",status="OK"}',
        'shiller_rpc_seconds_count{method="UsersService/GetAllUsers",status="PERMISSION_DENIED"}',
        'shiller_refusals_total{code="forbidden",door="grpc"}',
    )
    await eventually(are_counted, "both calls in the metrics")


# With grpcio: grpclib lets go of a connection as soon as it hears that the server is leaving.
WATCHING_AND_CALLING = """
import sys, threading
import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from server.transport.rpc import shiller_pb2, shiller_pb2_grpc

target, token, email = sys.argv[1:]
channel = grpc.insecure_channel(target)
watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
told = [next(watching).status]
print("watching", flush=True)
user = shiller_pb2.User(email=email, name="Ann", password="hashed for a while")
metadata = [("authorization", f"Bearer {token}")]
print("made", shiller_pb2_grpc.UsersServiceStub(channel).CreateUser(user, metadata=metadata, timeout=100).name)
try:
    for each in watching:
        told.append(each.status)
except grpc.RpcError as error:
    print(error.code().name)
print(told)
"""


async def test_what_is_under_way_is_finished_and_nobody_who_only_watches_holds_it_up(tmp_path: Path) -> None:
    with serving(tmp_path, **MEMORY, **HASHES_AS_IN_LIFE, GRPC_PORT="0", LOG_FORMAT="json") as server:
        body = {"email": DEMO_EMAIL, "password": DEMO_PASSWORD}
        login = httpx.post(
            f"{server.url}/api/v1/auth/login", json=body, trust_env=False, timeout=PATIENCE_SECONDS
        ).json()
        target = f"127.0.0.1:{rpc_port(server)}"
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WATCHING_AND_CALLING, target, login["token"], "ann@demo.example",
            env=scrubbed_environment({}), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        # Made before, for it takes as long as a part of the call.
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as http:
            await eventually(lambda: _is_under_way(http, server), "the call to be under way")
        server.ask_to_stop()
        said, _ = await asyncio.wait_for(program.communicate(), PATIENCE_SECONDS)
        assert await asyncio.to_thread(server.wait_for_exit) == 0, server.log
        assert "not finished in time" not in server.log
        serving_, leaving = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING
        assert said.decode().splitlines() == ["watching", "made Ann", "UNAVAILABLE", str([serving_, leaving])]
        assert not errors_in(server.log)


async def _is_under_way(http: httpx.AsyncClient, server: ServerProcess) -> bool:
    return "shiller_rpc_under_way 1.0" in (await http.get(f"{server.url}/metrics")).text


async def test_a_storage_that_is_away_is_said(tmp_path: Path, database_url: str) -> None:
    async with postgres_proxy(database_url) as proxy, AsyncExitStack() as stack:
        server = ServerProcess(tmp_path, {"DATABASE_URL": proxy.url, "SEED_DEMO": "true", "GRPC_PORT": "0"})
        stack.push_async_callback(asyncio.to_thread, end, server)
        await asyncio.to_thread(server.start)
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=PATIENCE_SECONDS) as http:
            login = (
                await http.post("/api/v1/auth/login", json={"email": DEMO_EMAIL, "password": DEMO_PASSWORD})
            ).json()
        async with Program(server, login["token"]) as program:
            await program.call("UsersService/SyncUsers", pb.SyncUsersRequest())
            await proxy.go_down()
            for method, request in (
                ("UsersService/SyncUsers", pb.SyncUsersRequest()),
                ("UsersService/GetAllUsers", pb.GetUsersRequest()),
            ):
                told = await program.refused(method, request, Status.UNAVAILABLE, "storage_unavailable")
                assert told.refusal.retry_after_seconds > 0
            await proxy.listen()
            await eventually(lambda: _is_answered(program), "the storage to be back")


async def _is_answered(program: Program) -> bool:
    return isinstance(await program._send("UsersService/SyncUsers", pb.SyncUsersRequest(), 30), pb.SyncUsersResponse)


def test_every_code_has_a_status() -> None:
    assert set(CODES) <= set(STATUSES)
