"""The libraries that programs in other languages would call with, each as it comes: tests/rpc, grpclib, `buf curl`."""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from grpclib import Status

from server.transport.rpc import shiller_pb2 as pb
from tests.scenario.conftest import Stage
from tests.support.certificates import Certificate, make_certificate
from tests.support.patience import START_PATIENCE_SECONDS
from tests.support.programs import buf, node
from tests.support.rpc import Program, rpc_port
from tests.support.scenario import PATIENCE_SECONDS, PROJECT, ServerProcess, end, errors_in, wait_until
from tests.support.scenario_clients import World, new_id

FOLDER = PROJECT / "tests" / "rpc"
PROTO = PROJECT / "server" / "transport" / "rpc" / "shiller.proto"


@dataclass(frozen=True)
class Place:
    """A server, and with which certificate it answers; None: without TLS."""

    server: ServerProcess
    certificate: Certificate | None

    @property
    def target(self) -> str:
        return f"127.0.0.1:{rpc_port(self.server)}"


@pytest.fixture(scope="module")
def with_tls(postgres_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A second server on the same database."""
    folder = tmp_path_factory.mktemp("tls")
    certificate = make_certificate(folder)
    tls = {"TLS_CERT_PATH": str(certificate.path), "TLS_KEY_PATH": str(certificate.key_path)}
    server = ServerProcess(folder, {**postgres_stage.server.variables, **tls, "SEED_DEMO": "false"})
    try:
        server.launch()
        wait_until(lambda: "gRPC" in server.stdout, "the server with TLS", START_PATIENCE_SECONDS)
        yield Place(server, certificate)
        assert not errors_in(server.log)
    finally:
        end(server)


@pytest.fixture(params=["plain", "tls"])
def place(request: pytest.FixtureRequest, two_schools: World) -> Place:
    return Place(two_schools.server, None) if request.param == "plain" else request.getfixturevalue("with_tls")


@pytest.fixture(scope="module")
def descriptor_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proto") / "shiller.binpb"
    command = [buf(), "build", f"{PROTO}#include_package_files=false", "--as-file-descriptor-set", "-o", str(path)]
    subprocess.run(command, check=True, capture_output=True, cwd=path.parent)
    return path


async def run(*command: str, folder: Path = FOLDER, **environment: str) -> tuple[int, str, str]:
    running = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(running.communicate(), PATIENCE_SECONDS)
    assert running.returncode is not None
    return running.returncode, said.decode(), complained.decode()


@pytest.mark.parametrize("library", ["grpc_js", "connect"])
async def test_from_node(place: Place, two_schools: World, descriptor_set: Path, library: str) -> None:
    assert (FOLDER / "node_modules").is_dir(), "«make test» installs them: npm ci in tests/rpc"
    code, said, complained = await run(
        node(),
        f"{library}.mjs",
        TARGET=place.target,
        CA_FILE="" if place.certificate is None else str(place.certificate.path),
        DESCRIPTOR_SET=str(descriptor_set),
        ADMIN=two_schools.tokens["admin"],
        TRAINER=two_schools.tokens["trainer"],
        FOREIGN_ID=two_schools.accounts["outsider"]["id"],
    )
    assert code == 0, said + complained


async def test_the_program_of_the_page(place: Place, two_schools: World, tmp_path: Path) -> None:
    """docs/grpc.md, in Python: with grpcio, and classes that it makes itself."""
    page = (PROJECT / "docs" / "grpc.md").read_text(encoding="utf-8")
    program = re.search(r"^```python\n(# accounts\.py.*?)^```", page, re.DOTALL | re.MULTILINE)
    secure = re.search(r"`(grpc\.secure_channel\(.*?)`\.$", page, re.MULTILINE)
    assert program is not None
    assert secure is not None
    text = program[1]
    if place.certificate is not None:
        (tmp_path / "fullchain.pem").write_bytes(place.certificate.path.read_bytes())
        text = text.replace("grpc.insecure_channel(target)", secure[1])
    (tmp_path / "accounts.py").write_text(text, encoding="utf-8")
    (tmp_path / PROTO.name).write_bytes(PROTO.read_bytes())
    making = [sys.executable, "-m", "grpc_tools.protoc", "-I.", "--python_out=.", "--grpc_python_out=.", PROTO.name]
    made = await run(*making, folder=tmp_path)
    assert made[0] == 0, made
    email = f"{new_id()}@demo.example"
    calling = [sys.executable, "accounts.py", place.target, two_schools.tokens["admin"], email, "Ann"]
    assert await run(*calling, folder=tmp_path) == (0, "made Ann 1\nnow observer 2\n", "")
    code, said, _ = await run(*calling, folder=tmp_path)
    assert code == 0
    assert said.startswith("refused: ALREADY_EXISTS")


class Buf:
    """`buf curl` as somebody would type it; it learns the messages from the server itself."""

    def __init__(self, place: Place, token: str) -> None:
        tls = place.certificate
        self._base = f"{'http' if tls is None else 'https'}://{place.target}"
        self._how = ["--http2-prior-knowledge"] if tls is None else ["--cacert", str(tls.path)]
        self.token = token

    async def run(self, path: str, *options: str) -> tuple[int, str, str]:
        header = f"authorization: Bearer {self.token}"
        return await run(buf(), "curl", "--protocol", "grpc", *self._how, "-H", header, *options, self._base + path)

    async def call(self, method: str, **request: Any) -> Any:
        code, said, complained = await self.run(f"/shiller.v1.{method}", "-d", json.dumps(request))
        assert code == 0, complained
        return json.loads(said)

    async def refused(self, status: str, method: str, *options: str, **request: Any) -> None:
        code, said, complained = await self.run(f"/shiller.v1.{method}", "-d", json.dumps(request), *options)
        assert code != 0, said
        assert json.loads(complained)["code"] == status, complained


async def test_buf_curl(place: Place, two_schools: World) -> None:
    admin = Buf(place, two_schools.tokens["admin"])
    trainer, nobody = Buf(place, two_schools.tokens["trainer"]), Buf(place, "wrong")
    foreign = two_schools.accounts["outsider"]["id"]
    _, services, _ = await admin.run("", "--list-services")
    assert set(services.split()) >= {"shiller.v1.UsersService", "shiller.v1.TemplatesService", "grpc.health.v1.Health"}
    _, health, _ = await admin.run("/grpc.health.v1.Health/Check", "-d", '{"service": "shiller.v1.UsersService"}')
    assert json.loads(health) == {"status": "SERVING"}

    id_ = new_id()
    user = {"id": id_, "email": f"{id_}@demo.example", "name": "Ann", "role": "trainer", "password": "kept-by-buf"}
    made = await admin.call("UsersService/CreateUser", **user)
    assert (made["id"], made["syncVersion"]) == (id_, 1)
    assert (await admin.call("UsersService/UpdateUser", id=id_, name="Bea", syncVersion=1))["syncVersion"] == 2
    assert id_ in {each["id"] for each in (await admin.call("UsersService/GetAllUsers", pageSize=200))["users"]}
    synced = await admin.call(
        "UsersService/SyncUsers", localChanges=[{"id": id_, "role": "observer", "syncVersion": 2}]
    )
    assert {each["id"]: each["role"] for each in synced["serverUpdates"]}[id_] == "observer"
    await admin.refused("aborted", "UsersService/UpdateUser", id=id_, name="Stale", syncVersion=1)
    for id_of_nobody in (new_id(), foreign):
        await admin.refused("not_found", "UsersService/DeleteUser", id=id_of_nobody)
    await trainer.refused("permission_denied", "UsersService/GetAllUsers")
    await nobody.refused("unauthenticated", "TemplatesService/SyncTemplates")
    # Its own start, and the questions about the messages, are part of what it waits for.
    unmade = json.dumps({**user, "id": new_id(), "email": f"{new_id()}@demo.example"})
    code, _, complained = await admin.run("/shiller.v1.UsersService/CreateUser", "--timeout", "150ms", "-d", unmade)
    assert code != 0
    # Where the machine is busy, the time is over before it has its answers about the messages.
    assert re.search(r"deadline|time[d-]? ?out|cancel|failed to find service", complained), complained
    assert (await admin.call("UsersService/DeleteUser", id=id_, syncVersion=3))["user"]["deletedAt"]


async def test_grpclib(place: Place, two_schools: World) -> None:
    """What it calls in the open: test_grpc.py. Here it speaks TLS as well, and the same accounts are there."""
    tls = None if place.certificate is None else ssl.create_default_context(cafile=place.certificate.path)
    if tls is not None:
        tls.set_alpn_protocols(["h2"])
    id_ = new_id()
    user = pb.User(id=id_, email=f"{id_}@demo.example", name="Ann", role="trainer", password="kept-by-grpclib")
    foreign = two_schools.accounts["outsider"]["id"]
    async with Program(place.server, two_schools.tokens["admin"], tls) as program:
        assert (await program.call("UsersService/CreateUser", user)).sync_version == 1
        change = pb.User(id=id_, name="Bea", sync_version=1)
        assert (await program.call("UsersService/UpdateUser", change)).name == "Bea"
        await program.refused("UsersService/UpdateUser", change, Status.ABORTED, "version_mismatch")
        listed = await program.call("UsersService/GetAllUsers", pb.GetUsersRequest(page_size=200))
        assert id_ in {each.id for each in listed.users}
        synced = await program.call("UsersService/SyncUsers", pb.SyncUsersRequest())
        assert {each.id: each.name for each in synced.server_updates}[id_] == "Bea"
        for unknown in (new_id(), foreign):
            request = pb.DeleteUserRequest(id=unknown)
            await program.refused("UsersService/DeleteUser", request, Status.NOT_FOUND, "not_found")
        unmade = pb.User(email=f"{new_id()}@demo.example", name="x", password="kept-by-nobody")
        await program.runs_out("UsersService/CreateUser", unmade, timeout=0.02)
        await program.call("UsersService/DeleteUser", pb.DeleteUserRequest(id=id_))
        program.token = two_schools.tokens["trainer"]
        request = pb.GetUsersRequest()
        await program.refused("UsersService/GetAllUsers", request, Status.PERMISSION_DENIED, "forbidden")
        program.token = "wrong"
        await program.refused("UsersService/GetAllUsers", request, Status.UNAUTHENTICATED, "unauthenticated")
