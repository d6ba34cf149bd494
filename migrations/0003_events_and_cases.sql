-- What a session says to trainees, who steers it, and what it goes on from.
-- depends: 0002_sync_log

ALTER TABLE sessions
    ADD COLUMN public_title text NOT NULL DEFAULT '',
    ADD COLUMN co_trainer_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN shows_conditions boolean NOT NULL DEFAULT false,
    ADD COLUMN forked_from jsonb;
DROP TRIGGER sessions_in_log ON sessions;
CREATE TRIGGER sessions_in_log BEFORE UPDATE OF school_id, trainer_id, template_id, code, title, trainee_name,
    created_at, expires_at, closed_at, close_reason, limits, deleted_at, version, public_title, co_trainer_ids,
    shows_conditions, forked_from ON sessions FOR EACH ROW
    WHEN (NEW.sync_version <= OLD.sync_version) EXECUTE FUNCTION needs_new_version();

-- `made_at` is null where an event was stored as it was made; no row that is there has to be rewritten for it.
ALTER TABLE session_events
    ADD COLUMN made_at timestamptz,
    ADD COLUMN step text,
    ADD COLUMN marker text,
    DROP CONSTRAINT session_events_kind_check,
    ADD CONSTRAINT session_events_kind_check CHECK (kind IN ('vitals', 'note', 'action', 'case', 'lifecycle'));
-- As the way back left them.
UPDATE session_events SET kind = 'case', text = NULL WHERE kind = 'note' AND details ? 'action';

-- What a session took of its template when it opened. Not in the row of the session, which every push rewrites.
CREATE TABLE session_cases (
    session_id uuid PRIMARY KEY REFERENCES sessions (id),
    template_id uuid NOT NULL REFERENCES session_templates (id),
    template_version integer NOT NULL,
    description text NOT NULL,
    steps jsonb NOT NULL,
    checklist jsonb NOT NULL,
    targets jsonb NOT NULL
);
