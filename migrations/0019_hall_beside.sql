-- What a debrief writes at a hall beside annotations comes to the central server, too.
-- depends: 0017_keeping

-- How often each was edited: what was not sent yet is found by it.
ALTER TABLE moment_edits ADD version integer NOT NULL DEFAULT 1;
ALTER TABLE reflections ADD version integer NOT NULL DEFAULT 1;

-- At the central, as of annotations: the version that the hall told last. Null: made here. Another `version`: edited here
-- since.
ALTER TABLE moment_edits ADD hall_version integer;
ALTER TABLE reflections ADD hall_version integer;
ALTER TABLE score_sheets ADD hall_version integer;

-- At the hall, as of annotations: `pushed` is its own version that the central has answered.
ALTER TABLE upstream_rows DROP CONSTRAINT upstream_rows_entity_type_check;
ALTER TABLE upstream_rows ADD CONSTRAINT upstream_rows_entity_type_check
    CHECK (entity_type IN ('TRAINER', 'TEMPLATE', 'SESSION', 'ANNOTATION', 'SCORE_SHEET', 'REFLECTION', 'MOMENT'));
