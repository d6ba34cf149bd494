"""Sync as one writes it down first: Starlette, asyncpg, orjson, and the pseudo-code that everybody has seen.

`up` looks at each event's row, compares versions, and writes; `down` selects what is newer and encodes it; a phone's
pull is one SELECT and its encoding. One transaction a call, its row of versions locked. No inbox, so that a repeat is
done again; no log of the calls, no judging of what is sent, no audit, and one school: whoever has the token is let in.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LOCK_HEAD = """
INSERT INTO sync_head AS head (school_id, version) VALUES ($1, $2)
ON CONFLICT (school_id) DO UPDATE SET version = greatest(head.version, $2) RETURNING version
"""
MOVE_HEAD = "UPDATE sync_head SET version = $2 WHERE school_id = $1"
FIND = "SELECT sync_version, deleted_at FROM session_templates WHERE id = $1 FOR UPDATE"
ADD = """
INSERT INTO session_templates (id, school_id, content, sync_version, first_version) VALUES ($1, $2, $3, $4, $4)
"""
CHANGE = """
UPDATE session_templates SET content = $2, sync_version = $3, deleted_at = $4, updated_at = now() WHERE id = $1
"""
COLUMNS = "id, school_id, content, created_at, updated_at, deleted_at, version, sync_version"
NEWER = f"""
SELECT {COLUMNS} FROM session_templates WHERE school_id = $1 AND sync_version > $2 ORDER BY sync_version LIMIT $3
"""  # noqa: S608 - constants
ALL_NEWER = f"SELECT {COLUMNS} FROM session_templates WHERE school_id = $1 AND sync_version > $2"  # noqa: S608

pool: asyncpg.Pool[asyncpg.Record]
schools: list[UUID] = []


async def up(request: Request) -> Response:
    if not is_known(request):
        return Response(status_code=401)
    body = orjson.loads(await request.body())
    answer: dict[str, list[dict[str, Any]]] = {"acknowledged": [], "conflicts": [], "rejected": []}
    async with pool.acquire() as connection, connection.transaction():
        school_id = await school()
        version = await connection.fetchval(LOCK_HEAD, school_id, now())
        for event in body["events"]:
            entity_id, content = UUID(event["entityId"]), orjson.dumps(event["payload"]).decode()
            row = await connection.fetchrow(FIND, entity_id)
            if row is not None and row["sync_version"] > event["localVersion"]:
                conflict = {"conflictId": str(uuid4()), "reason": "changed_since"}
                answer["conflicts"].append({"outboxEventId": event["id"], **conflict})
                continue
            version += 1
            deleted_at = datetime.now(UTC) if event["operation"] == "DELETE" else None
            if row is None:
                await connection.execute(ADD, entity_id, school_id, content, version)
            else:
                await connection.execute(CHANGE, entity_id, content, version, deleted_at)
            told = {"serverEventId": str(uuid4()), "entityId": event["entityId"], "serverVersion": version}
            answer["acknowledged"].append({"outboxEventId": event["id"], **told})
        await connection.execute(MOVE_HEAD, school_id, version)
    return json(answer)


async def down(request: Request) -> Response:
    if not is_known(request):
        return Response(status_code=401)
    body = orjson.loads(await request.body())
    after, limit = body["lastSyncTimestamp"] or 0, body.get("limit", 200)
    rows = await pool.fetch(NEWER, await school(), after, limit + 1)
    changes = [
        {
            "id": str(uuid4()),
            "entityType": "TEMPLATE",
            "entityId": str(row["id"]),
            "operation": "UPDATE" if row["deleted_at"] is None else "DELETE",
            "payload": {"id": str(row["id"]), **orjson.loads(row["content"]), **around(row)},
            "serverVersion": row["sync_version"],
            "modifiedAt": row["updated_at"],
        }
        for row in rows[:limit]
    ]
    has_more = len(rows) > limit
    cursor = changes[-1]["serverVersion"] if changes else after
    return json({"changes": changes, "syncTimestamp": cursor, "hasMore": has_more})


async def pull(request: Request) -> Response:
    """As a phone reads it: lists and objects are JSON text in a column, moments are milliseconds."""
    if not is_known(request):
        return Response(status_code=401)
    rows = await pool.fetch(ALL_NEWER, await school(), int(request.query_params["last_pulled_at"]))
    updated = [
        {
            "id": str(row["id"]),
            **{name: column(value) for name, value in orjson.loads(row["content"]).items()},
            "school_id": str(row["school_id"]),
            "created_at": int(row["created_at"].timestamp() * 1000),
            "updated_at": int(row["updated_at"].timestamp() * 1000),
            "deleted_at": None,
            "version": row["version"],
        }
        for row in rows
    ]
    timestamp = max((row["sync_version"] for row in rows), default=1)
    return json({"timestamp": timestamp, "changes": {"templates": {"created": [], "updated": updated, "deleted": []}}})


def column(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


def around(row: asyncpg.Record) -> dict[str, Any]:
    times = {name: row[name] for name in ("created_at", "updated_at", "deleted_at")}
    return {"school_id": str(row["school_id"]), **times, "version": row["version"]}


def is_known(request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {os.environ['TOKEN']}"


def json(content: dict[str, Any]) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def now() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


async def school() -> UUID:
    """The one that is there."""
    if not schools:
        schools.append(await pool.fetchval("SELECT id FROM schools"))
    return schools[0]


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    global pool
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10) as pool:
        yield


if __name__ == "__main__":
    app = Starlette(
        routes=[
            Route("/api/sync/up", up, methods=["POST"]),
            Route("/api/sync/down", down, methods=["POST"]),
            Route("/api/v1/sync/watermelon/pull", pull),
        ],
        lifespan=lifespan,
    )
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
