-- Two roles for a database of Shiller, so that the server has no more rights than it needs: shiller_owner owns the tables
-- and brings them forward (`shiller migrate up`), shiller_app is what the server runs as. Run it in that database, as a
-- superuser, before the first start or later, and again after each upgrade; it changes nothing that is right already:
--
--   psql --set=ON_ERROR_STOP=1 --single-transaction --dbname=shiller --file=roles.sql
--
-- Neither role has a password yet; psql's \password gives it one.

DO $$
DECLARE
    each record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shiller_owner') THEN
        CREATE ROLE shiller_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shiller_app') THEN
        CREATE ROLE shiller_app LOGIN;
    END IF;
    -- The roles are those of all databases of this PostgreSQL: where nothing is wrong with them nothing is written, or
    -- whoever runs this in another database at the same time would be refused.
    FOR each IN SELECT rolname AS name FROM pg_roles WHERE rolname IN ('shiller_owner', 'shiller_app')
                AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls) LOOP
        EXECUTE format('ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', each.name);
    END LOOP;

    -- What a single role has made so far.
    FOR each IN SELECT oid::regclass AS name FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                  AND pg_get_userbyid(relowner) <> 'shiller_owner' LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO shiller_owner', each.name);
    END LOOP;
    FOR each IN SELECT oid::regprocedure AS name FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) <> 'shiller_owner'
                  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') LOOP
        EXECUTE format('ALTER ROUTINE %s OWNER TO shiller_owner', each.name);
    END LOOP;

    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, shiller_app', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO shiller_app, shiller_owner', current_database());
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO shiller_owner', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC, shiller_app;
GRANT USAGE ON SCHEMA public TO shiller_app;
GRANT USAGE, CREATE ON SCHEMA public TO shiller_owner;

-- A table that comes with an upgrade can be used at once; the next run of this file says what may be done with it.
ALTER DEFAULT PRIVILEGES FOR ROLE shiller_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shiller_app;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, shiller_app;

DO $$
DECLARE
    each record;
    rights text;
BEGIN
    FOR each IN SELECT relname AS name FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        rights := CASE
            -- Which migrations are applied is looked at, no more.
            WHEN each.name LIKE '%yoyo%' THEN 'SELECT'
            -- What happened stays as it was written.
            WHEN each.name IN ('session_events', 'session_cases', 'audit') THEN 'SELECT, INSERT'
            -- What is forgotten after a while, or at once.
            WHEN each.name IN ('trainer_tokens', 'sync_inbox') THEN 'SELECT, INSERT, DELETE'
            WHEN each.name IN ('sync_clients', 'sync_log') THEN 'SELECT, INSERT, UPDATE, DELETE'
            -- What is deleted by a mark: its row stays.
            ELSE 'SELECT, INSERT, UPDATE'
        END;
        EXECUTE format('GRANT %s ON public.%I TO shiller_app', rights, each.name);
    END LOOP;
END
$$;
