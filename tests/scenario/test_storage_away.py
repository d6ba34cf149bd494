"""Promise 3: the storage is late, hangs or is gone, and the open sessions stay live. Whole server, real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.support.outage import PATIENCE_SECONDS, Ward, confirmed, of_vitals, provisional, ward


async def _down(it: Ward) -> None:
    await it.proxy.go_down()


async def _up(it: Ward) -> None:
    await it.proxy.listen()


async def _held(it: Ward) -> None:
    it.proxy.hold_answers()


async def _let_flow(it: Ward) -> None:
    it.proxy.let_flow()


Step = Callable[[Ward], Awaitable[None]]
OUTAGES = pytest.mark.parametrize(
    ("begin", "end"), [pytest.param(_down, _up, id="down"), pytest.param(_held, _let_flow, id="hangs")]
)


async def _answers(*asked: asyncio.Task[Any]) -> list[Any]:
    return await asyncio.wait_for(asyncio.gather(*asked), PATIENCE_SECONDS)


async def test_a_late_storage_delays_the_ack_and_not_the_screens(database_url: str) -> None:
    async with ward(database_url) as it:
        it.proxy.delay_seconds = 0.5
        ack = it.push(vitals={"heart_rate": 141})
        for recorder in (it.trainee, it.trainer):
            told = await recorder.wait_for("vitals:pushed", provisional)
            assert told["last_values"]["heart_rate"] == 141
        assert not ack.done()
        (answer,) = await _answers(ack)
        for recorder in (it.trainee, it.trainer):
            stored = await recorder.wait_for("vitals:pushed", confirmed)
            assert (stored["seq"], stored["at"]) == (answer["event"]["seq"], answer["event"]["created_at"])
            assert [provisional(told) for told in of_vitals(recorder)] == [True, False]
            assert of_vitals(recorder)[0] == {**stored, "seq": None, "provisional": True}
        assert await it.trainer.wait_for("event:added") == answer["event"]


@OUTAGES
async def test_open_sessions_stay_live_and_everything_is_stored_in_order(
    database_url: str, begin: Step, end: Step
) -> None:
    async with ward(database_url, vitals={"heart_rate": 60}) as it:
        await begin(it)
        acks: list[asyncio.Task[Any]] = []
        answered: list[int] = []
        for number in range(10):
            # A ramp shows whether the moment of the push is kept.
            ack = it.push(vitals={"heart_rate": 100 + number}, ramp_seconds=30, flags={f"step_{number}": True})
            ack.add_done_callback(lambda _, number=number: answered.append(number))
            acks.append(ack)
            told = await it.trainee.wait_for(
                "vitals:pushed", lambda told, number=number: told["last_values"]["heart_rate"] == 100 + number
            )
            assert provisional(told)
            assert set(told["last_values"]["flags"]) == {f"step_{before}" for before in range(number + 1)}
        note = asyncio.create_task(
            it.trainer.call("note:add", {"id": str(uuid4()), "session_id": it.session["id"], "text": "late"})
        )
        action = asyncio.create_task(it.trainee.call("action:take", {"id": str(uuid4()), "action": "nibp_start"}))
        assert (await it.server.http.get("/healthz")).status_code == 200
        assert not await it.is_ready()
        assert not any(ack.done() for ack in (*acks, note, action))
        foreseen = of_vitals(it.trainee)

        await end(it)
        answers = await _answers(*acks, note, action)
        assert all(answer["ok"] for answer in answers), answers
        assert answered == list(range(10))
        assert [answer["event"]["seq"] for answer in answers[:10]] == list(range(2, 12))
        await it.until_ready()
        record = await it.record()
        assert [event["seq"] for event in record] == list(range(1, 14))
        by_id = {event["id"]: event for event in record}
        assert [by_id[answer["event"]["id"]] for answer in answers] == [answer["event"] for answer in answers]
        for recorder in (it.trainee, it.trainer):
            await recorder.wait_for("vitals:pushed", lambda told: told["seq"] == 11)
            told = of_vitals(recorder)
            assert [each["seq"] for each in told if confirmed(each)] == list(range(2, 12))
            # What was shown early is what was stored.
            assert [each["last_values"] for each in told if confirmed(each)] == [
                each["last_values"] for each in foreseen
            ]
        session = (await it.server.http.get(f"/api/v1/sessions/{it.session['id']}")).json()
        assert session["last_values"] == foreseen[-1]["last_values"]
        added = [data["seq"] for name, data in it.trainer.told if name == "event:added"]
        assert added == list(range(2, 14))


async def test_an_answer_that_is_lost_after_the_commit_is_told_once(database_url: str) -> None:
    async with ward(database_url) as it:
        it.proxy.hold_answers()
        acks = [it.push(vitals={"spo2": 70 + number}) for number in range(5)]
        await it.proxy.answer_held()
        await it.trainee.wait_for("vitals:pushed", lambda told: told["last_values"]["spo2"] == 74)
        it.proxy.cut()
        it.proxy.let_flow()
        answers = await _answers(*acks)
        assert [answer["event"]["seq"] for answer in answers] == [1, 2, 3, 4, 5]
        await it.trainer.wait_for("event:added", lambda event: event["seq"] == 5)
        assert [data["seq"] for name, data in it.trainer.told if name == "event:added"] == [1, 2, 3, 4, 5]
        assert [event["id"] for event in await it.record()] == [answer["event"]["id"] for answer in answers]
