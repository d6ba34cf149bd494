"""Who may bring in cases, and that pushes go on meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from server.domain.imports.dispatch import FILE_LIMIT_BYTES, ImportedCases
from server.domain.outcomes import Forbidden
from server.service.templates import Templates
from server.storage.memory import MemoryStorage
from tests.support.case_files import every_valid_file
from tests.support.making import a_school, a_trainer

GAS_NOTES = every_valid_file()["gas_notes"]


async def test_an_observer_brings_in_nothing() -> None:
    templates = Templates(MemoryStorage().templates)
    for role in ("trainer", "admin"):
        assert isinstance(await templates.read_file(a_trainer(a_school(), role), GAS_NOTES), ImportedCases)
    assert isinstance(await templates.read_file(a_trainer(a_school(), "observer"), GAS_NOTES), Forbidden)


@pytest.mark.parametrize(
    "hostile", [b".ii:t1\nAA\n" + b"QUJD" * (FILE_LIMIT_BYTES // 40), b"<scenario>" + b"<a/>" * 19_000]
)
async def test_others_get_their_turn_meanwhile(hostile: bytes) -> None:
    templates = Templates(MemoryStorage().templates)
    reading = asyncio.create_task(templates.read_file(a_trainer(a_school()), hostile))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert isinstance(reading.result(), ImportedCases)
    assert turns > 10
