"""Promise 4: trainees that stop reading, among others: nobody waits for them, and they cost no memory."""

from __future__ import annotations

import asyncio
import json
import socket

from tests.support.bare_socket import BareSocket, bare_sockets
from tests.support.memory import MIB, resident, settles
from tests.support.scenario_clients import Json, World
from tests.support.scenario_outbox import Outbox
from tests.support.scenario_presence import connected_are
from tests.support.scenario_record import check_record

# With these flags the state is some nine kilobytes, and 1500 of it for one trainee are 14 MB. The system itself
# holds up to about six of them, which is no memory of the server's.
FLAGS = {f"{'flag_' * 5}{number}": "\N{AMBULANCE}" * 64 for number in range(32)}
PUSHES = 1500
AT_ONCE = 8
STALLED = 4
# 256 KiB for each of them, and what a busy server breathes by.
GROWTH_BYTES = 16 * MIB


async def test_one_that_stops_reading_is_skipped_or_cut(world: World) -> None:
    trainer = await world.person("trainer")
    session = await trainer.open_session()
    watcher, line = await world.watch(session, "admin"), await world.trainer_line("trainer")
    listening = [await world.join(session, f"Listens {number}") for number in range(3)]
    stream = _Stream(Outbox(line, session))
    await stream.push({"flags": FLAGS})
    await stream.push_many(300)
    before = most = resident(world.server.running.pid)
    async with bare_sockets() as stalled:
        for number in range(STALLED):
            stalled.append(await BareSocket(world.url, reads_little=True).join(session, f"Stalled {number}"))
        for _ in range(10):
            newest = await stream.push_many(PUSHES // 10)
            states = await asyncio.gather(*(each.expect_seq(newest) for each in listening))
            assert all(state == states[0] for state in states)
            most = max(most, resident(world.server.running.pid))
            # Every other one answers the heartbeat all the same: its program hangs, its network does not.
            await asyncio.gather(*(each.send_frame("3") for each in stalled[::2]), return_exceptions=True)
        assert most < before + GROWTH_BYTES, f"{(most - before) / MIB:.0f} MiB for those who do not read"
        await asyncio.gather(*(_reads_on(each, newest) for each in stalled))
    await connected_are(watcher, session, {"Listens 0", "Listens 1", "Listens 2"})
    await check_record(trainer, session, [stream.outbox])
    await settles(world.server.running.pid, before + GROWTH_BYTES)


class _Stream:
    """Heart rates, as fast as they are confirmed."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox

    async def push_many(self, count: int) -> int:
        """The seq of the last."""
        room = asyncio.Semaphore(AT_ONCE)

        async def push(number: int) -> int:
            async with room:
                return await self.push({"vitals": {"heart_rate": number % 300}})

        return max(await asyncio.gather(*(push(number) for number in range(count))))

    async def push(self, fields: Json) -> int:
        event = await self.outbox.line.push(self.outbox.session, **fields)
        self.outbox.sent[event["id"]] = ("vitals:push", fields)
        self.outbox.events[event["id"]] = event
        return event["seq"]


async def _reads_on(stalled: BareSocket, newest: int) -> None:
    """It was cut, or it gets what is newest without having got everything before."""
    stalled.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256 * 1024)
    frames = 0
    try:
        while True:
            frame = await stalled.read_frame()
            if frame.startswith('42/trainee,["vitals:pushed"'):
                frames += 1
                if json.loads(frame.partition(",")[2])[1]["seq"] >= newest:
                    break
    except EOFError:
        return
    assert frames < PUSHES, "everything was kept for it"
