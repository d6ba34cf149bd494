"""Promises 1, 2 and 5 over a kill -9 of the server in the middle of its work."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from tests.scenario.conftest import Stage
from tests.support.scenario import ServerProcess, end, end_database_left_in, errors_in
from tests.support.scenario_clients import World
from tests.support.scenario_outbox import Outbox, Streams, check_record


async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server", {"DATA_DIR": str(tmp_path / "data")})
    try:
        stage = Stage(server.start())
        stage.set_up_accounts(("trainer", "colleague"))
        async with AsyncExitStack() as stack:
            await _killed_and_continued(World(server, stage.tokens, stage.accounts, stack))
        assert server.stop() == 0
        assert not errors_in(server.log)
    finally:
        end(server)
        end_database_left_in(tmp_path / "data")


async def _killed_and_continued(world: World) -> None:
    trainer, colleague = await world.person("trainer"), await world.person("colleague")
    sessions = [await trainer.open_session(), await trainer.open_session(), await colleague.open_session()]
    one, other = (
        await world.trainer_line("trainer", reconnects=True),
        await world.trainer_line("colleague", reconnects=True),
    )
    trainees = [await world.join(session, "Ann", reconnects=True) for session in sessions]
    seats = [trainee.seat["id"] for trainee in trainees]
    outboxes = [Outbox(one, sessions[0]), Outbox(one, sessions[1]), Outbox(other, sessions[2])]
    outboxes += [Outbox(trainees[0], sessions[0])]
    streams = Streams(outboxes)
    streams.begin()
    await streams.until(lambda: streams.confirmed >= 400)

    heard = [len(trainee.heard) for trainee in trainees]
    await asyncio.to_thread(world.server.kill)
    await streams.end()
    unconfirmed = [len(outbox.unconfirmed) for outbox in outboxes]
    assert any(unconfirmed), "the kill hit nothing under way"
    await asyncio.to_thread(world.server.restart_on_same_port)

    owners = [(trainer, sessions[0]), (trainer, sessions[1]), (colleague, sessions[2])]
    for person, session in owners:
        await check_record(person, session, [outbox for outbox in outboxes if outbox.session is session])
    for line in (one, other):
        await line.expect("connect", after=_place_of(line, "disconnect"))
    for trainee, seat, place in zip(trainees, seats, heard, strict=True):
        joined = await trainee.expect("session:joined", after=place)
        assert joined["seat"]["id"] == seat
    for outbox in outboxes:
        await outbox.send_the_rest()
    for (person, session), trainee in zip(owners, trainees, strict=True):
        mine = [outbox for outbox in outboxes if outbox.session is session]
        await check_record(person, session, mine)
        assert len(await person.events(session)) == sum(len(outbox.sent) for outbox in mine)
        last = await (one if person is trainer else other).push(session, vitals={"spo2": 99})
        assert (await trainee.expect_seq(last["seq"]))["last_values"]["spo2"] == 99


def _place_of(line: object, message: str) -> int:
    return [name for name, _ in line.heard].index(message)  # type: ignore[attr-defined]
