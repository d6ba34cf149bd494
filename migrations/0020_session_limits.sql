-- Which alarm limits a session had when, beside its record: a replayed monitor shows the alarms that were heard.
-- depends: 0019_hall_beside

-- From `at` on, until the next row; a session whose limits were never changed has none.
CREATE TABLE session_limits (
    session_id uuid NOT NULL REFERENCES sessions (id),
    at timestamptz NOT NULL,
    limits jsonb NOT NULL,
    PRIMARY KEY (session_id, at)
);
CALL raise_wall('session_limits');

-- Whoever changes them, by whatever door. The first change also keeps what held from the opening on. `updated_at` is the
-- moment of the change by the server's clock, which is not the database's.
CREATE FUNCTION keep_limits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM session_limits WHERE session_id = NEW.id) THEN
        INSERT INTO session_limits VALUES (NEW.id, OLD.created_at, OLD.limits);
    END IF;
    INSERT INTO session_limits VALUES (NEW.id, NEW.updated_at, NEW.limits)
    ON CONFLICT (session_id, at) DO UPDATE SET limits = excluded.limits;
    RETURN NULL;
END
$$;
-- A push names no limits, and asks nothing of this. Of a session that runs in a hall, the hall tells when they changed.
CREATE TRIGGER sessions_limits AFTER UPDATE OF limits ON sessions FOR EACH ROW
    WHEN (NEW.limits <> OLD.limits AND NEW.hall_id IS NULL) EXECUTE FUNCTION keep_limits();
