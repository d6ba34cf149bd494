-- Annotations of a hall's sessions come to the central server, too.
-- depends: 0012_assignments

-- At the central: the version that the hall told last. Null: made here. Larger `version`: edited here since.
ALTER TABLE annotations ADD hall_version integer;
DROP TRIGGER annotations_touch ON annotations;
CREATE TRIGGER annotations_touch BEFORE UPDATE ON annotations FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at AND NEW.version = OLD.version
          AND NEW.hall_version IS NOT DISTINCT FROM OLD.hall_version)
    EXECUTE FUNCTION touch_updated_at();

-- At the hall: of an annotation `pushed` is its own version that the central has answered.
ALTER TABLE upstream_rows DROP CONSTRAINT upstream_rows_entity_type_check;
ALTER TABLE upstream_rows ADD CONSTRAINT upstream_rows_entity_type_check
    CHECK (entity_type IN ('TRAINER', 'TEMPLATE', 'SESSION', 'ANNOTATION'));
