-- The log of what people edit: one number a row and never the same twice, who wrote each field last, and the audit.
-- depends: 0001_init

-- Nobody holds a cursor yet, so the numbers begin anew: 1, 2, 3 … in each school. The triggers would take this for
-- changes by hand.
ALTER TABLE trainers DISABLE TRIGGER trainers_touch;
ALTER TABLE session_templates DISABLE TRIGGER templates_touch;
ALTER TABLE sessions DISABLE TRIGGER sessions_touch;

ALTER TABLE trainers ADD first_version bigint, ADD written jsonb NOT NULL DEFAULT '{}',
    DROP last_client, DROP last_client_seq, ALTER sync_version DROP DEFAULT;
ALTER TABLE session_templates ADD first_version bigint, ADD written jsonb NOT NULL DEFAULT '{}',
    DROP last_client, DROP last_client_seq, ALTER sync_version DROP DEFAULT;
ALTER TABLE sessions ADD first_version bigint, ADD written jsonb NOT NULL DEFAULT '{}',
    DROP last_client, DROP last_client_seq, ALTER sync_version DROP DEFAULT;

-- A temporary table, for three updates need the same numbers. Rows of a school that were written together have shared
-- one; among them the older comes first, and what others refer to before what refers to it.
CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS
SELECT kind, id, school_id,
       row_number() OVER (PARTITION BY school_id ORDER BY sync_version, created_at, kind, id) AS number
FROM (
    SELECT 1 AS kind, id, school_id, sync_version, created_at FROM trainers
    UNION ALL SELECT 2, id, school_id, sync_version, created_at FROM session_templates
    UNION ALL SELECT 3, id, school_id, sync_version, created_at FROM sessions
) AS edited;
ANALYZE numbered;

UPDATE trainers SET sync_version = number, first_version = number,
    written = jsonb_build_object('*', jsonb_build_array(number, NULL, NULL))
    FROM numbered WHERE kind = 1 AND numbered.id = trainers.id;
UPDATE session_templates SET sync_version = number, first_version = number,
    written = jsonb_build_object('*', jsonb_build_array(number, NULL, NULL))
    FROM numbered WHERE kind = 2 AND numbered.id = session_templates.id;
UPDATE sessions SET sync_version = number, first_version = number,
    written = jsonb_build_object('*', jsonb_build_array(number, NULL, NULL))
    FROM numbered WHERE kind = 3 AND numbered.id = sessions.id;

-- `oldest` is the newest version of which something was forgotten: who stands below it begins anew.
ALTER TABLE sync_head ADD oldest bigint NOT NULL DEFAULT 0;
INSERT INTO sync_head AS head (school_id, version) SELECT school_id, max(number) FROM numbered GROUP BY school_id
    ON CONFLICT (school_id) DO UPDATE SET version = greatest(head.version, excluded.version);

ALTER TABLE trainers ADD CHECK (sync_version > 0), ALTER first_version SET NOT NULL;
ALTER TABLE session_templates ADD CHECK (sync_version > 0), ALTER first_version SET NOT NULL;
ALTER TABLE sessions ADD CHECK (sync_version > 0), ALTER first_version SET NOT NULL;

DROP INDEX trainers_by_sync_version;
DROP INDEX session_templates_by_sync_version;
DROP INDEX sessions_by_sync_version;
CREATE UNIQUE INDEX trainers_by_sync_version ON trainers (school_id, sync_version);
CREATE UNIQUE INDEX session_templates_by_sync_version ON session_templates (school_id, sync_version);
CREATE UNIQUE INDEX sessions_by_sync_version ON sessions (school_id, sync_version);

ALTER TABLE trainers ENABLE TRIGGER trainers_touch;
ALTER TABLE session_templates ENABLE TRIGGER templates_touch;
ALTER TABLE sessions ENABLE TRIGGER sessions_touch;

-- What is changed without a new place in the log would reach no device.
CREATE FUNCTION needs_new_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a change of % needs a new sync_version, taken from sync_head', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER trainers_in_log BEFORE UPDATE ON trainers FOR EACH ROW
    WHEN (NEW.sync_version <= OLD.sync_version) EXECUTE FUNCTION needs_new_version();
CREATE TRIGGER templates_in_log BEFORE UPDATE ON session_templates FOR EACH ROW
    WHEN (NEW.sync_version <= OLD.sync_version) EXECUTE FUNCTION needs_new_version();
-- With the columns named, a push, which sets last_seq, last_values and updated_at, does not even ask. A column that is
-- edited and added later goes in here.
CREATE TRIGGER sessions_in_log BEFORE UPDATE OF school_id, trainer_id, template_id, code, title, trainee_name,
    created_at, expires_at, closed_at, close_reason, limits, deleted_at, version ON sessions FOR EACH ROW
    WHEN (NEW.sync_version <= OLD.sync_version) EXECUTE FUNCTION needs_new_version();

ALTER TABLE sync_inbox ADD log_id uuid;
CREATE INDEX sync_inbox_by_client ON sync_inbox (school_id, client_id);
ALTER TABLE sync_log ADD acknowledged_count integer NOT NULL DEFAULT 0, ADD rejected_count integer NOT NULL DEFAULT 0;

-- The first use of a client's id binds it to its trainer.
CREATE TABLE sync_clients (
    school_id uuid NOT NULL REFERENCES schools (id),
    client_id text NOT NULL,
    trainer_id uuid REFERENCES trainers (id),
    last_seen_at timestamptz NOT NULL,
    cursor bigint,
    epoch text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (school_id, client_id)
);

-- Who did what; by_id is null for what was done by no account, as on the command line.
CREATE TABLE audit (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools (id),
    at timestamptz NOT NULL,
    by_id uuid,
    by_name text NOT NULL,
    action text NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_by_school ON audit (school_id, at DESC, id DESC);
