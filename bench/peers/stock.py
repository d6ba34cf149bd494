"""Stock python-socketio on uvicorn, a transaction for each push: what one would write first in Python.

Nothing is tuned, and nothing is left out that a careful engineer would do: a pool, prepared statements
(asyncpg's own), one push at a time for each session, the broadcast after the commit.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import defaultdict
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import socketio
import uvicorn

from bench.peers.transaction import store

FIND_SESSION = "SELECT id FROM sessions WHERE code = $1 AND closed_at IS NULL"
READ_SESSION = "SELECT id, code, title, last_values, last_seq FROM sessions WHERE id = $1"
ADD_SEAT = "INSERT INTO seats (id, session_id, token_hash, name) VALUES ($1, $2, $3, $4)"

sio = socketio.AsyncServer(async_mode="asgi")
turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
pool: asyncpg.Pool[asyncpg.Record]


@sio.on("connect", namespace="/trainer")
async def trainer_connects(sid: str, environ: dict[str, Any], auth: dict[str, str]) -> None:
    if auth["token"] != os.environ["TOKEN"]:
        raise socketio.exceptions.ConnectionRefusedError("unauthenticated")


@sio.on("vitals:push", namespace="/trainer")
async def push(sid: str, data: dict[str, Any]) -> dict[str, Any]:
    session_id = data["session_id"]
    async with turns[session_id]:
        pushed = await store(pool, data)
        await sio.emit("vitals:pushed", pushed, room=session_id, namespace="/trainee")
    return {"ok": True, "event": {**data, "seq": pushed["seq"], "created_at": pushed["at"]}}


@sio.on("connect", namespace="/trainee")
async def trainee_connects(sid: str, environ: dict[str, Any], auth: dict[str, str]) -> None:
    session_id = await pool.fetchval(FIND_SESSION, auth["code"])
    if session_id is None:
        raise socketio.exceptions.ConnectionRefusedError("not_found")
    token = uuid4()
    await pool.execute(ADD_SEAT, uuid4(), session_id, token.bytes, auth["name"])
    # The client is told that it is connected when this returns; what it is told next has to come after.
    sio.start_background_task(welcome, sid, session_id, str(token))


async def welcome(sid: str, session_id: UUID, token: str) -> None:
    await sio.enter_room(sid, str(session_id), namespace="/trainee")
    row = await pool.fetchrow(READ_SESSION, session_id)
    if row is None:
        return
    session = {**row, "id": str(session_id), "last_values": json.loads(row["last_values"])}
    joined = {"session": session, "seat": {"token": token}}
    await sio.emit("session:joined", joined, to=sid, namespace="/trainee")


async def open_pool() -> None:
    global pool
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10)


async def close_pool() -> None:
    await pool.close()


if __name__ == "__main__":
    app = socketio.ASGIApp(sio, on_startup=open_pool, on_shutdown=close_pool)
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
