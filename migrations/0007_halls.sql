-- Hall servers: their tokens, and where a session is at home.
-- depends: 0006_devices

-- `trainer_ids` are those that may log in at the hall; null: all who are no admins.
CREATE TABLE halls (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools (id),
    name text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    trainer_ids uuid[],
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_seen_at timestamptz,
    client_id text,
    release text,
    waiting jsonb,
    clock_offset_ms bigint
);
CREATE UNIQUE INDEX halls_by_name ON halls (school_id, lower(name)) WHERE revoked_at IS NULL;

-- `hall_id` is the server that alone writes to the session; null: this one. `hall` is what there is to tell of the hall
-- that it came from, and stays when the session was taken over.
ALTER TABLE sessions ADD COLUMN hall_id uuid REFERENCES halls (id), ADD COLUMN hall jsonb;
CREATE INDEX sessions_by_hall ON sessions (hall_id) WHERE hall_id IS NOT NULL;
DROP TRIGGER sessions_in_log ON sessions;
CREATE TRIGGER sessions_in_log BEFORE UPDATE OF school_id, trainer_id, template_id, code, title, trainee_name,
    created_at, expires_at, closed_at, close_reason, limits, deleted_at, version, public_title, co_trainer_ids,
    shows_conditions, forked_from, hall_id ON sessions FOR EACH ROW
    WHEN (NEW.sync_version <= OLD.sync_version) EXECUTE FUNCTION needs_new_version();

-- When the hall was heard of last is no change of the session. A push states its moment, and is asked no further.
DROP TRIGGER sessions_touch ON sessions;
CREATE TRIGGER sessions_touch BEFORE UPDATE ON sessions FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at AND NEW.version = OLD.version AND NEW.last_seq = OLD.last_seq
          AND NEW.hall IS NOT DISTINCT FROM OLD.hall)
    EXECUTE FUNCTION touch_updated_at();

-- A trainee of a hall has a seat there: the copy of it opens nothing here.
ALTER TABLE seats ALTER token_hash DROP NOT NULL;
-- A case is a copy, which a session may have of a template that never came here.
ALTER TABLE session_cases DROP CONSTRAINT session_cases_template_id_fkey;

ALTER TABLE sync_clients ADD COLUMN hall_id uuid REFERENCES halls (id);
