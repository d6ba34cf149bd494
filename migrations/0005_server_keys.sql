-- Keys that all server processes share: what one of them signs, another one knows, also after a restart.
-- depends: 0004_annotations_and_attendance

CREATE TABLE server_keys (
    name text PRIMARY KEY,
    key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
