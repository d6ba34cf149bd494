"""What ends while the storage is asked about it: a connection that leaves."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from server.domain.outcomes import Unauthenticated
from server.domain.people import Access
from server.live.audience import Audience
from server.transport.metrics import Metrics
from server.transport.origins import Origins
from server.transport.socket.gate import Gate
from server.transport.socket.trainer import TrainerConnection, TrainerNamespace
from server.transport.wire.requests import WatchMessage
from tests.support.making import NOW, a_school, a_session, a_trainer, later

TRAINER = a_trainer(a_school())
SESSION = a_session(TRAINER)
ACCESS = Access(TRAINER, b"token", later(3600))


class _Storage:
    """Whatever it is asked is answered by `answer`, when that is set."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.is_asked = asyncio.Event()

    async def ask(self, *_: object) -> Any:
        self.is_asked.set()
        return await self.answer


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
    audience.let_in_trainer("t", ACCESS.token_hash, TRAINER.school_id, TRAINER.id)
    watching = asyncio.create_task(
        cast(Any, namespace.handlers()["session:watch"](connection, WatchMessage(session_id=str(SESSION.id))))
    )
    await storage.is_asked.wait()
    await namespace.gone("t", namespace.connections.pop("t"))
    storage.answer.set_result(SESSION)
    assert await watching == Unauthenticated()
    assert not audience.is_watched(SESSION.id)
    assert not audience.live_sessions()
