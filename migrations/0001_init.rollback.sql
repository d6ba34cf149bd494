DROP TABLE sync_log, sync_conflicts, sync_inbox, sync_head, seats, session_events, sessions,
    session_templates, trainer_tokens, trainers, schools;
DROP FUNCTION touch_updated_at();
