DELETE FROM upstream_rows WHERE entity_type IN ('SCORE_SHEET', 'REFLECTION', 'MOMENT');
ALTER TABLE upstream_rows DROP CONSTRAINT upstream_rows_entity_type_check;
ALTER TABLE upstream_rows ADD CONSTRAINT upstream_rows_entity_type_check
    CHECK (entity_type IN ('TRAINER', 'TEMPLATE', 'SESSION', 'ANNOTATION'));
ALTER TABLE score_sheets DROP hall_version;
ALTER TABLE reflections DROP hall_version;
ALTER TABLE moment_edits DROP hall_version;
ALTER TABLE reflections DROP version;
ALTER TABLE moment_edits DROP version;
