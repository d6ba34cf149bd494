-- What people make of a session afterwards: score sheets, the trainees' own words, and links to read the debrief.
-- depends: 0014_moment_edits

-- From which percentage on a sheet passes; null: as the server says.
ALTER TABLE session_cases ADD pass_percent integer CHECK (pass_percent BETWEEN 1 AND 100);

-- One for each evaluator of a session.
CREATE TABLE score_sheets (
    id uuid NOT NULL UNIQUE,
    session_id uuid NOT NULL REFERENCES sessions (id),
    by_id uuid NOT NULL REFERENCES trainers (id),
    school_id uuid NOT NULL REFERENCES schools (id),
    by_name text NOT NULL,
    items jsonb NOT NULL,
    comment text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (session_id, by_id)
);
CALL raise_wall('score_sheets');

-- `author_hash` is made of the seat's secret and is not the hash that the seat is found by: without that secret nobody
-- can tell from it whose words these are. `seat_id` is null where somebody wrote without their name.
CREATE TABLE reflections (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    school_id uuid NOT NULL REFERENCES schools (id),
    author_hash bytea NOT NULL,
    seat_id uuid,
    words text NOT NULL,
    scores jsonb NOT NULL,
    UNIQUE (session_id, author_hash)
);
CALL raise_wall('reflections');

-- Whoever has the secret of one reads the debrief, until `expires_at`, or until somebody ends it.
CREATE TABLE shares (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    school_id uuid NOT NULL REFERENCES schools (id),
    token_hash bytea NOT NULL UNIQUE,
    by_id uuid NOT NULL REFERENCES trainers (id),
    by_name text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    opened_at timestamptz
);
CREATE INDEX shares_by_session ON shares (session_id, created_at, id);
CALL raise_wall('shares');
