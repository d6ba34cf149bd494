"""A transaction for each push: lock the state, merge, write it, add the event. With or without a server around it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from bench.peers.alone import rate

LOCK_STATE = "SELECT last_values, last_seq FROM sessions WHERE id = $1 FOR UPDATE"
WRITE_STATE = "UPDATE sessions SET last_values = $2, last_seq = $3, updated_at = $4 WHERE id = $1"
ADD_EVENT = """
INSERT INTO session_events (id, session_id, seq, kind, created_at, systolic, diastolic, heart_rate, spo2,
    respiratory_rate, etco2, temperature, rhythm, flags, by_role, by_name)
VALUES ($1, $2, $3, 'vitals', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'trainer', 'Bench')
"""
SIGNS = ("systolic", "diastolic", "heart_rate", "spo2", "respiratory_rate", "etco2", "temperature")


async def store(pool: asyncpg.Pool[asyncpg.Record], data: dict[str, Any]) -> dict[str, Any]:
    session_id, now = UUID(data["session_id"]), datetime.now(UTC)
    vitals, flags = data.get("vitals", {}), data.get("flags", {})
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(LOCK_STATE, session_id)
        if row is None:
            raise LookupError(session_id)
        values, seq = json.loads(row["last_values"]), row["last_seq"] + 1
        kept = {name: flag for name, flag in {**values["flags"], **flags}.items() if flag is not None}
        values = {**values, **vitals, "flags": kept}
        await connection.execute(WRITE_STATE, session_id, json.dumps(values), seq, now)
        signs = (vitals.get(sign) for sign in SIGNS)
        rest = (data.get("rhythm"), json.dumps(flags))
        await connection.execute(ADD_EVENT, UUID(data["id"]), session_id, seq, now, *signs, *rest)
    return {"session_id": data["session_id"], "seq": seq, "at": now.isoformat(), "last_values": values}


async def push_directly(url: str, sessions: Sequence[str], seconds: float) -> float:
    """Pushes a second with no server at all."""
    async with asyncpg.create_pool(url, min_size=10, max_size=10) as pool:
        return await rate(lambda data: store(pool, data), sessions, seconds)
