"""What is kept for a trainee while nothing happens: a connection is read in a turn of its own, and then it only waits.

Objects are counted and not bytes, by what they are: the bytes are `bench --only memory`.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter

from bidict import bidict

from server.engine.opening import Handshake, Opening
from server.front.connection import HttpConnection
from server.service.seats import Joined
from server.transport.socket.socket_server import HeartbeatSettings
from tests.support.patience import PATIENCE_SECONDS
from tests.support.raw import RawWebSocket
from tests.support.running import RunningServer, running_server

OF_COMING = (HttpConnection, Handshake, Opening, Joined, bidict)


async def _join(server: RunningServer, code: str, name: str) -> RawWebSocket:
    line = await RawWebSocket.connect(server.url, "/trainee", {"code": code, "name": name})
    await line.read_until('42/trainee,["session:joined"')
    return line


def _count() -> Counter[str]:
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, OF_COMING))


async def test_nothing_of_how_a_trainee_came_is_kept_and_no_task_waits_for_it() -> None:
    # No ping: nobody here answers one.
    async with running_server(heartbeat=HeartbeatSettings(ping_seconds=10 * PATIENCE_SECONDS)) as server:
        await server.login()
        code = (await server.open_session())["code"]
        # What is made once is made for the first.
        lines = [await _join(server, code, "Ann")]
        gc.collect()
        # It would take away what only a circle holds, some time.
        gc.disable()
        try:
            before, tasks = _count(), len(asyncio.all_tasks())
            lines += [await _join(server, code, f"Ben {number}") for number in range(20)]
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(asyncio.all_tasks()) > tasks:
                    await asyncio.sleep(0.01)
            assert _count() - before == Counter()
            assert len(server.app.sockets.engine.connections) == len(lines)
        finally:
            gc.enable()
            for line in lines:
                line.leave()
