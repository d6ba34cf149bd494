-- What a session says to trainees, who steers it, and what it goes on from.
-- depends: 0001_init

ALTER TABLE sessions
    ADD COLUMN public_title text NOT NULL DEFAULT '',
    ADD COLUMN co_trainer_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN shows_conditions boolean NOT NULL DEFAULT false,
    ADD COLUMN forked_from jsonb;

-- `made_at` is null where an event was stored as it was made; no row that is there has to be rewritten for it.
ALTER TABLE session_events
    ADD COLUMN made_at timestamptz,
    ADD COLUMN step text,
    ADD COLUMN marker text,
    DROP CONSTRAINT session_events_kind_check,
    ADD CONSTRAINT session_events_kind_check CHECK (kind IN ('vitals', 'note', 'action', 'case', 'lifecycle'));
-- As the way back left them.
UPDATE session_events SET kind = 'case', text = NULL WHERE kind = 'note' AND details ? 'action';
