ALTER TABLE sessions
    DROP COLUMN public_title, DROP COLUMN co_trainer_ids, DROP COLUMN shows_conditions, DROP COLUMN forked_from;
