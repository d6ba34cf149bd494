"""A bare broadcast on picows: the same texts over WebSocket, and nothing else.

No Engine.IO, no acknowledgement that says anything, no storage, no heartbeat, no checks: what is left is the least
that Python pays for a push that reaches everybody. With STORES each push is stored before, by one statement:
the least that Python pays for one that is kept.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from bench.peers.transaction import SIGNS

STORE = """
WITH moved AS (
    UPDATE sessions SET last_seq = $3, last_values = $13, updated_at = $4 WHERE id = $2 RETURNING id
)
INSERT INTO session_events (id, session_id, seq, kind, created_at, systolic, diastolic, heart_rate, spo2,
    respiratory_rate, etco2, temperature, flags, by_role, by_name)
SELECT $1, id, $3, 'vitals', $4, $5, $6, $7, $8, $9, $10, $11, $12, 'trainer', 'Bench' FROM moved
"""

pool: asyncpg.Pool[asyncpg.Record] | None = None
under_way: set[asyncio.Task[None]] = set()


class Session:
    def __init__(self) -> None:
        self.last_values: dict[str, Any] = json.loads(os.environ["START_VALUES"])
        self.last_seq = 0
        self.trainees: set[WSTransport] = set()
        self.turn = asyncio.Lock()


sessions: defaultdict[str, Session] = defaultdict(Session)


class Trainee(WSListener):
    def __init__(self, session_id: str) -> None:
        self._id, self._session = session_id, sessions[session_id]

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._session.trainees.add(transport)
        joined = {"session": {"id": self._id, "last_values": self._session.last_values}}
        transport.send(WSMsgType.TEXT, f'42/trainee,["session:joined",{write(joined)}]'.encode())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._session.trainees.discard(transport)


class Trainer(WSListener):
    def on_ws_connected(self, transport: WSTransport) -> None:
        transport.send(WSMsgType.TEXT, b"40/trainer,")

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        text = frame.get_payload_as_utf8_text()
        begins = text.index("[")
        data = json.loads(text[begins:])[1]
        session = sessions[data["session_id"]]
        values = session.last_values
        kept = {name: flag for name, flag in {**values["flags"], **data["flags"]}.items() if flag is not None}
        session.last_values = {**values, **data["vitals"], "flags": kept}
        session.last_seq += 1
        pushed = {
            "session_id": data["session_id"],
            "seq": session.last_seq,
            "at": datetime.now(UTC).isoformat(),
            "last_values": session.last_values,
        }
        ack = f'43{text[2:begins]}[{{"ok":true}}]'.encode()
        if pool is None:
            tell(session, pushed, transport, ack)
        else:
            storing = asyncio.get_running_loop().create_task(store(pool, data, pushed, session, transport, ack))
            under_way.add(storing)
            storing.add_done_callback(under_way.discard)


async def store(
    pool: asyncpg.Pool[asyncpg.Record],
    data: dict[str, Any],
    pushed: dict[str, Any],
    session: Session,
    trainer: WSTransport,
    ack: bytes,
) -> None:
    signs = (data["vitals"].get(sign) for sign in SIGNS)
    rest = (write(data["flags"]), write(pushed["last_values"]))
    async with session.turn:
        await pool.execute(
            STORE, UUID(data["id"]), UUID(data["session_id"]), pushed["seq"], datetime.now(UTC), *signs, *rest
        )
        tell(session, pushed, trainer, ack)


def tell(session: Session, pushed: dict[str, Any], trainer: WSTransport, ack: bytes) -> None:
    message = f'42/trainee,["vitals:pushed",{write(pushed)}]'.encode()
    for trainee in session.trainees:
        trainee.send(WSMsgType.TEXT, message)
    trainer.send(WSMsgType.TEXT, ack)


def write(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))


def listener(request: WSUpgradeRequest) -> WSListener:
    who = parse_qs(urlsplit(request.path.decode()).query)
    return Trainer() if "token" in who else Trainee(who["code"][0])


async def main() -> None:
    global pool
    if os.environ.get("STORES"):
        pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10)
    server = await ws_create_server(listener, "127.0.0.1", int(os.environ["PORT"]), backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
