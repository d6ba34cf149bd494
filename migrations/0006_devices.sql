-- Devices that work offline: how their events were answered, and where their pulls of several pages began.
-- depends: 0005_server_keys

-- `answer` is what was acknowledged besides the version, or the errors of a rejection. Nobody has written here yet.
ALTER TABLE sync_inbox ALTER answer DROP NOT NULL,
    ADD entity_type text NOT NULL DEFAULT '',
    ADD entity_id text NOT NULL DEFAULT '',
    ADD outcome text NOT NULL DEFAULT 'acknowledged' CHECK (outcome IN ('acknowledged', 'conflict', 'rejected')),
    ADD reason text,
    ADD version bigint,
    ADD conflict_id uuid,
    ADD place integer NOT NULL DEFAULT 0;
CREATE INDEX sync_inbox_by_call ON sync_inbox (log_id, place);

-- `local_fields` are those of the payload that the device said it changed; null: all of them.
ALTER TABLE sync_conflicts ADD server_deleted boolean NOT NULL DEFAULT false, ADD local_fields text[];
CREATE INDEX sync_conflicts_open ON sync_conflicts (school_id, client_id) WHERE resolved_at IS NULL;

ALTER TABLE sync_clients ADD beginnings jsonb NOT NULL DEFAULT '{}';

-- The newest version before the edit that took the head last.
ALTER TABLE sync_head ADD previous bigint NOT NULL DEFAULT 0;

-- What is deleted without a tombstone would stay on every device.
CREATE FUNCTION needs_tombstone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % is deleted by its deleted_at and a new sync_version, taken from sync_head', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER trainers_stay BEFORE DELETE OR TRUNCATE ON trainers FOR EACH STATEMENT EXECUTE FUNCTION needs_tombstone();
CREATE TRIGGER templates_stay BEFORE DELETE OR TRUNCATE ON session_templates
    FOR EACH STATEMENT EXECUTE FUNCTION needs_tombstone();
CREATE TRIGGER sessions_stay BEFORE DELETE OR TRUNCATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION needs_tombstone();
