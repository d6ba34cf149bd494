"""The disk under the embedded PostgreSQL is full: nothing that was acknowledged is lost, and space mends it all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from server.storage.embedded import EmbeddedPostgres
from tests.faults.test_database_gone import says
from tests.support.memory import MIB, resident, settles
from tests.support.scenario import PATIENCE_SECONDS, run_command
from tests.support.scenario_clients import World, eventually
from tests.support.scenario_course import Course
from tests.support.small_disk import MountedDisk, SmallDisk, small_disk

GROWTH_BYTES = 32 * MIB


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk() as disk:
        yield disk


@pytest.fixture
def data_dir(disk: SmallDisk) -> Path:
    return disk.folder / "data"


@pytest.mark.parametrize("where", ["in the tables", "in the log"])
async def test_a_full_disk_loses_nothing(embedded_world: World, data_dir: Path, disk: SmallDisk, where: str) -> None:
    course, stranger = await Course.begin(embedded_world), await embedded_world.person()
    before = resident(embedded_world.server.running.pid)
    disk.fill()
    if where == "in the log":
        await asyncio.to_thread(_begin_another_log_file, data_dir / "postgres")
    await _nothing_is_confirmed(course)
    await says(stranger, "/readyz", 503)
    disk.free()
    await course.confirms(20)
    await says(stranger, "/readyz", 200)
    await course.ends_whole(lines_held=True, patience=2 * PATIENCE_SECONDS)
    await settles(embedded_world.server.running.pid, before + GROWTH_BYTES)


async def test_a_full_disk_is_told_by_a_server_that_nobody_writes_to(
    embedded_world: World, data_dir: Path, disk: SmallDisk
) -> None:
    server, stranger = embedded_world.server, await embedded_world.person()
    await says(stranger, "/readyz", 200)
    disk.fill()
    await says(stranger, "/readyz", 503)
    assert "the database has no room to write: its disk is full" in server.log
    doctor = await asyncio.to_thread(run_command, "doctor", folder=server.folder, DATA_DIR=str(data_dir))
    assert "trouble  storage" in doctor.stdout
    disk.free()
    await says(stranger, "/readyz", 200)
    assert "the database has room again" in server.log


def test_a_database_that_cannot_start_for_want_of_room_says_so(data_dir: Path, disk: SmallDisk) -> None:
    if not isinstance(disk, MountedDisk):
        pytest.skip("who may not mount a disk has none that is full before PostgreSQL starts")
    EmbeddedPostgres.start(data_dir / "postgres").stop()
    disk.fill()
    refused = run_command("trainer", "list", folder=disk.folder, DATA_DIR=str(data_dir))
    assert refused.returncode == 1
    assert f"The embedded PostgreSQL in {data_dir / 'postgres'} does not start: there is no room left" in refused.stderr
    disk.free()
    assert run_command("migrate", "up", folder=disk.folder, DATA_DIR=str(data_dir)).returncode == 0


async def _nothing_is_confirmed(course: Course) -> None:
    """Until forty changes of each trainer wait, none of them confirmed."""

    async def all_wait() -> bool:
        course.streams.check()
        return all(len(outbox.unconfirmed) >= 40 for outbox in course.outboxes[:3])

    await eventually(all_wait, "changes to wait for space")


def _begin_another_log_file(folder: Path) -> None:
    """For which there is no space: PostgreSQL gives up, and cannot recover."""
    socket_folder = (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()[4]
    with closing(
        psycopg.connect(host=socket_folder, user="postgres", dbname="postgres", autocommit=True)
    ) as connection:
        try:
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("SELECT pg_logical_emit_message(true, 'filler', repeat('x', 1000000))")
        except psycopg.OperationalError:
            return
