"""Accounts at a hall: kept at the central server, and trusted for so long without it. Both servers are in this process,
for the clock is the test's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.clocks import SteppingClock
from tests.support.cutting_line import CuttingLine, cutting_line
from tests.support.houses import UNHURRIED, open_postgres
from tests.support.running import DEMO, RunningServer, running_server
from tests.support.scenario_clients import eventually

LOGIN_DAYS = 30
BELA = {"email": "bela@example.org", "password": "long-enough"}


@dataclass
class Pair:
    central: RunningServer
    hall: RunningServer
    line: CuttingLine
    now: SteppingClock
    bela_id: str

    async def log_in(self, **login: str) -> httpx.Response:
        return await self.hall.http.post("/api/v1/auth/login", json=login, headers={"Authorization": ""})

    async def let_in(self, **login: str) -> None:
        """As soon as the hall knows the account; `hall.http` is theirs from then on."""

        async def look() -> str | None:
            answer = await self.log_in(**login)
            return answer.json()["token"] if answer.status_code == 200 else None

        token = await eventually(look, "the account to be known at the hall")
        self.hall.http.headers["Authorization"] = f"Bearer {token}"

    async def status(self) -> dict[str, Any]:
        return (await self.hall.http.post("/api/v1/upstream/now")).json()


@pytest.fixture
async def pair(database_url: str) -> AsyncIterator[Pair]:
    """The hall lets in the admin of the demo school and Bela."""
    now = SteppingClock()
    async with running_server(now=now) as central, open_postgres(database_url, live=UNHURRIED) as storage:
        me = (await central.login())["trainer"]
        body = {**BELA, "name": "Bela", "role": "trainer"}
        bela = (await central.http.post("/api/v1/trainers", json=body)).json()
        named = {"name": "North", "trainers": [me["id"], bela["id"]]}  # type: ignore[index]
        added = (await central.http.post("/api/v1/halls", json=named)).json()
        port = urlsplit(central.url).port
        assert port is not None
        async with (
            cutting_line(port) as line,
            running_server(
                storage,
                now=now,
                is_seeded=False,
                USE_IN_MEMORY="false",
                SYNC_UPSTREAM_URL=line.url,
                SYNC_UPSTREAM_TOKEN=added["token"],
                SYNC_SECONDS="1",
                SYNC_LOGIN_DAYS=str(LOGIN_DAYS),
            ) as hall,
        ):
            yield Pair(central, hall, line, now, bela["id"])


async def lose_the_central(pair: Pair) -> None:
    pair.line.go_down()

    async def look() -> bool:
        return (await pair.status())["problem"] is not None

    await eventually(look, "the hall to find that it is alone")


async def test_logins_count_for_thirty_days_without_the_central_and_again_with_it(pair: Pair) -> None:
    await pair.let_in(**BELA)
    await lose_the_central(pair)
    pair.now.wait(timedelta(days=LOGIN_DAYS) - timedelta(hours=1))
    await pair.let_in(**BELA)

    pair.now.wait(timedelta(hours=1))
    refused = await pair.log_in(**BELA)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    contacted_at = (await pair.status())["contacted_at"]
    assert f"has not reached its central server since {contacted_at[:10]}" in refused.json()["detail"]
    assert "30 days" in refused.json()["detail"]
    # A wrong password is told nothing else.
    assert (await pair.log_in(**{**BELA, "password": "wrong"})).json() == refused.json()
    # Who is logged in stays so, and teaches.
    opened = await pair.hall.http.post("/api/v1/sessions", json={"title": "On day 31"})
    assert opened.status_code == 201, opened.text

    pair.line.come_up()

    async def look() -> bool:
        await pair.status()
        return (await pair.log_in(**BELA)).status_code == 200

    await eventually(look, "logins to count again")

    async def arrived() -> bool:
        await pair.status()
        await pair.central.login()
        return (await pair.central.http.get(f"/api/v1/sessions/{opened.json()['id']}")).status_code == 200

    await eventually(arrived, "the session of day 31 to be at the central")


async def test_accounts_are_changed_at_the_central_alone_and_the_words_say_so(pair: Pair) -> None:
    await pair.let_in(**DEMO)
    new = {"email": "eve@example.org", "name": "Eve", "password": "long-enough", "role": "trainer"}
    bela = f"/api/v1/trainers/{pair.bela_id}"
    for method, path, body in (
        ("POST", "/api/v1/trainers", new), ("PATCH", bela, {"name": "Béla"}), ("DELETE", bela, None),
    ):  # fmt: skip
        refused = await pair.hall.http.request(method, path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), method
        assert refused.json()["detail"] == "Accounts are kept at the school's central server; change them there."
    people = (await pair.hall.http.get("/api/v1/trainers")).json()["items"]
    assert sorted(each["name"] for each in people) == ["Bela", "Demo Trainer"]
