"""Messages of one connection are begun in the order in which they came, asked about or not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from pydantic import BaseModel

from server.transport.metrics import Metrics
from server.transport.socket.gate import Gate
from server.transport.socket.namespace import Namespace

SID = "a connection"


class _Message(BaseModel):
    number: int


class _Asking(Namespace[str]):
    """Of a push nobody asks before it is written; of a note the question is under way until `answer`."""

    asked_as_written = frozenset({"push"})

    def __init__(self) -> None:
        messages: Any = {name: SimpleNamespace(data=_Message) for name in ("note", "push")}
        super().__init__("/trainer", messages, cast(Any, SimpleNamespace()), Metrics(), Gate())
        self.connections[SID] = "somebody"
        self.questions: list[asyncio.Future[bool]] = []
        self.begun: list[int] = []

    def handlers(self) -> Any:
        return {"note": self._begin, "push": self._begin}

    async def may_stay(self, connection: str) -> bool:
        self.questions.append(asyncio.get_running_loop().create_future())
        return await self.questions[-1]

    def answer(self) -> None:
        for question in self.questions:
            question.set_result(True)
        self.questions = []

    async def _begin(self, connection: str, sent: _Message) -> dict[str, Any]:
        self.begun.append(sent.number)
        return {"ok": True}


async def test_what_comes_in_the_moment_of_an_answer_does_not_overtake_what_was_asked_about() -> None:
    namespace = _Asking()
    sent = [asyncio.ensure_future(namespace.trigger_event("note", SID, {"number": 1}))]
    sent.append(asyncio.ensure_future(namespace.trigger_event("push", SID, {"number": 2})))
    await asyncio.sleep(0)
    # The push is begun before whoever waits for the answer has had a turn.
    sent.append(asyncio.ensure_future(namespace.trigger_event("push", SID, {"number": 3})))
    namespace.answer()
    await asyncio.sleep(0)
    namespace.answer()
    await asyncio.gather(*sent)
    assert namespace.begun == [1, 2, 3]
    sent = [asyncio.ensure_future(namespace.trigger_event("push", SID, {"number": number})) for number in (4, 5)]
    await asyncio.gather(*sent)
    assert namespace.begun == [1, 2, 3, 4, 5]
