-- How long a school keeps names and records; which sessions are kept from that, and which have no names any more.
-- depends: 0016_forks

ALTER TABLE schools
    ADD names_months integer NOT NULL DEFAULT 12 CHECK (names_months BETWEEN 1 AND 120),
    ADD records_months integer CHECK (records_months BETWEEN 1 AND 600),
    -- A school that is here already looks at what is due before any of it is done.
    ADD retention_begins_at timestamptz DEFAULT date_trunc('milliseconds', now()) + interval '30 days';
ALTER TABLE schools ALTER retention_begins_at DROP DEFAULT;

ALTER TABLE sessions ADD lock jsonb, ADD names_out_at timestamptz;
CREATE TRIGGER sessions_kept_in_log BEFORE UPDATE OF lock, names_out_at ON sessions FOR EACH ROW
    WHEN (NEW.sync_version <= OLD.sync_version) EXECUTE FUNCTION needs_new_version();

-- What happened stays as it was written: the server may neither change an event nor delete one. These two are the
-- exceptions, each for one session that has ended and is not locked; they have the rights of whoever owns the tables.
CREATE FUNCTION rewrite_events(of_session uuid, rewritten jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sessions
                   WHERE id = of_session AND closed_at IS NOT NULL AND lock IS NULL AND names_out_at IS NOT NULL) THEN
        RAISE EXCEPTION 'only names that go out of a session change its events';
    END IF;
    UPDATE session_events AS event SET by_name = change.by_name, text = change.text, details = change.details
    FROM jsonb_to_recordset(rewritten) AS change (id uuid, by_name text, text text, details jsonb)
    WHERE event.id = change.id AND event.session_id = of_session;
END
$$;

-- Whatever belongs to the session, also in a table of a later migration. Seats last, for others refer to them.
CREATE FUNCTION delete_record(of_session uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    belonging regclass;
BEGIN
    IF NOT EXISTS (SELECT FROM sessions
                   WHERE id = of_session AND closed_at IS NOT NULL AND lock IS NULL AND deleted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'only the record of a session that has ended and is deleted goes';
    END IF;
    FOR belonging IN
        SELECT attrelid FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE attname = 'session_id' AND NOT attisdropped AND relkind = 'r'
          AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'sessions'::regclass)
        ORDER BY attrelid = 'seats'::regclass, attrelid
    LOOP
        EXECUTE format('DELETE FROM %s WHERE session_id = $1', belonging) USING of_session;
    END LOOP;
END
$$;
