DROP TABLE audit, sync_clients;
ALTER TABLE sync_log DROP acknowledged_count, DROP rejected_count;
DROP INDEX sync_inbox_by_client;
ALTER TABLE sync_inbox DROP log_id;
ALTER TABLE sync_head DROP oldest;
DROP TRIGGER sessions_in_log ON sessions;
DROP TRIGGER templates_in_log ON session_templates;
DROP TRIGGER trainers_in_log ON trainers;
DROP FUNCTION needs_new_version();
DROP INDEX trainers_by_sync_version;
DROP INDEX session_templates_by_sync_version;
DROP INDEX sessions_by_sync_version;
ALTER TABLE trainers DROP CONSTRAINT trainers_sync_version_check, ALTER sync_version SET DEFAULT 0,
    DROP first_version, DROP written, ADD last_client text, ADD last_client_seq bigint;
ALTER TABLE session_templates DROP CONSTRAINT session_templates_sync_version_check, ALTER sync_version SET DEFAULT 0,
    DROP first_version, DROP written, ADD last_client text, ADD last_client_seq bigint;
ALTER TABLE sessions DROP CONSTRAINT sessions_sync_version_check, ALTER sync_version SET DEFAULT 0,
    DROP first_version, DROP written, ADD last_client text, ADD last_client_seq bigint;
CREATE INDEX trainers_by_sync_version ON trainers (school_id, sync_version);
CREATE INDEX session_templates_by_sync_version ON session_templates (school_id, sync_version);
CREATE INDEX sessions_by_sync_version ON sessions (school_id, sync_version);
