-- Schools, trainers, sessions and their record; what devices sync keeps its versions from the start.
-- depends:

CREATE TABLE schools (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE trainers (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools (id),
    email text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'trainer', 'observer')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    sync_version bigint NOT NULL DEFAULT 0,
    last_client text,
    last_client_seq bigint
);
CREATE INDEX trainers_by_school ON trainers (school_id, created_at, id);
CREATE INDEX trainers_by_sync_version ON trainers (school_id, sync_version);

CREATE TABLE trainer_tokens (
    token_hash bytea PRIMARY KEY,
    trainer_id uuid NOT NULL REFERENCES trainers (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX trainer_tokens_by_trainer ON trainer_tokens (trainer_id);
CREATE INDEX trainer_tokens_by_expiry ON trainer_tokens (expires_at);

CREATE TABLE session_templates (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools (id),
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    sync_version bigint NOT NULL DEFAULT 0,
    last_client text,
    last_client_seq bigint
);
CREATE INDEX session_templates_by_school ON session_templates (school_id, created_at, id);
CREATE INDEX session_templates_by_sync_version ON session_templates (school_id, sync_version);

-- Room is left in each page: every push rewrites the row of its session in place.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools (id),
    trainer_id uuid NOT NULL REFERENCES trainers (id),
    template_id uuid REFERENCES session_templates (id),
    code varchar(6) NOT NULL UNIQUE,
    title text NOT NULL,
    trainee_name text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    closed_at timestamptz,
    close_reason text CHECK (close_reason IN ('closed', 'expired')),
    last_values jsonb NOT NULL,
    last_seq integer NOT NULL DEFAULT 0,
    limits jsonb NOT NULL,
    deleted_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    sync_version bigint NOT NULL DEFAULT 0,
    last_client text,
    last_client_seq bigint,
    CHECK ((closed_at IS NULL) = (close_reason IS NULL))
) WITH (fillfactor = 70);
-- `code` has its index by being unique.
CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE closed_at IS NULL;
CREATE INDEX sessions_by_school ON sessions (school_id, created_at DESC, id DESC);
CREATE INDEX sessions_by_sync_version ON sessions (school_id, sync_version);

CREATE TABLE session_events (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    seq integer NOT NULL CHECK (seq > 0),
    kind text NOT NULL CHECK (kind IN ('vitals', 'note', 'action', 'lifecycle')),
    created_at timestamptz NOT NULL DEFAULT now(),
    systolic integer,
    diastolic integer,
    heart_rate integer,
    spo2 integer,
    respiratory_rate integer,
    etco2 integer,
    temperature numeric(3, 1),
    rhythm text,
    flags jsonb,
    ramp_seconds double precision,
    text text,
    details jsonb,
    by_role text NOT NULL CHECK (by_role IN ('trainer', 'trainee', 'system')),
    by_id uuid,
    by_name text NOT NULL,
    UNIQUE (session_id, seq)
);
CREATE INDEX session_events_by_time ON session_events (created_at);

CREATE TABLE seats (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    token_hash bytea NOT NULL UNIQUE,
    name text NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz
);
CREATE INDEX seats_by_session ON seats (session_id, joined_at, id);

-- One row a school, taken first by every transaction that changes what people edit: its order is commit order.
CREATE TABLE sync_head (
    school_id uuid PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0
);

-- An answered mutation of a device, and its answer.
CREATE TABLE sync_inbox (
    school_id uuid NOT NULL REFERENCES schools (id),
    id uuid NOT NULL,
    client_id text NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (school_id, id)
);
CREATE INDEX sync_inbox_by_time ON sync_inbox (created_at);

CREATE TABLE sync_conflicts (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools (id),
    client_id text NOT NULL,
    mutation_id uuid NOT NULL,
    entity_type text NOT NULL,
    entity_id uuid NOT NULL,
    reason text NOT NULL,
    local_payload jsonb,
    server_payload jsonb,
    server_version bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    kept text CHECK (kept IN ('server', 'local'))
);
CREATE INDEX sync_conflicts_by_school ON sync_conflicts (school_id, created_at, id);

CREATE TABLE sync_log (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools (id),
    client_id text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('UP', 'DOWN')),
    events_count integer NOT NULL DEFAULT 0,
    conflicts_count integer NOT NULL DEFAULT 0,
    status text NOT NULL CHECK (status IN ('SUCCESS', 'PARTIAL', 'FAILED')),
    started_at timestamptz NOT NULL,
    completed_at timestamptz,
    error_message text
);
CREATE INDEX sync_log_by_school ON sync_log (school_id, started_at DESC, id DESC);

-- The server states updated_at itself, together with a new version or seq; this keeps it true for changes by hand.
CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = date_trunc('milliseconds', now());
    RETURN NEW;
END
$$;
CREATE TRIGGER schools_touch BEFORE UPDATE ON schools FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at) EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER trainers_touch BEFORE UPDATE ON trainers FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at AND NEW.version = OLD.version) EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER templates_touch BEFORE UPDATE ON session_templates FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at AND NEW.version = OLD.version) EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER sessions_touch BEFORE UPDATE ON sessions FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at AND NEW.version = OLD.version AND NEW.last_seq = OLD.last_seq)
    EXECUTE FUNCTION touch_updated_at();
