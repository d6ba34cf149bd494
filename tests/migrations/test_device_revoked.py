"""0010 on a database of before: conflicts of known devices become their trainers'."""

from __future__ import annotations

import psycopg

from server.storage.migrations import migrate_down, migrate_up, migration_status

_BEFORE = """
INSERT INTO schools (id, name) SELECT gen_random_uuid(), name FROM unnest(ARRAY['one', 'two']) AS name;
INSERT INTO trainers (id, school_id, email, password_hash, name, role, sync_version, first_version)
    SELECT gen_random_uuid(), id, name || '@example.org', 'x', name, 'trainer', 1, 1 FROM schools;
INSERT INTO sync_clients (school_id, client_id, trainer_id, last_seen_at)
    SELECT school_id, 'tablet', id, now() FROM trainers;
INSERT INTO sync_conflicts (id, school_id, client_id, mutation_id, entity_type, entity_id, reason)
    SELECT gen_random_uuid(), id, client_id, gen_random_uuid(), 'TEMPLATE', gen_random_uuid(), 'missing'
    FROM schools, unnest(ARRAY['tablet', 'forgotten']) AS client_id;
"""
_OWNERS = """
SELECT schools.name, client_id, trainers.name FROM sync_conflicts
JOIN schools ON schools.id = sync_conflicts.school_id LEFT JOIN trainers ON trainers.id = trainer_id
ORDER BY schools.name, client_id
"""


def test_conflicts_of_known_devices_are_their_trainers(database_url: str) -> None:
    while any(each.id.startswith("0010") and each.is_applied for each in migration_status(database_url)):
        migrate_down(database_url)
    with psycopg.connect(database_url) as connection:
        connection.execute(_BEFORE)
    migrate_up(database_url)
    with psycopg.connect(database_url) as connection:
        owners = connection.execute(_OWNERS).fetchall()
    assert owners == [("one", "forgotten", None), ("one", "tablet", "one"), ("two", "forgotten", None),
                      ("two", "tablet", "two")]  # fmt: skip
