"""Who may come in, and what is shown, while the storage is away: what this process knows, and nothing else."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from tests.support.outage import OUTAGES, PATIENCE_SECONDS, Step, all_of, provisional, ward
from tests.support.running import DEMO


@OUTAGES
async def test_joining_goes_on(database_url: str, begin: Step, end: Step) -> None:
    async with ward(database_url) as it:
        ann = (await it.trainee.wait_for("session:joined"))["seat"]
        await begin(it)
        ack = it.push(rhythm="asystole")
        await it.trainee.wait_for("vitals:pushed", provisional)

        back, new = await it.join(seat=ann["token"]), await it.join(name="Bea")
        for recorder in (back, new):
            joined = await recorder.wait_for("session:joined")
            assert joined["session"]["last_values"]["rhythm"] == "asystole"
            assert joined["session"]["last_seq"] == 0
        assert (await back.wait_for("session:joined"))["seat"] == ann
        bea = (await new.wait_for("session:joined"))["seat"]
        # Told apart from those who are known here, and stored as it was told.
        namesake = await it.join(name="ANN")
        assert (await namesake.wait_for("session:joined"))["seat"]["name"] == "ANN 2"
        told = await it.trainer.wait_for("trainees:changed", lambda told: len(told["trainees"]) == 3)
        assert [each["name"] for each in told["trainees"]] == ["Ann", "Bea", "ANN 2"]
        # She may leave and come back before her seat is stored.
        again = await it.join(seat=bea["token"], name="Beatrix")
        assert (await again.wait_for("session:joined"))["seat"] == {**bea, "name": "Beatrix"}
        action = asyncio.create_task(again.call("action:take", {"id": str(uuid4()), "action": "marker"}))
        assert await it.refusal("/trainee", {"code": "ABCDEF", "name": "X"}) == "storage_unavailable"
        assert await it.refusal("/trainee", {"code": it.session["code"], "seat": "x"}) == "storage_unavailable"

        await end(it)
        stored, acted = await all_of(ack, action)
        assert stored["ok"]
        assert acted["event"]["by"] == {"role": "trainee", "id": bea["id"], "name": "Beatrix"}
        await it.until_ready()
        names: list[str] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while names != ["Ann", "Beatrix", "ANN 2"]:
                names = [seat.name for seat in await it.neighbour.sessions.list_seats(UUID(it.session["id"]))]
        assert (await it.server.http.post("/api/v1/join", json={"code": "ABCDEF"})).status_code == 404


@OUTAGES
async def test_a_trainer_comes_back_and_who_logged_out_does_not(database_url: str, begin: Step, end: Step) -> None:
    async with ward(database_url) as it:
        other = (await it.server.http.post("/api/v1/auth/login", json=DEMO)).json()["token"]
        headers = {"Authorization": f"Bearer {other}"}
        assert (await it.server.http.get("/api/v1/me", headers=headers)).status_code == 200
        (first,) = await all_of(it.push(vitals={"spo2": 91}))
        await begin(it)
        waiting = it.push(vitals={"spo2": 60})
        await it.trainer.wait_for("vitals:pushed", lambda told: provisional(told) and told["last_values"]["spo2"] == 60)

        back = await it.line()
        for after_seq, events in ((1, []), (0, [first["event"]])):
            watched = await back.call("session:watch", {"session_id": it.session["id"], "after_seq": after_seq})
            assert watched["ok"], watched
            assert (watched["session"]["last_seq"], watched["session"]["last_values"]["spo2"]) == (1, 60)
            assert watched["events"] == events
            assert [each["name"] for each in watched["trainees"]] == ["Ann"]
        ack = asyncio.create_task(
            back.call("vitals:push", {"id": str(uuid4()), "session_id": it.session["id"], "vitals": {"spo2": 50}})
        )
        await it.trainee.wait_for("vitals:pushed", lambda told: told["last_values"]["spo2"] == 50)
        # What nobody here knows is refused, and hangs nobody.
        assert await it.refusal("/trainer", {"token": "unknown"}) == "storage_unavailable"
        elsewhere = await back.call("session:watch", {"session_id": str(uuid4())})
        assert elsewhere["error"]["code"] == "storage_unavailable"
        closing = await back.call("session:close", {"session_id": it.session["id"]})
        assert closing["error"]["code"] == "storage_unavailable"

        # Only the storage can end a login for good; this process heeds the wish at once.
        assert (await it.server.http.post("/api/v1/auth/logout", headers=headers)).status_code == 503
        assert (await it.server.http.get("/api/v1/me", headers=headers)).status_code == 503
        assert await it.refusal("/trainer", {"token": other}) == "storage_unavailable"
        await end(it)
        assert all(answer["ok"] for answer in await all_of(waiting, ack))
