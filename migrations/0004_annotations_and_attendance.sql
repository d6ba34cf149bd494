-- What people write beside the record of a session, and who was there when.
-- depends: 0003_events_and_cases

CREATE TABLE annotations (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    school_id uuid NOT NULL REFERENCES schools (id),
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('note', 'bookmark', 'plus', 'delta', 'takeaway')),
    text text NOT NULL,
    marker text,
    author_id uuid NOT NULL REFERENCES trainers (id),
    author_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX annotations_by_session ON annotations (session_id, created_at, id);
CREATE TRIGGER annotations_touch BEFORE UPDATE ON annotations FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at AND NEW.version = OLD.version) EXECUTE FUNCTION touch_updated_at();

-- A span is written by one server process under an id of its own. `seat_id` references nothing: while the database
-- was away, the seat itself may be written later than its first span. `seen_at` is rewritten in place while it is open.
CREATE TABLE attendance (
    id uuid PRIMARY KEY,
    seat_id uuid NOT NULL,
    session_id uuid NOT NULL REFERENCES sessions (id),
    joined_at timestamptz NOT NULL,
    left_at timestamptz,
    seen_at timestamptz NOT NULL,
    CHECK (left_at >= joined_at)
) WITH (fillfactor = 70);
CREATE INDEX attendance_by_session ON attendance (session_id);
CREATE INDEX attendance_open ON attendance (joined_at) WHERE left_at IS NULL;
