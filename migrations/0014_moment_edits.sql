-- What people make of the moments of a debrief: some are hidden, some have another title.
-- depends: 0013_hall_annotations

-- A moment is found in the record by a rule, and known by the seq of its event (0: the opening) and its kind.
CREATE TABLE moment_edits (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    school_id uuid NOT NULL REFERENCES schools (id),
    seq integer NOT NULL CHECK (seq >= 0),
    kind text NOT NULL,
    is_hidden boolean NOT NULL,
    title text,
    updated_at timestamptz NOT NULL,
    UNIQUE (session_id, seq, kind)
);
CALL raise_wall('moment_edits');
