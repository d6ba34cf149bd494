DROP TABLE session_cases;
DROP INDEX session_events_of_cases;

-- What happened to the case stays in the record, as a note whose `details` say what it was: so it comes back, too.
UPDATE session_events SET kind = 'note', text = coalesce(text, details ->> 'action') WHERE kind = 'case';
ALTER TABLE session_events
    DROP COLUMN made_at, DROP COLUMN step, DROP COLUMN marker,
    DROP CONSTRAINT session_events_kind_check,
    ADD CONSTRAINT session_events_kind_check CHECK (kind IN ('vitals', 'note', 'action', 'lifecycle'));

ALTER TABLE sessions
    DROP COLUMN public_title, DROP COLUMN co_trainer_ids, DROP COLUMN shows_conditions, DROP COLUMN forked_from;
