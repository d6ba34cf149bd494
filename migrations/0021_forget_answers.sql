-- What devices were answered about a session names people too, and the server may not change what it has answered. This is
-- the exception, as for events: of a session whose names go out. Told again, an answer says no more than that it was taken.
-- depends: 0020_session_limits

CREATE INDEX sync_inbox_by_entity ON sync_inbox (school_id, entity_id) WHERE answer IS NOT NULL;

CREATE FUNCTION forget_answers(of_session uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE sync_inbox SET answer = NULL
    FROM sessions
    WHERE sessions.id = of_session AND closed_at IS NOT NULL AND lock IS NULL AND names_out_at IS NOT NULL
      AND sync_inbox.school_id = sessions.school_id AND entity_id = of_session::text AND answer IS NOT NULL
      AND entity_type = 'SESSION' AND outcome = 'acknowledged';
END
$$;
