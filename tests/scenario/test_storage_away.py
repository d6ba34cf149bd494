"""Promise 3: the storage is late, hangs or is gone, and the open sessions stay live. Whole server, real sockets."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from server import clock
from server.domain.events import Author, EventDraft, VitalsPushed
from server.domain.record import Recorded
from server.domain.vitals import VitalsPatch
from server.live.settings import LiveSettings
from tests.support.outage import (
    OUTAGES,
    PATIENCE_SECONDS,
    Step,
    all_of,
    confirmed,
    of_vitals,
    provisional,
    ward,
)
from tests.support.running import DEMO


async def test_a_late_storage_delays_the_ack_and_not_the_screens(database_url: str) -> None:
    async with ward(database_url) as it:
        it.proxy.hold_answers()
        ack = it.push(vitals={"heart_rate": 141})
        for recorder in (it.trainee, it.trainer):
            told = await recorder.wait_for("vitals:pushed", provisional)
            assert told["last_values"]["heart_rate"] == 141
        # It is as late as they are, however long that takes here.
        assert not ack.done()
        it.proxy.let_flow()
        (answer,) = await all_of(ack)
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
        action = asyncio.create_task(it.trainee.call("action:take", {"id": str(uuid4()), "action": "marker"}))
        assert (await it.server.http.get("/healthz")).status_code == 200
        assert not await it.is_ready()
        assert not any(ack.done() for ack in (*acks, note, action))
        foreseen = of_vitals(it.trainee)

        await end(it)
        answers = await all_of(*acks, note, action)
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


CASE: dict[str, Any] = {
    "title": "Septic shock",
    "steps": [
        {"key": "worse", "title": "Worse", "vitals": {"systolic": 80, "diastolic": 40}},
        {"key": "arrest", "title": "Arrest", "rhythm": "asystole"},
    ],
}


@OUTAGES
async def test_a_case_is_started_and_played_in_an_outage(database_url: str, begin: Step, end: Step) -> None:
    async with ward(database_url) as it:
        template = (await it.server.http.post("/api/v1/templates", json=CASE)).json()
        session = await it.server.open_session(template_id=template["id"], vitals={"spo2": 90})
        ben = await it.join(code=session["code"], name="Ben")
        await ben.wait_for("session:joined")

        def control(action: str) -> asyncio.Task[Any]:
            body = {"id": str(uuid4()), "session_id": session["id"], "action": action}
            return asyncio.create_task(it.trainer.call("case:control", body))

        await begin(it)
        starts = [control("start"), control("start")]
        told = await ben.wait_for("vitals:pushed", provisional)
        assert told["last_values"]["systolic"] == 80
        step = it.push(session, step="arrest")
        told = await ben.wait_for("vitals:pushed", lambda told: told["last_values"]["rhythm"] == "asystole")
        assert provisional(told)
        switches = [control("automation_off"), control("automation_off")]
        assert not any(ack.done() for ack in (*starts, step, *switches))

        await end(it)
        first, second, played, off, still_off = await all_of(*starts, step, *switches)
        assert first["event"] == second["event"]
        assert off["event"] == still_off["event"]
        path = f"/api/v1/sessions/{session['id']}/events"
        record = (await it.server.http.get(path)).json()["items"]
        assert [event["step"] for event in record] == [None, None, "worse", "arrest", None]
        assert [record[1], *record[3:]] == [first["event"], played["event"], off["event"]]
        assert record[2]["by"]["role"] == "system"


async def test_an_answer_that_is_lost_after_the_commit_is_told_once(database_url: str) -> None:
    async with ward(database_url) as it:
        it.proxy.hold_answers()
        acks = [it.push(vitals={"spo2": 70 + number}) for number in range(5)]
        await it.proxy.answer_held()
        await it.trainee.wait_for("vitals:pushed", lambda told: told["last_values"]["spo2"] == 74)
        it.proxy.cut()
        it.proxy.let_flow()
        answers = await all_of(*acks)
        assert [answer["event"]["seq"] for answer in answers] == [1, 2, 3, 4, 5]
        await it.trainer.wait_for("event:added", lambda event: event["seq"] == 5)
        assert [data["seq"] for name, data in it.trainer.told if name == "event:added"] == [1, 2, 3, 4, 5]
        assert [event["id"] for event in await it.record()] == [answer["event"]["id"] for answer in answers]


@OUTAGES
async def test_at_the_bound_a_push_is_refused_and_can_be_sent_again(database_url: str, begin: Step, end: Step) -> None:
    async with ward(database_url, live=LiveSettings(session_waiting_events=3, waiting_events=5)) as it:
        other = await it.server.open_session()
        await begin(it)
        mine = [it.push(vitals={"spo2": 90 + number}) for number in range(3)]
        await it.trainee.wait_for("vitals:pushed", lambda told: told["last_values"]["spo2"] == 92)
        refused = {"id": str(uuid4()), "session_id": it.session["id"], "vitals": {"spo2": 50}}
        assert (await it.trainer.call("vitals:push", refused))["error"]["code"] == "storage_unavailable"
        # One session cannot take it all; all together can.
        theirs = [it.push(other, vitals={"spo2": 90}) for _ in range(2)]
        sent = {**refused, "session_id": other["id"]}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while it.server.app.services.storage.waiting_events < 5:
                await asyncio.sleep(0.01)
        assert (await it.trainer.call("vitals:push", sent))["error"]["code"] == "storage_unavailable"
        assert not any(told["last_values"]["spo2"] == 50 for told in of_vitals(it.trainee))
        await end(it)
        assert all(answer["ok"] for answer in await all_of(*mine, *theirs))
        (answer,) = await all_of(asyncio.create_task(it.trainer.call("vitals:push", refused)))
        assert answer["event"]["seq"] == 4
        metrics = (await it.server.http.get("/metrics")).text
        assert "shiller_waiting_events 0.0" in metrics


async def test_over_http_the_answer_waits_a_while_and_the_same_id_asks_for_it(database_url: str) -> None:
    async with ward(database_url, commit_patience_seconds=0.3) as it:
        path = f"/api/v1/sessions/{it.session['id']}/events"
        body = {"id": str(uuid4()), "kind": "vitals", "vitals": {"spo2": 70}}
        await it.proxy.go_down()
        for _ in range(3):
            answer = await it.server.http.post(path, json=body)
            assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            assert it.server.app.services.storage.waiting_events == 1
        assert provisional(await it.trainee.wait_for("vitals:pushed"))
        await it.proxy.listen()
        # Nobody asks: it is stored and told all the same.
        event = await it.trainer.wait_for("event:added")
        assert (await it.trainee.wait_for("vitals:pushed", confirmed))["seq"] == 1
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (answer := await it.server.http.post(path, json=body)).status_code == 503:
                """The machine is busy."""
        assert (answer.status_code, answer.json()) == (200, event)
        assert [event["id"] for event in await it.record()] == [body["id"]]
        assert [provisional(told) for told in of_vitals(it.trainee)] == [True, False]


async def test_what_is_refused_in_the_end_is_taken_back(database_url: str) -> None:
    async with ward(database_url) as it:
        (first,) = await all_of(it.push(vitals={"systolic": 120, "diastolic": 80}))
        session_id = UUID(it.session["id"])
        owner = await it.neighbour.accounts.find_credentials(DEMO["email"])
        assert owner is not None
        await it.proxy.go_down()
        # By what this process knows it may be pushed; by what another stores meanwhile it may not.
        refused, kept = it.push(vitals={"diastolic": 100}), it.push(vitals={"spo2": 80})
        await it.trainee.wait_for("vitals:pushed", lambda told: told["last_values"]["spo2"] == 80)
        lower = EventDraft(
            uuid4(), Author("trainer", owner.trainer.id, "Neighbour"), VitalsPushed(VitalsPatch({"systolic": 90}))
        )
        theirs = await it.neighbour.sessions.append_event(session_id, owner.trainer, lower, clock.now())
        assert isinstance(theirs, Recorded)
        await it.proxy.listen()
        answers = await all_of(refused, kept)
        assert answers[0]["error"]["code"] == "invalid_fields"
        assert answers[1]["event"]["seq"] == 3
        for recorder in (it.trainee, it.trainer):
            # Not the one that was told before it was stored, and had the same number.
            await recorder.wait_for("vitals:pushed", lambda told: told["seq"] == 3 and confirmed(told))
            last = of_vitals(recorder)[-1]
            assert confirmed(last)
            values = last["last_values"]
            assert (values["systolic"], values["diastolic"], values["spo2"]) == (90, 80, 80)
        assert first["event"]["seq"] == 1


async def test_a_session_closed_meanwhile_takes_the_last_push_back(database_url: str) -> None:
    async with ward(database_url) as it:
        await all_of(it.push(vitals={"spo2": 91}))
        owner = await it.neighbour.accounts.find_credentials(DEMO["email"])
        assert owner is not None
        await it.proxy.go_down()
        ack = it.push(vitals={"spo2": 40})
        # Not the one before, which a busy storage may have taken late, too.
        await it.trainee.wait_for("vitals:pushed", lambda told: provisional(told) and told["last_values"]["spo2"] == 40)
        await it.neighbour.sessions.end_session(UUID(it.session["id"]), owner.trainer, uuid4(), clock.now())
        await it.proxy.listen()
        (answer,) = await all_of(ack)
        assert answer["error"]["code"] == "session_closed"
        for recorder in (it.trainee, it.trainer):
            await recorder.wait_for("session:closed")
            # Told before the end: no screen keeps what is not in the record.
            told = [(name, data) for name, data in recorder.told if name in ("vitals:pushed", "session:closed")]
            (name, taken_back), (last, _) = told[-2:]
            assert (name, last) == ("vitals:pushed", "session:closed")
            assert (taken_back["seq"], taken_back["last_values"]["spo2"]) == (2, 91)
        assert [event["kind"] for event in await it.record()] == ["vitals", "lifecycle"]


async def test_an_expiry_in_the_outage(database_url: str) -> None:
    async with ward(database_url, live=LiveSettings(refused_after_seconds=0.2)) as it:
        await it.proxy.go_down()
        before = it.push(vitals={"spo2": 91})
        await it.trainee.wait_for("vitals:pushed", provisional)
        it.clock.ahead = timedelta(hours=5)
        (after,) = await all_of(it.push(vitals={"spo2": 40}))
        assert after["error"]["code"] == "session_expired"
        await it.proxy.listen()
        (stored,) = await all_of(before)
        assert stored["event"]["seq"] == 1
        for recorder in (it.trainee, it.trainer):
            assert (await recorder.wait_for("session:closed"))["reason"] == "expired"
        assert [event.kind for event in await it.neighbour.sessions.events_after(UUID(it.session["id"]), 0, 9)] == [
            "vitals",
            "lifecycle",
        ]
