DROP FUNCTION delete_record(uuid);
DROP FUNCTION rewrite_events(uuid, jsonb);
DROP TRIGGER sessions_kept_in_log ON sessions;
ALTER TABLE sessions DROP lock, DROP names_out_at;
ALTER TABLE schools DROP names_months, DROP records_months, DROP retention_begins_at;
