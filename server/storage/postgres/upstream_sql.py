"""What a hall keeps of its central server, as SQL; `upstream.py` says when."""

from __future__ import annotations

from collections.abc import Mapping

from server.ports.upstream import BesideRecordType
from server.storage.postgres.sync_rows import COLUMNS

KEEP = """
INSERT INTO upstream (client_id, token_hash, school_id, hall_id, hall_name, epoch, cursor, is_pulling_whole,
    contacted_at, completed_at, next_try_at, problem, offset_ms, release)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (is_one) DO UPDATE SET client_id = excluded.client_id, token_hash = excluded.token_hash,
    school_id = excluded.school_id, hall_id = excluded.hall_id, hall_name = excluded.hall_name, epoch = excluded.epoch,
    cursor = excluded.cursor, is_pulling_whole = excluded.is_pulling_whole, contacted_at = excluded.contacted_at,
    completed_at = excluded.completed_at, next_try_at = excluded.next_try_at, problem = excluded.problem,
    offset_ms = excluded.offset_ms, release = excluded.release
"""
_MARK_OF = "LEFT JOIN upstream_rows AS mark ON mark.entity_type = '{type}' AND mark.entity_id = {table}.id"
_MARK_COLUMNS = """
coalesce(mark.pushed, 0) AS pushed, coalesce(mark.central_version, 0) AS central_version,
coalesce(mark.epoch, '') AS epoch
"""
# $2: what was refused since then is not tried again, unless it is another version by now. What has another home never.
_NOT_REFUSED = """
(mark.refused IS NULL OR (mark.refused ->> 'version')::bigint < {version} OR mark.refused_at <= $2)
AND coalesce(mark.refused ->> 'reason', '') NOT IN ('not_home', 'seq_taken')
"""
# Beside the record: they go up once the session itself is there.
_BESIDE_WAITS = f"""
FROM {{table}}
JOIN upstream_rows AS home ON home.entity_type = 'SESSION' AND home.entity_id = {{table}}.session_id
    AND home.pushed > 0
{_MARK_OF}
WHERE {{table}}.school_id = $1 AND {{table}}.version > coalesce(mark.pushed, 0)
    AND {_NOT_REFUSED.format(version="{table}.version")}
"""
_TEMPLATES_WAIT = f"""
FROM session_templates {_MARK_OF.format(type="TEMPLATE", table="session_templates")}
WHERE session_templates.school_id = $1 AND session_templates.sync_version > coalesce(mark.pushed, 0)
    AND {_NOT_REFUSED.format(version="session_templates.sync_version")}
"""
_SEATS = """
concat((SELECT md5(string_agg(concat_ws('/', seats.id, name, removed_at), ',' ORDER BY joined_at, seats.id))
        FROM seats WHERE session_id = sessions.id),
       (SELECT md5(string_agg(concat_ws('/', seat_id, joined_at, left_at), ',' ORDER BY joined_at, attendance.id))
        FROM attendance WHERE session_id = sessions.id))
"""
# Who was there is written a moment after the end; later it does not change.
_SEATS_MAY_CHANGE = "(sessions.closed_at IS NULL OR sessions.closed_at > now() - interval '1 hour')"
_ROW_WAITS = f"""
(sessions.sync_version > coalesce(mark.pushed, 0)
 OR ({_SEATS_MAY_CHANGE} AND {_SEATS} <> coalesce(mark.seats, '')))
"""
_SESSIONS_WAIT = f"""
FROM sessions {_MARK_OF.format(type="SESSION", table="sessions")}
WHERE sessions.school_id = $1 AND sessions.deleted_at IS NULL
    AND (sessions.last_seq > coalesce(mark.pushed_seq, 0) OR {_ROW_WAITS})
    AND {_NOT_REFUSED.format(version="sessions.sync_version")}
"""
# Their marks have a school, too.
_TEMPLATE_COLUMNS = ", ".join(f"session_templates.{name}" for name in COLUMNS["TEMPLATE"].split(", "))
WAITING_TEMPLATES = f"""
SELECT {_TEMPLATE_COLUMNS}, {_MARK_COLUMNS} {_TEMPLATES_WAIT} ORDER BY session_templates.sync_version LIMIT $3
"""
WAITING_SESSIONS = f"""
SELECT sessions.id, sync_version, last_seq, {_MARK_COLUMNS}, coalesce(mark.pushed_seq, 0) AS pushed_seq,
    {_SEATS} AS seats, {_ROW_WAITS} AS row_waits
{_SESSIONS_WAIT} ORDER BY sessions.created_at, sessions.id
"""
# Own words have no moment: their session's end is what is known.
_BESIDE_SINCE: Mapping[BesideRecordType, tuple[str, str]] = {
    "ANNOTATION": ("annotations", "annotations.updated_at"),
    "SCORE_SHEET": ("score_sheets", "score_sheets.updated_at"),
    "MOMENT": ("moment_edits", "moment_edits.updated_at"),
    "REFLECTION": ("reflections", "(SELECT closed_at FROM sessions WHERE sessions.id = reflections.session_id)"),
}
WAITING_BESIDE: Mapping[BesideRecordType, str] = {
    type: f"SELECT {table}.* {_BESIDE_WAITS.format(type=type, table=table)} ORDER BY {since}, {table}.id LIMIT $3"
    for type, (table, since) in _BESIDE_SINCE.items()
}
_ALL_BESIDE = " UNION ALL ".join(
    f"SELECT {since} AS since {_BESIDE_WAITS.format(type=type, table=table)}"
    for type, (table, since) in _BESIDE_SINCE.items()
)
MARK_BESIDE = """
INSERT INTO upstream_rows (school_id, entity_type, entity_id, pushed, central_version, epoch)
SELECT $2, $4, id, pushed, 1, $3 FROM jsonb_to_recordset($1) AS row (id uuid, pushed bigint)
ON CONFLICT (entity_type, entity_id) DO UPDATE SET pushed = excluded.pushed, central_version = 1,
    epoch = excluded.epoch, refused = NULL, refused_at = NULL
"""
WAITING = f"""
SELECT templates.count AS templates, sessions.count AS sessions, sessions.events, annotations.count AS annotations,
    least(templates.since, sessions.since, annotations.since) AS since
FROM (SELECT count(*), min(session_templates.updated_at) AS since {_TEMPLATES_WAIT}) AS templates,
    (SELECT count(*), min(since) AS since FROM ({_ALL_BESIDE}) AS beside) AS annotations,
    (SELECT count(*) FILTER (WHERE row_waits) AS count, coalesce(sum(events), 0)::bigint AS events, min(since) AS since
     FROM (SELECT {_ROW_WAITS} AS row_waits, greatest(last_seq - coalesce(mark.pushed_seq, 0), 0) AS events,
               CASE WHEN last_seq > coalesce(mark.pushed_seq, 0) THEN
                   (SELECT event.created_at FROM session_events AS event
                    WHERE event.session_id = sessions.id AND event.seq = coalesce(mark.pushed_seq, 0) + 1)
               ELSE sessions.updated_at END AS since
           {_SESSIONS_WAIT}) AS waiting) AS sessions
"""  # noqa: S608 - constants
MARK_ROWS = """
INSERT INTO upstream_rows AS mark (school_id, entity_type, entity_id, pushed, central_version, epoch, conflict_id)
SELECT $2, entity_type, entity_id, pushed, central_version, epoch, conflict_id
FROM jsonb_to_recordset($1) AS row (entity_type text, entity_id uuid, pushed bigint, central_version bigint, epoch text,
    conflict_id uuid)
ON CONFLICT (entity_type, entity_id) DO UPDATE SET pushed = excluded.pushed, epoch = excluded.epoch,
    central_version = excluded.central_version, refused = NULL, refused_at = NULL,
    conflict_id = CASE WHEN excluded.central_version = mark.central_version
        THEN coalesce(excluded.conflict_id, mark.conflict_id) ELSE excluded.conflict_id END
"""
# A mark that is lost with the power is learnt from the central's next hello: the disk need not be waited for.
MARK_SESSIONS = """
INSERT INTO upstream_rows (school_id, entity_type, entity_id, pushed, central_version, epoch, pushed_seq, seats)
SELECT $2, 'SESSION', id, pushed, 1, $3, pushed_seq, seats
FROM jsonb_to_recordset($1) AS row (id uuid, pushed bigint, pushed_seq integer, seats text),
    set_config('synchronous_commit', 'off', true)
ON CONFLICT (entity_type, entity_id) DO UPDATE SET pushed = excluded.pushed, central_version = 1,
    epoch = excluded.epoch, pushed_seq = excluded.pushed_seq, seats = excluded.seats, refused = NULL, refused_at = NULL
"""
REFUSE = """
INSERT INTO upstream_rows (school_id, entity_type, entity_id, refused, refused_at)
SELECT $2, entity_type, entity_id, refused, refused_at
FROM jsonb_to_recordset($1) AS row (entity_type text, entity_id uuid, refused jsonb, refused_at timestamptz)
ON CONFLICT (entity_type, entity_id) DO UPDATE SET refused = excluded.refused, refused_at = excluded.refused_at
"""
# Of the other rows it is kept at which version the central had them: what it has now is compared with that.
FORGET_MARKS = """
UPDATE upstream_rows SET refused = NULL, refused_at = NULL, epoch = CASE epoch WHEN '' THEN '' ELSE 'before' END,
    pushed = CASE WHEN entity_type IN ('TRAINER', 'TEMPLATE') THEN pushed ELSE 0 END, pushed_seq = 0, seats = ''
"""
UNNAMED = """
SELECT row.type, row.id, coalesce(mark.pushed, 0) AS pushed, coalesce(mark.central_version, 0) AS central_version,
    coalesce(mark.epoch, '') AS epoch
FROM (SELECT 'TRAINER' AS type, id FROM trainers WHERE school_id = $1 AND deleted_at IS NULL
      UNION ALL SELECT 'TEMPLATE', id FROM session_templates WHERE school_id = $1 AND deleted_at IS NULL) AS row
LEFT JOIN upstream_rows AS mark ON mark.entity_type = row.type AND mark.entity_id = row.id
WHERE coalesce(mark.epoch, '') <> $2 AND (row.type = 'TRAINER' OR mark.central_version > 0)
ORDER BY row.type, row.id LIMIT $3
"""
FORGET_HASHES = """
UPDATE trainers SET password_hash = '', updated_at = $3, version = trainers.version + 1,
    sync_version = $2 + numbered.place - 1,
    written = trainers.written
        || jsonb_build_object('password', jsonb_build_array($2 + numbered.place - 1, $4::text, NULL))
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM trainers
      WHERE school_id = $1 AND password_hash <> '') AS numbered
WHERE trainers.id = numbered.id
RETURNING trainers.id
"""
END_LOGINS = """
DELETE FROM trainer_tokens WHERE trainer_id IN (SELECT id FROM trainers WHERE school_id = $1) AND NOT EXISTS (
    SELECT FROM sessions WHERE sessions.school_id = $1 AND closed_at IS NULL AND expires_at > $2
        AND (sessions.trainer_id = trainer_tokens.trainer_id OR trainer_tokens.trainer_id = ANY(co_trainer_ids))
) RETURNING token_hash
"""
