"""PostgreSQL itself crashes and comes back, or stands still: under pushes, with the connections that were open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from server.storage.postgres.database import ConnectionSettings
from tests.support.folding import sound_session
from tests.support.outage import PATIENCE_SECONDS, Ward, all_of, provisional, ward
from tests.support.own_postgres import OwnPostgres, own_postgres


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres() as postgres:
        yield postgres


async def _pushes(it: Ward, number: int) -> list[Any]:
    return await all_of(*(it.push(vitals={"spo2": each % 101}) for each in range(number)))


async def _until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not look():
            await asyncio.sleep(0.02)


async def _is_whole(it: Ward, events: list[Any]) -> None:
    await it.until_ready()
    record = await it.record()
    assert [event["id"] for event in record] == [event["id"] for event in sorted(events, key=lambda each: each["seq"])]
    async with asyncio.timeout(PATIENCE_SECONDS):
        # The neighbour's idle connections ended as well; its first answers may say so.
        while True:
            try:
                await sound_session(it.neighbour, UUID(it.session["id"]))
                return
            except Exception as error:
                if type(error).__name__ != "StorageUnavailable":
                    raise


async def test_a_crash_under_pushes_costs_nobody_anything(postgres: OwnPostgres) -> None:
    async with ward(postgres.url) as it:
        answers = await _pushes(it, 20)
        restarting = asyncio.create_task(asyncio.to_thread(postgres.crash_and_restart))
        while not restarting.done():
            answers += await _pushes(it, 5)
        await restarting
        answers += await _pushes(it, 20)
        assert all(answer["ok"] for answer in answers), answers
        await _is_whole(it, [answer["event"] for answer in answers])
        # Every connection of the pool is good again, not only the one that is asked first.
        paths = ("/api/v1/sessions", "/api/v1/templates", "/api/v1/me") * 10
        gets = await asyncio.gather(*(it.server.http.get(path) for path in paths))
        assert {answer.status_code for answer in gets} == {200}


@pytest.mark.parametrize("outlasts_the_line", [False, True])
async def test_a_postgres_that_stands_still(postgres: OwnPostgres, outlasts_the_line: bool) -> None:
    usual = ConnectionSettings()
    short = replace(usual, answer_timeout_seconds=1.5, connect_timeout_seconds=1.5)
    async with ward(postgres.url, connections=short if outlasts_the_line else usual) as it:
        answers = await _pushes(it, 5)
        ended = it.proxy.lines_ended
        postgres.pause()
        try:
            acks = [it.push(vitals={"heart_rate": number}) for number in range(10)]
            told = await it.trainee.wait_for("vitals:pushed", lambda told: told["last_values"]["heart_rate"] == 9)
            assert provisional(told)
            assert (await it.server.http.get("/healthz")).status_code == 200
            assert not await it.is_ready()
            if outlasts_the_line:
                await _until(lambda: it.proxy.lines_ended > ended + 2)
            assert not any(ack.done() for ack in acks)
        finally:
            postgres.resume()
        answers += await all_of(*acks)
        assert all(answer["ok"] for answer in answers), answers
        await _is_whole(it, [answer["event"] for answer in answers])
