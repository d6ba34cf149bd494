ALTER TABLE sync_log DROP events;
DROP INDEX audit_by_subject;
DROP INDEX sync_conflicts_of_trainer;
ALTER TABLE sync_conflicts DROP trainer_id, DROP server_at, DROP server_by, DROP server_by_name;
ALTER TABLE sync_clients DROP revoked_at, DROP revoked_by, DROP revoked_by_name;
