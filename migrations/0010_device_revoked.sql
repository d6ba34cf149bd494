-- Devices that an admin has revoked; whose a conflict is and who wrote its other side; what a repeated call was told.
-- depends: 0007_halls

-- The name as it was then: an account may be renamed, or deleted.
ALTER TABLE sync_clients ADD revoked_at timestamptz, ADD revoked_by uuid, ADD revoked_by_name text;

-- Of a device that was forgotten before, nobody knows any more whose it was: admins see its conflicts.
ALTER TABLE sync_conflicts ADD trainer_id uuid, ADD server_at timestamptz, ADD server_by uuid, ADD server_by_name text;
UPDATE sync_conflicts SET trainer_id = client.trainer_id FROM sync_clients AS client
    WHERE client.school_id = sync_conflicts.school_id AND client.client_id = sync_conflicts.client_id;
CREATE INDEX sync_conflicts_of_trainer ON sync_conflicts (school_id, trainer_id, created_at, id)
    WHERE resolved_at IS NULL;

-- Of an edit that is in conflict it is asked who wrote what stands there.
CREATE INDEX audit_by_subject ON audit (school_id, subject_id, at DESC, id DESC);

-- Null: as the inbox tells it. Of a call with repeats, whose answers belong to the call before.
ALTER TABLE sync_log ADD events jsonb;
