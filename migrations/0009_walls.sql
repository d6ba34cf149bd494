-- A second wall between schools: a query that forgets its school reads nothing, and writes nothing.
-- depends: 0008_upstream

-- `shiller.school` says on whose behalf a connection, or one transaction of it, works: a school's id, or «every» for what
-- works for all of them. Where it is not set, no row is there. The rows of a session and of an account belong to the
-- school of these.

-- For the events alone: a subquery in the policy costs every statement something, also one that works for all schools,
-- and a function nothing until it is called. Then it costs more for each row, so that seats, which are counted, have the
-- subquery.
CREATE FUNCTION is_our_session(session uuid) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM sessions WHERE sessions.id = session);

-- For every table of ours that is made later, too: CALL raise_wall('halls').
CREATE PROCEDURE raise_wall(walled regclass) LANGUAGE plpgsql AS $$
DECLARE
    ours constant text := 'current_setting(''shiller.school'', true)';
    names constant name[] := ARRAY(
        SELECT attname FROM pg_attribute WHERE attrelid = walled AND attnum > 0 AND NOT attisdropped
    );
    inside constant text := CASE
        WHEN walled = 'schools'::regclass THEN format('%s IN (id::text, ''every'')', ours)
        WHEN 'school_id' = ANY (names) THEN format('%s IN (school_id::text, ''every'')', ours)
        WHEN walled = 'session_events'::regclass THEN format('%s = ''every'' OR is_our_session(session_id)', ours)
        WHEN 'session_id' = ANY (names) THEN
            format('%s = ''every'' OR EXISTS (SELECT FROM sessions AS ours WHERE ours.id = session_id)', ours)
        WHEN 'trainer_id' = ANY (names) THEN
            format('%s = ''every'' OR EXISTS (SELECT FROM trainers AS ours WHERE ours.id = trainer_id)', ours)
    END;
BEGIN
    IF inside IS NULL THEN
        RAISE EXCEPTION 'nothing in % says whose its rows are', walled;
    END IF;
    -- nullif: of a comparison the planner expects one row in a hundred, and sorts a school's rows rather than take them
    -- in order from their index; of what must not be null it expects nearly all, which is right.
    EXECUTE format('CREATE POLICY wall ON %s USING (nullif(%s, false) IS NOT NULL)', walled, inside);
    -- FORCE: where one role owns the tables and runs the server, the wall holds for it as well.
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', walled);
END
$$;

DO $$
DECLARE
    ours regclass;
BEGIN
    FOR ours IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'sessions'::regclass)
          AND (oid = 'schools'::regclass OR EXISTS (
              SELECT FROM pg_attribute
              WHERE attrelid = pg_class.oid AND attname IN ('school_id', 'session_id', 'trainer_id')
                AND NOT attisdropped
          ))
    LOOP
        CALL raise_wall(ours);
    END LOOP;
END
$$;
