"""What ends while the storage is asked about it: a connection that leaves, a seat or a login that is taken away."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from server.domain.outcomes import SeatRemoved, Unauthenticated
from server.domain.people import Access
from server.live.audience import Audience
from server.service.seats import Joined
from server.transport.metrics import Metrics
from server.transport.origins import Origins
from server.transport.socket.gate import Gate
from server.transport.socket.trainee import TraineeNamespace
from server.transport.socket.trainer import TrainerConnection, TrainerNamespace
from server.transport.wire.requests import WatchMessage
from tests.support.making import NOW, a_school, a_seat, a_session, a_trainer, later

TRAINER = a_trainer(a_school())
SESSION = a_session(TRAINER)
ACCESS = Access(TRAINER, b"token", later(3600))
ENVIRON = {"REMOTE_ADDR": "192.0.2.1"}


class _Storage:
    """Whatever it is asked is answered by `answer`, when that is set."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.is_asked = asyncio.Event()

    async def ask(self, *_: object) -> Any:
        self.is_asked.set()
        return await self.answer


class _Told:
    """What the sockets tell of: nobody hears it here."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: asyncio.sleep(0)


def _services(storage: _Storage) -> Any:
    asked: Any = SimpleNamespace(find=storage.ask, identify=storage.ask, take_seat=storage.ask, be_at_home=_nothing)
    return SimpleNamespace(sessions=asked, accounts=asked, seats=asked, clock=lambda: NOW)


def _nothing(*_: object) -> None: ...


def _trainers(storage: _Storage, audience: Audience) -> TrainerNamespace:
    told = cast(Any, SimpleNamespace(watchers_changed=_nothing, follow=_nothing))
    return TrainerNamespace(_services(storage), Metrics(), Gate(), Origins((), None), audience, told)


async def test_who_leaves_while_a_session_is_looked_for_does_not_watch_it() -> None:
    storage, audience = _Storage(), Audience()
    namespace = _trainers(storage, audience)
    connection = namespace.connections["t"] = TrainerConnection("t", ACCESS, "192.0.2.1")
    assert audience.let_in_trainer("t", ACCESS.token_hash, TRAINER.school_id, TRAINER.id)
    watching = asyncio.create_task(
        cast(Any, namespace.handlers()["session:watch"](connection, WatchMessage(session_id=str(SESSION.id))))
    )
    await storage.is_asked.wait()
    await namespace.gone("t", namespace.connections.pop("t"))
    storage.answer.set_result(SESSION)
    assert await watching == Unauthenticated()
    assert not audience.is_watched(SESSION.id)
    assert not audience.live_sessions()


@pytest.mark.parametrize("ended", [b"token", b"another"])
async def test_a_login_that_is_ended_while_it_is_judged_lets_nobody_in(
    ended: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, audience = _Storage(), Audience()
    namespace = _trainers(storage, audience)
    monkeypatch.setattr(namespace, "enter_room", _Told().enter_room)
    judging = asyncio.create_task(namespace.let_in("t", ENVIRON, {"token": "a token"}))
    await storage.is_asked.wait()
    audience.never_again([ended])
    storage.answer.set_result(ACCESS)
    is_ended = ended == ACCESS.token_hash
    assert await judging == (Unauthenticated() if is_ended else None)
    assert set(audience.live_logins()) == (set() if is_ended else {ACCESS.token_hash})
    if (timer := namespace.connections["t"].ends) is not None:
        timer.cancel()


@pytest.mark.parametrize("is_taken_away", [True, False])
async def test_a_seat_that_is_taken_away_while_its_trainee_is_judged_lets_nobody_in(
    is_taken_away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, audience, seat = _Storage(), Audience(), a_seat(SESSION)
    namespace = TraineeNamespace(
        _services(storage), Metrics(), Gate(), audience, cast(Any, _Told()), cast(Any, _Told())
    )
    monkeypatch.setattr(namespace, "_connection_of", str)
    judging = asyncio.create_task(namespace.let_in("a", ENVIRON, {"code": "ABC234", "name": "Ann"}))
    await storage.is_asked.wait()
    audience.never_again([seat.id if is_taken_away else a_seat(SESSION).id])
    storage.answer.set_result(Joined(SESSION, seat, "token"))
    assert await judging == (SeatRemoved() if is_taken_away else None)
    assert set(audience.live_seats()) == (set() if is_taken_away else {seat.id})
