"""0002 on a database of before: rows that shared a version, or had none, get one each, in their order."""

from __future__ import annotations

import psycopg
import pytest

from server.storage.migrations import migrate_down, migrate_up, migration_status, migrations_folder
from tests.support.rows import schema

# Of two schools; the third trainer and everything of the second school were never edited through the server.
_BEFORE = """
INSERT INTO schools (id, name) SELECT gen_random_uuid(), name FROM unnest(ARRAY['one', 'two', 'empty']) AS name;
INSERT INTO trainers (id, school_id, email, password_hash, name, role, created_at, updated_at, sync_version)
    SELECT gen_random_uuid(), id, name || n || '@example.org', 'x', name || n, 'admin', '2026-01-01'::date + n,
           '2026-02-01', CASE WHEN name = 'one' AND n < 3 THEN 1767225600000 + n ELSE 0 END
    FROM schools, generate_series(1, 3) AS n WHERE name <> 'empty';
INSERT INTO session_templates (id, school_id, content, created_at, updated_at, deleted_at, sync_version)
    SELECT gen_random_uuid(), id, '{}', '2026-01-02', '2026-02-01', '2026-02-01', 1767225600000 + n
    FROM schools, generate_series(5, 6) AS n WHERE name = 'one';
-- As an expiry of many left them.
INSERT INTO sessions (id, school_id, trainer_id, code, title, created_at, updated_at, expires_at, closed_at,
                      close_reason, last_values, limits, sync_version)
    SELECT gen_random_uuid(), school_id, id, 'C' || n, 'x', '2026-01-02'::date + n, '2026-02-01', '2026-02-01',
           '2026-02-01', 'expired', '{}', '{}', 1767225600100
    FROM trainers, generate_series(1, 5) AS n WHERE name = 'one1';
INSERT INTO sync_head (school_id, version) SELECT id, 1767225600100 FROM schools WHERE name = 'one';
"""

_NUMBERS = """
SELECT schools.name, kind, edited.created_at, sync_version, first_version, written, edited.updated_at
FROM (
    SELECT 'trainer' AS kind, school_id, created_at, sync_version, first_version, written, updated_at FROM trainers
    UNION ALL SELECT 'template', school_id, created_at, sync_version, first_version, written, updated_at
    FROM session_templates
    UNION ALL SELECT 'session', school_id, created_at, sync_version, first_version, written, updated_at FROM sessions
) AS edited JOIN schools ON schools.id = school_id
ORDER BY schools.name, sync_version
"""


@pytest.fixture
def before_url(database_url: str) -> str:
    """A database that stands at 0001."""
    while sum(each.is_applied for each in migration_status(database_url)) > 1:
        migrate_down(database_url)
    return database_url


def test_every_row_gets_a_number_of_its_own(before_url: str) -> None:
    with psycopg.connect(before_url) as connection:
        connection.execute(_BEFORE)
    migrate_up(before_url)
    with psycopg.connect(before_url) as connection:
        rows = connection.execute(_NUMBERS).fetchall()
        heads = dict(
            connection.execute(
                "SELECT name, version FROM sync_head JOIN schools ON schools.id = school_id WHERE oldest = 0"
            ).fetchall()
        )
    one = [row for row in rows if row[0] == "one"]
    # What was never in the log comes first; then by what the log said, and of what shared a number, the older first.
    assert [row[1] for row in one] == ["trainer"] * 3 + ["template"] * 2 + ["session"] * 5
    assert one[0][2].day == 4
    assert [row[2] for row in one[5:]] == sorted(row[2] for row in one[5:])
    for school, count in (("one", 10), ("two", 3)):
        numbers = list(range(1, count + 1))
        assert [row[3] for row in rows if row[0] == school] == numbers
        assert [row[4] for row in rows if row[0] == school] == numbers
        assert [row[5] for row in rows if row[0] == school] == [{"*": [number, None, None]} for number in numbers]
    assert heads == {"one": 1767225600100, "two": 3}, "the next edit gets a version above all of them"
    assert {row[6].month for row in rows} == {2}, "nothing was edited"


def test_the_way_back_leaves_the_schema_of_before(empty_database_url: str, before_url: str) -> None:
    with psycopg.connect(empty_database_url) as connection:
        connection.execute((migrations_folder() / "0001_init.sql").read_bytes())
    assert schema(before_url) == schema(empty_database_url)
