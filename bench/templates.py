"""Templates by the thousand: the supplied cases over and over, of at most 4 KB, so that 500 fit a device's call."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg

from server.domain.case_reading import StepDraft
from server.domain.outcomes import InvalidFields
from server.domain.template import TemplateContent, TemplateDraft, judge_template
from server.json_text import write_json
from server.service.seeds import case_names, read_case

BATCH = 500
# 500 of them, with what stands around each, are a little less than the 2 MiB of a call.
_LARGEST_BYTES = 3800
_ADD = """
INSERT INTO session_templates (id, school_id, content, sync_version, first_version, written)
SELECT gen_random_uuid(), %(school)s,
    %(contents)s::jsonb -> n %% %(kinds)s || jsonb_build_object('title', 'Case ' || n),
    %(head)s + n, %(head)s + n, jsonb_build_object('*', jsonb_build_array(%(head)s + n, null, null))
FROM generate_series(1, %(count)s) AS n
"""
_MOVE_HEAD = """
INSERT INTO sync_head AS head (school_id, version) VALUES (%(school)s, %(count)s)
ON CONFLICT (school_id) DO UPDATE SET version = head.version + excluded.version RETURNING version
"""


@cache
def contents() -> Sequence[Mapping[str, object]]:
    return [_content(read_case(name)) for name in case_names()]


def _content(case: Mapping[str, Any]) -> Mapping[str, object]:
    """As it is stored; where that would be too long, without the checklist and then without the last steps."""
    draft = TemplateDraft(
        title=case["title"],
        description=case["description"],
        vitals=case["vitals"],
        rhythm=case["rhythm"],
        flags=case["flags"],
        steps=[StepDraft(**step) for step in case["steps"]],
        limits=case["limits"],
        checklist=case["checklist"],
        public_title=case["public_title"],
        targets=case["targets"],
        language=case["language"],
    )
    content = _judged(draft)
    while len(write_json(content.as_json()).encode()) > _LARGEST_BYTES:
        draft = replace(draft, checklist=()) if draft.checklist else replace(draft, steps=_without_last(draft.steps))
        content = _judged(draft)
    return content.as_json()


def _without_last(steps: Sequence[StepDraft]) -> Sequence[StepDraft]:
    """And without the transitions that lead there."""
    last, left = steps[-1], steps[:-1]
    return [
        replace(step, transitions=[each for each in cast(Any, step.transitions) if each["to"] != last.key])
        for step in left
    ]


def _judged(draft: TemplateDraft) -> TemplateContent:
    content = judge_template(draft)
    if isinstance(content, InvalidFields):
        raise ValueError(f"the case {draft.title!r} cannot be played: {content}")
    return content


def batch(count: int = BATCH) -> bytes:
    """The body of a call that sends so many new templates."""
    events = [
        {
            "id": str(uuid4()),
            "entityType": "TEMPLATE",
            "entityId": str(uuid4()),
            "operation": "CREATE",
            "payload": contents()[number % len(contents())],
            "localVersion": 0,
        }
        for number in range(count)
    ]
    body = {"clientId": "bench", "lastSyncTimestamp": 0, "events": events}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def seed_templates(url: str, count: int) -> UUID:
    """Into the school that is there, or a new one; its id. Vacuumed, as after a night."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        found = connection.execute("SELECT id FROM schools ORDER BY created_at, id LIMIT 1").fetchone()
        school: UUID = uuid4() if found is None else found[0]
        if found is None:
            connection.execute("INSERT INTO schools (id, name) VALUES (%s, 'Bench')", (school,))
        head = connection.execute(_MOVE_HEAD, {"school": school, "count": count}).fetchone()
        assert head is not None  # noqa: S101 - an upsert without a condition answers its row
        values = {"contents": write_json(contents()), "kinds": len(contents()), "head": head[0] - count}
        connection.execute(_ADD, {"school": school, "count": count, **values})
        connection.execute("VACUUM ANALYZE session_templates")
    return school
