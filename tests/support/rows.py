"""One row in every table, written as SQL: what the tests of the migrations keep their eye on."""

from __future__ import annotations

from typing import Any

import psycopg

_SCHOOL = "11111111-1111-4111-8111-111111111111"
_TRAINER = "22222222-2222-4222-8222-222222222222"
_TEMPLATE = "33333333-3333-4333-8333-333333333333"
_SESSION = "44444444-4444-4444-8444-444444444444"
_OTHER = "55555555-5555-4555-8555-555555555555"

# In the order of their foreign keys. A migration that makes a table adds its row here.
ROWS: dict[str, str] = {
    "schools": f"(id, name) VALUES ('{_SCHOOL}', 'Skills lab 🚑')",
    "trainers": f"""(id, school_id, email, password_hash, name, role, sync_version, first_version)
        VALUES ('{_TRAINER}', '{_SCHOOL}', 'ada@example.org', 'hash', 'Ada', 'admin', 1, 1)""",
    "trainer_tokens": rf"(token_hash, trainer_id, expires_at) VALUES ('\x00ff', '{_TRAINER}', '2026-11-21 09:30Z')",
    "invitations": rf"""(id, school_id, token_hash, email, name, role, by_id, by_name, created_at, expires_at)
        VALUES ('{_OTHER}', '{_SCHOOL}', '\x03', 'bela@example.org', 'Bela', 'trainer', '{_TRAINER}', 'Ada',
                '2026-11-21 09:30Z', '2026-11-28 09:30Z')""",
    "session_templates": f"""(id, school_id, content, sync_version, first_version)
        VALUES ('{_TEMPLATE}', '{_SCHOOL}', '{{"title": "Sepsis"}}', 2, 2)""",
    "halls": rf"""(id, school_id, name, token_hash, created_at)
        VALUES ('{_OTHER}', '{_SCHOOL}', 'North', '\x02', '2026-11-21 09:30Z')""",
    "sessions": f"""(id, school_id, trainer_id, template_id, code, title, expires_at, last_values, last_seq, limits,
         sync_version, first_version)
        VALUES ('{_SESSION}', '{_SCHOOL}', '{_TRAINER}', '{_TEMPLATE}', 'ABCDEF', 'Sepsis', '2026-11-21 09:30Z',
                '{{"heart_rate": 140}}', 1, '{{}}', 3, 3)""",
    "session_cases": f"""(session_id, template_id, template_version, description, steps, checklist, targets)
        VALUES ('{_SESSION}', '{_TEMPLATE}', 1, 'Ward', '[]', '[]', '[]')""",
    "session_limits": f"""(session_id, at, limits) VALUES ('{_SESSION}', '2026-11-21 09:30Z',
        '{{"spo2": {{"low": 85, "high": null}}}}')""",
    "session_events": f"""(id, session_id, seq, kind, heart_rate, temperature, flags, by_role, by_name)
        VALUES ('{_OTHER}', '{_SESSION}', 1, 'vitals', 140, 38.5, '{{"cpr": true}}', 'trainer', 'Ada')""",
    "seats": rf"(id, session_id, token_hash, name) VALUES ('{_OTHER}', '{_SESSION}', '\x01', 'Grace')",
    "annotations": f"""(id, session_id, school_id, at, kind, text, marker, author_id, author_name)
        VALUES ('{_OTHER}', '{_SESSION}', '{_SCHOOL}', '2026-11-21 09:30Z', 'plus', 'Called early', 'help_called',
                '{_TRAINER}', 'Ada')""",
    "moment_edits": f"""(id, session_id, school_id, seq, kind, is_hidden, title, updated_at)
        VALUES ('{_OTHER}', '{_SESSION}', '{_SCHOOL}', 1, 'bookmark', true, 'Called early', '2026-11-21 09:30Z')""",
    "score_sheets": f"""(id, session_id, by_id, school_id, by_name, items, comment, created_at, updated_at, version)
        VALUES ('{_OTHER}', '{_SESSION}', '{_TRAINER}', '{_SCHOOL}', 'Ada', '{{"help": {{"score": 2}}}}', 'Calm',
                '2026-11-21 09:30Z', '2026-11-21 09:30Z', 1)""",
    "reflections": rf"""(id, session_id, school_id, author_hash, seat_id, words, scores)
        VALUES ('{_OTHER}', '{_SESSION}', '{_SCHOOL}', '\x04', '{_OTHER}', 'I was slow', '{{}}')""",
    "shares": rf"""(id, session_id, school_id, token_hash, by_id, by_name, created_at, expires_at)
        VALUES ('{_OTHER}', '{_SESSION}', '{_SCHOOL}', '\x05', '{_TRAINER}', 'Ada', '2026-11-21 09:30Z',
                '2026-12-05 09:30Z')""",
    "attendance": f"""(id, seat_id, session_id, joined_at, left_at, seen_at) VALUES ('{_OTHER}', '{_OTHER}',
        '{_SESSION}', '2026-11-21 09:30Z', '2026-11-21 09:31Z', '2026-11-21 09:31Z')""",
    "assignments": f"""(id, school_id, trainer_id, template_id, title, until, token, created_at)
        VALUES ('{_OTHER}', '{_SCHOOL}', '{_TRAINER}', '{_TEMPLATE}', 'A man of 71', '2026-11-28 09:30Z', 'token',
                '2026-11-21 09:30Z')""",
    "assignment_tries": f"""(session_id, assignment_id, school_id, name, begun_at)
        VALUES ('{_SESSION}', '{_OTHER}', '{_SCHOOL}', 'Grace', '2026-11-21 09:30Z')""",
    "sync_head": f"(school_id, version) VALUES ('{_SCHOOL}', 1700000000000)",
    "sync_inbox": f"(school_id, id, client_id, answer) VALUES ('{_SCHOOL}', '{_OTHER}', 'tablet', '{{}}')",
    "sync_conflicts": f"""(id, school_id, client_id, mutation_id, entity_type, entity_id, reason)
        VALUES ('{_OTHER}', '{_SCHOOL}', 'tablet', '{_OTHER}', 'TEMPLATE', '{_TEMPLATE}', 'both changed it')""",
    "sync_log": f"""(id, school_id, client_id, direction, status, started_at)
        VALUES ('{_OTHER}', '{_SCHOOL}', 'tablet', 'UP', 'SUCCESS', '2026-11-21 09:30Z')""",
    "sync_clients": f"""(school_id, client_id, trainer_id, last_seen_at)
        VALUES ('{_SCHOOL}', 'tablet', '{_TRAINER}', '2026-11-21 09:30Z')""",
    "server_keys": r"(name, key) VALUES ('devices', '\x0102')",
    "upstream": rf"(client_id, token_hash, school_id) VALUES ('hall', '\x01', '{_SCHOOL}')",
    "upstream_rows": f"""(school_id, entity_type, entity_id, pushed, central_version, epoch)
        VALUES ('{_SCHOOL}', 'TEMPLATE', '{_TEMPLATE}', 2, 40, 'epoch')""",
    "audit": f"""(id, school_id, at, by_id, by_name, action, subject_type, subject_id, details)
        VALUES ('{_OTHER}', '{_SCHOOL}', '2026-11-21 09:30Z', '{_TRAINER}', 'Ada', 'changed', 'template', '{_TEMPLATE}',
                '{{"fields": ["title"]}}')""",
}


def tables_of(url: str) -> set[str]:
    """Those of Shiller; yoyo keeps its own beside them."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows if "yoyo" not in name}


def fill(url: str) -> None:
    """A row in every table there is. Fails for a table that has no row above."""
    tables = tables_of(url)
    assert tables <= set(ROWS), f"write a row for {tables - set(ROWS)} into tests/support/rows.py"
    with psycopg.connect(url) as connection:
        for table, row in ROWS.items():
            if table in tables:
                connection.execute(f"INSERT INTO {table} {row}")


def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    tables = tables_of(url)
    with psycopg.connect(url) as connection:
        return {
            table: [row for (row,) in connection.execute(f"SELECT to_jsonb(each) FROM {table} AS each")]  # noqa: S608
            for table in tables
        }


def schema(url: str) -> dict[str, list[str]]:
    """Everything that a migration can make, as the catalogue tells it, in words that do not depend on order."""
    asked = {
        "columns": """SELECT format('%s.%s %s null:%s default:%s', table_name, column_name, udt_name, is_nullable,
            column_default) FROM information_schema.columns WHERE table_schema = 'public'""",
        "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "constraints": """SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
        "functions": "SELECT proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "types": """SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typrelid = 0
            AND typelem = 0""",
        "sequences": "SELECT sequencename::text FROM pg_sequences WHERE schemaname = 'public'",
    }
    with psycopg.connect(url) as connection:
        return {
            kind: sorted(text for (text,) in connection.execute(sql) if "yoyo" not in text)
            for kind, sql in asked.items()
        }
