DROP TABLE session_cases;
DROP INDEX session_events_of_cases;

-- What happened to the case stays in the record, as a note whose `details` say what it was: so it comes back, too.
UPDATE session_events SET kind = 'note', text = coalesce(text, details ->> 'action') WHERE kind = 'case';
-- A note that was nothing but a marker keeps its key as its text.
UPDATE session_events SET text = marker WHERE kind = 'note' AND text IS NULL;
ALTER TABLE session_events
    DROP COLUMN made_at, DROP COLUMN step, DROP COLUMN marker,
    DROP CONSTRAINT session_events_kind_check,
    ADD CONSTRAINT session_events_kind_check CHECK (kind IN ('vitals', 'note', 'action', 'lifecycle'));

DROP TRIGGER sessions_in_log ON sessions;
ALTER TABLE sessions
    DROP COLUMN public_title, DROP COLUMN co_trainer_ids, DROP COLUMN shows_conditions, DROP COLUMN forked_from;
CREATE TRIGGER sessions_in_log BEFORE UPDATE OF school_id, trainer_id, template_id, code, title, trainee_name,
    created_at, expires_at, closed_at, close_reason, limits, deleted_at, version ON sessions FOR EACH ROW
    WHEN (NEW.sync_version <= OLD.sync_version) EXECUTE FUNCTION needs_new_version();
