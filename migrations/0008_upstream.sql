-- A hall server: how it stands with its central one, and what of each row the central has.
-- depends: 0007_halls

-- One row, from the first start as a hall on. It is there before the central was ever reached, so before any school is.
CREATE TABLE upstream (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    client_id text NOT NULL,
    token_hash bytea NOT NULL,
    school_id uuid REFERENCES schools (id),
    hall_id uuid,
    hall_name text,
    epoch text,
    cursor bigint NOT NULL DEFAULT 0,
    is_pulling_whole boolean NOT NULL DEFAULT false,
    contacted_at timestamptz,
    completed_at timestamptz,
    next_try_at timestamptz,
    problem jsonb,
    offset_ms bigint,
    release text
);

-- `pushed` is the sync_version here that the central has answered, `pushed_seq` how many events of a session it has,
-- `seats` what it was told of who sat there. Neither references the rows: they are deleted by nobody.
CREATE TABLE upstream_rows (
    school_id uuid NOT NULL REFERENCES schools (id),
    entity_type text NOT NULL CHECK (entity_type IN ('TRAINER', 'TEMPLATE', 'SESSION')),
    entity_id uuid NOT NULL,
    pushed bigint NOT NULL DEFAULT 0,
    central_version bigint NOT NULL DEFAULT 0,
    epoch text NOT NULL DEFAULT '',
    pushed_seq integer NOT NULL DEFAULT 0,
    seats text NOT NULL DEFAULT '',
    conflict_id uuid,
    refused jsonb,
    refused_at timestamptz,
    PRIMARY KEY (entity_type, entity_id)
);
