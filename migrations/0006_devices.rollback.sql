DROP TRIGGER sessions_stay ON sessions;
DROP TRIGGER templates_stay ON session_templates;
DROP TRIGGER trainers_stay ON trainers;
DROP FUNCTION needs_tombstone();
ALTER TABLE sync_head DROP previous;
ALTER TABLE sync_clients DROP beginnings;
DROP INDEX sync_conflicts_open;
ALTER TABLE sync_conflicts DROP server_deleted, DROP local_fields;
DROP INDEX sync_inbox_by_call;
UPDATE sync_inbox SET answer = '{}' WHERE answer IS NULL;
ALTER TABLE sync_inbox DROP place, DROP conflict_id, DROP version, DROP reason, DROP outcome, DROP entity_id,
    DROP entity_type, ALTER answer SET NOT NULL;
