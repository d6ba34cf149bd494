-- Invitations of colleagues; and where a login was made, so that whoever has several can tell them apart.
-- depends: 0010_device_revoked

-- Kept when it was used, withdrawn or has run out: whoever opens its link then is told so.
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools (id),
    token_hash bytea NOT NULL UNIQUE,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'trainer', 'observer')),
    by_id uuid,
    by_name text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    withdrawn_at timestamptz
);
-- Of one address in one school the newest alone counts.
CREATE UNIQUE INDEX invitations_waiting ON invitations (school_id, email)
    WHERE accepted_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX invitations_by_school ON invitations (school_id, created_at DESC, id DESC)
    WHERE accepted_at IS NULL AND withdrawn_at IS NULL;
CALL raise_wall('invitations');

-- What the browser or program called itself; empty for logins from before.
ALTER TABLE trainer_tokens ADD agent text NOT NULL DEFAULT '';
