-- What a session says to trainees, who steers it, and what it goes on from.
-- depends: 0001_init

ALTER TABLE sessions
    ADD COLUMN public_title text NOT NULL DEFAULT '',
    ADD COLUMN co_trainer_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN shows_conditions boolean NOT NULL DEFAULT false,
    ADD COLUMN forked_from jsonb;
