"""The trainees' own words by the token of their seat, and the debrief by its link, both without a login."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from server.domain.timestamps import write_timestamp
from server.ports.storage import Storage
from server.service import reflections, shares
from server.service.guessing import Allowance
from server.storage.memory import MemoryStorage
from server.transport.http.endpoint import API
from tests.support.houses import open_postgres
from tests.support.outage import Clock
from tests.support.patience import PATIENCE_SECONDS
from tests.support.running import RunningServer, connected, running_server

Json = dict[str, Any]
CASE: Json = {
    "title": "Septic shock",
    "public_title": "Woman of 71",
    "checklist": [{"key": "help", "text": "Calls for help"}, {"key": "drug", "text": "Antibiotic", "critical": True}],
}


@dataclass
class Room:
    """A session with two trainees, Léa and Noé; `anybody` has no login."""

    server: RunningServer
    anybody: httpx.AsyncClient
    ahead: Clock
    session: Json
    tokens: dict[str, str]

    @property
    def path(self) -> str:
        return f"{API}/sessions/{self.session['id']}"

    async def end(self) -> None:
        assert (await self.server.http.post(f"{self.path}/close")).status_code == 200

    async def say(self, who: str, status: int = 200, **body: Any) -> Json:
        headers = {"Authorization": f"Bearer {self.tokens.get(who, who)}"}
        answer = await self.anybody.put(f"{API}/reflection", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def look(self, who: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens.get(who, who)}"}
        return await self.anybody.get(f"{API}/reflection", headers=headers)

    async def debrief(self) -> Json:
        return (await self.server.http.get(f"{self.path}/debrief")).json()

    async def share(self, **body: Any) -> Json:
        answer = await self.server.http.post(f"{self.path}/share", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def read(self, url: str) -> httpx.Response:
        return await self.anybody.get(f"{API}/shares/{url.rpartition('/')[2]}")


@asynccontextmanager
async def _room(storage: Storage | None = None) -> AsyncGenerator[Room]:
    ahead = Clock()
    async with (
        running_server(storage or MemoryStorage(), now=ahead.now) as server,
        httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as anybody,
    ):
        await server.login()
        template = (await server.http.post(f"{API}/templates", json=CASE)).json()
        session = await server.open_session(template_id=template["id"], trainee_name="Group B")
        tokens: dict[str, str] = {}
        for name in ("Léa", "Noé"):
            async with connected(server.url, "/trainee", {"code": session["code"], "name": name}) as trainee:
                tokens[name] = (await trainee.wait_for("session:joined"))["seat"]["token"]
        yield Room(server, anybody, ahead, session, tokens)


async def test_own_words_have_their_place_after_the_end() -> None:
    async with _room() as room:
        assert (await room.look("Léa")).json()["code"] == "conflict"
        assert (await room.say("Léa", 409, words="Too early"))["code"] == "conflict"
        await room.end()
        nothing = (await room.look("Léa")).json()
        assert nothing["session"]["title"] == "Woman of 71"
        assert nothing["checklist"] == [
            {"key": "help", "text": "Calls for help"},
            {"key": "drug", "text": "Antibiotic"},
        ]
        assert (nothing["words"], nothing["scores"], nothing["is_anonymous"], nothing["shared"]) == (
            "",
            {},
            False,
            None,
        )
        said = await room.say("Léa", words="I called late", scores={"help": 1, "drug": "na"})
        assert said["scores"] == {"help": 1, "drug": "na"}
        assert (await room.debrief())["reflections"] == [
            {**_person((await room.debrief())["attendance"], "Léa"), "words": "I called late", "scores": said["scores"]}
        ]
        # By the other's name nobody is known, whoever asks; the seat itself still changes it.
        await room.say("Noé", words="Nobody listened", is_anonymous=True)
        await room.say("Léa", words="")
        await room.say("Léa", scores={})
        told = (await room.debrief())["reflections"]
        assert told == [{"seat_id": None, "name": None, "words": "Nobody listened", "scores": {}}]
        assert (await room.look("Noé")).json()["is_anonymous"] is True
        assert (await room.say("Noé", words="I was alone"))["is_anonymous"] is True
        assert (await room.debrief())["reflections"][0]["words"] == "I was alone"
        wrong = await room.say("Noé", 422, words="x" * 2001, scores={"help": 3, "nothing": 1})
        assert [error["field"] for error in wrong["errors"]] == ["words", "scores.nothing", "scores.help"]
        room.ahead.ahead = timedelta(hours=23, minutes=59)
        await room.say("Noé", words="The next day")
        room.ahead.ahead = timedelta(hours=24, seconds=10)
        assert (await room.say("Noé", 410, words="Too late"))["code"] == "session_closed"
        assert (await room.look("Noé")).status_code == 410


async def test_a_dead_seat_says_nothing() -> None:
    async with _room() as room:
        seat = next(each for each in (await room.debrief())["attendance"] if each["name"] == "Noé")
        async with connected(
            room.server.url, "/trainer", {"token": room.server.http.headers["Authorization"][7:]}
        ) as me:
            message = {"session_id": room.session["id"], "seat_id": seat["seat_id"]}
            assert (await me.call("trainee:remove", message))["ok"]
        await room.end()
        for token in ("Noé", "nobody", room.server.http.headers["Authorization"][7:]):
            assert (await room.say(token, 401, words="x"))["code"] == "unauthenticated"
        assert (await room.anybody.get(f"{API}/reflection")).status_code == 401


async def test_words_are_not_written_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflections, "WRITTEN_BY_SEAT", Allowance(3, 60))
    monkeypatch.setattr(reflections, "UNKNOWN_BY_ADDRESS", Allowance(2, 60))
    async with _room() as room:
        await room.end()
        for number in range(3):
            await room.say("Léa", words=f"{number}")
        assert (await room.say("Léa", 429, words="more"))["code"] == "rate_limited"
        await room.say("Noé", words="Somebody else")
        for status in (401, 401, 429):
            await room.say("guess", status)


async def test_a_link_shows_the_debrief_and_nothing_else() -> None:
    async with _room() as room:
        await room.server.http.post(f"{room.path}/events", json={"id": _id(1), "kind": "note", "marker": "help"})
        for number, kind in enumerate(("note", "takeaway", "plus"), start=2):
            body = {"id": _id(number), "at": room.session["created_at"], "kind": kind, "text": kind}
            assert (await room.server.http.post(f"{room.path}/annotations", json=body)).status_code == 201
        await room.server.http.put(f"{room.path}/scores", json={"items": {"help": {"score": 2}}, "comment": "Calm"})
        await room.end()
        await room.say("Léa", words="I called late")
        empty = await room.server.http.post(f"{room.path}/share")
        assert empty.status_code == 201, empty.text
        shared = await room.share(days=2)
        read = await room.read(shared["url"])
        assert (read.status_code, read.headers["Cache-Control"]) == (200, "no-store")
        told, debrief = read.json(), await room.debrief()
        assert {name: told[name] for name in debrief} == debrief
        assert debrief["scores"]["sheets"][0]["comment"] == "Calm"
        assert [each["kind"] for each in told["annotations"]] == ["takeaway", "plus"]
        assert [event["kind"] for event in told["events"]] == ["note", "lifecycle"]
        assert (told["title"], told["trainee_name"]) == ("Septic shock", "Group B")
        assert told["expires_at"] == shared["expires_at"]
        assert told["case"]["checklist"][0]["key"] == "help"
        token = shared["url"].rpartition("/")[2]
        for path in ("debrief", "events", "scores", "annotations"):
            answer = await room.anybody.get(f"{room.path}/{path}", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401
        # Whoever was there reads what was written about the session, while it is shared.
        seen = (await room.look("Noé")).json()["shared"]
        assert seen["scores"] == debrief["scores"]
        assert [each["kind"] for each in seen["annotations"]] == ["takeaway", "plus"]


async def test_a_link_ends() -> None:
    async with _room() as room:
        first = await room.share(days=1)
        second = await room.share(expires_at=write_timestamp(room.ahead.now() + timedelta(days=3)))
        assert len((await room.server.http.get(f"{room.path}/share")).json()["items"]) == 2
        room.ahead.ahead = timedelta(days=1, seconds=1)
        unknown = await room.read("nothing")
        # An ended one is answered as one that never was.
        assert (await room.read(first["url"])).json() == unknown.json()
        assert unknown.status_code == 404
        await room.server.login()
        assert (await room.read(second["url"])).status_code == 200
        for _ in range(2):
            ended = await room.server.http.delete(f"{room.path}/share")
            assert (ended.status_code, ended.json()) == (200, {"url": None, "expires_at": None})
        assert (await room.read(second["url"])).json() == unknown.json()
        assert (await room.server.http.get(f"{room.path}/share")).json() == {"items": []}
        audit = (await room.server.http.get(f"{API}/audit?about=session")).json()["items"]
        told = [(entry["action"], entry["by"]["name"]) for entry in audit if entry["action"].startswith("share")]
        assert [action for action, _ in told] == ["share_ended", "share_opened", "shared", "shared"]
        assert told[1] == ("share_opened", "Shared link")
        for body in ({"days": 0}, {"days": 367}, {"days": "2"}, {"days": 1, "expires_at": second["expires_at"]}):
            answer = await room.server.http.post(f"{room.path}/share", json=body)
            assert [error["field"] for error in answer.json()["errors"]] == ["days"]
        past = await room.server.http.post(f"{room.path}/share", json={"expires_at": first["expires_at"]})
        assert [error["field"] for error in past.json()["errors"]] == ["expires_at"]


async def test_links_are_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "UNKNOWN_BY_ADDRESS", Allowance(2, 60))
    monkeypatch.setattr(shares, "OPEN_LIMIT", 2)
    async with _room() as room:
        shared = [await room.share() for _ in range(2)]
        full = await room.server.http.post(f"{room.path}/share", json={})
        assert full.json()["code"] == "conflict"
        assert [(await room.read(token)).status_code for token in ("a", "b", "c")] == [404, 404, 429]
        assert (await room.read(shared[0]["url"])).status_code == 429


async def test_a_class_opens_one_link_at_once(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever counted them before they are found would have some of them wait."""
    monkeypatch.setattr(shares, "UNKNOWN_BY_ADDRESS", Allowance(2, 60))
    async with open_postgres(database_url) as storage, _room(storage) as room:
        shared = await room.share()
        answers = await asyncio.gather(*(room.read(shared["url"]) for _ in range(30)))
        assert {answer.status_code for answer in answers} == {200}


def _person(attendance: list[Json], name: str) -> Json:
    return next({"seat_id": each["seat_id"], "name": name} for each in attendance if each["name"] == name)


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"
