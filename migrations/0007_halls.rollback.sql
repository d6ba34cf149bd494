DELETE FROM sync_clients WHERE hall_id IS NOT NULL;
ALTER TABLE sync_clients DROP hall_id;
DELETE FROM session_cases WHERE template_id NOT IN (SELECT id FROM session_templates);
ALTER TABLE session_cases ADD CONSTRAINT session_cases_template_id_fkey
    FOREIGN KEY (template_id) REFERENCES session_templates (id);
-- What no token has.
UPDATE seats SET token_hash = sha256(convert_to(gen_random_uuid()::text, 'UTF8')) WHERE token_hash IS NULL;
ALTER TABLE seats ALTER token_hash SET NOT NULL;
DROP TRIGGER sessions_in_log ON sessions;
CREATE TRIGGER sessions_in_log BEFORE UPDATE OF school_id, trainer_id, template_id, code, title, trainee_name,
    created_at, expires_at, closed_at, close_reason, limits, deleted_at, version, public_title, co_trainer_ids,
    shows_conditions, forked_from ON sessions FOR EACH ROW
    WHEN (NEW.sync_version <= OLD.sync_version) EXECUTE FUNCTION needs_new_version();
DROP TRIGGER sessions_touch ON sessions;
CREATE TRIGGER sessions_touch BEFORE UPDATE ON sessions FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at AND NEW.version = OLD.version AND NEW.last_seq = OLD.last_seq)
    EXECUTE FUNCTION touch_updated_at();
DROP INDEX sessions_by_hall;
ALTER TABLE sessions DROP hall, DROP hall_id;
DROP TABLE halls;
