DO $$
DECLARE
    walled regclass;
BEGIN
    FOR walled IN SELECT polrelid FROM pg_policy WHERE polname = 'wall' LOOP
        EXECUTE format('DROP POLICY wall ON %s', walled);
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', walled);
    END LOOP;
END
$$;
DROP PROCEDURE raise_wall(regclass);
DROP FUNCTION is_our_session(uuid);
