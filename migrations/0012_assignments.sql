-- Homework, and which sessions are tries of it.
-- depends: 0011_invitations

-- The token is kept as it is, for its owner sees the link again: it opens a case to play, and shows nothing of others.
CREATE TABLE assignments (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools (id),
    trainer_id uuid NOT NULL REFERENCES trainers (id),
    template_id uuid NOT NULL REFERENCES session_templates (id),
    title text NOT NULL,
    until timestamptz NOT NULL,
    token text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    withdrawn_at timestamptz
);
CREATE INDEX assignments_by_school ON assignments (school_id, created_at DESC, id DESC);
CALL raise_wall('assignments');

CREATE TABLE assignment_tries (
    session_id uuid PRIMARY KEY REFERENCES sessions (id),
    assignment_id uuid NOT NULL REFERENCES assignments (id),
    school_id uuid NOT NULL REFERENCES schools (id),
    name text NOT NULL,
    begun_at timestamptz NOT NULL
);
CREATE INDEX assignment_tries_by_assignment ON assignment_tries (assignment_id, begun_at DESC, session_id DESC);
CALL raise_wall('assignment_tries');
