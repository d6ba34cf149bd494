"""Templates that were stored when they had fewer parts are told like those of today, by the cheap way too."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from server.domain.template import Template, TemplateContent, TemplateDraft, judge_template
from server.json_text import write_json
from server.ports.sync import Pull
from tests.support.houses import UNHURRIED, furnish, open_postgres

STEP = {"title": "One", "vitals": {"heart_rate": 90}, "rhythm": None, "flags": {}, "ramp_seconds": 0}
OLD: list[dict[str, Any]] = [
    {"checklist": ["Looks", "Listens"]},
    {"checklist": [{"text": "Looks"}]},
    {"steps": [STEP]},
    {"limits": {"spo2": {"low": 85}}},
    {"limits": {}},
]


@pytest.mark.parametrize("old", [*OLD, {}], ids=str)
@pytest.mark.parametrize("missing", [(), ("targets", "language", "public_title", "duration_minutes")])
async def test_old_templates(database_url: str, old: dict[str, Any], missing: tuple[str, ...]) -> None:
    content = judge_template(TemplateDraft("Old"))
    assert isinstance(content, TemplateContent)
    stored = {name: part for name, part in {**content.as_json(), **old}.items() if name not in missing}
    async with open_postgres(database_url, live=UNHURRIED) as storage:
        house = await furnish(storage)
        connection = await asyncpg.connect(database_url)
        try:
            await connection.execute(
                """
                INSERT INTO session_templates (id, school_id, content, sync_version, first_version, written)
                VALUES (gen_random_uuid(), $1, $2, 10, 10, '{"*": [10, null, null]}')
                """,
                house.school.id,
                write_json(stored),
            )
        finally:
            await connection.close()
        pull = Pull(house.school.id, ("TEMPLATE",), 0, 5)
        [row] = (await storage.sync.pull(pull)).rows
        [told] = await storage.sync.pull_templates(pull)
    assert isinstance(row.row.entity, Template)
    assert told.content.as_json() == row.row.entity.content.as_json()
