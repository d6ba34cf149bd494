DELETE FROM upstream_rows WHERE entity_type = 'ANNOTATION';
ALTER TABLE upstream_rows DROP CONSTRAINT upstream_rows_entity_type_check;
ALTER TABLE upstream_rows ADD CONSTRAINT upstream_rows_entity_type_check
    CHECK (entity_type IN ('TRAINER', 'TEMPLATE', 'SESSION'));
DROP TRIGGER annotations_touch ON annotations;
CREATE TRIGGER annotations_touch BEFORE UPDATE ON annotations FOR EACH ROW
    WHEN (NEW.updated_at = OLD.updated_at AND NEW.version = OLD.version) EXECUTE FUNCTION touch_updated_at();
ALTER TABLE annotations DROP hall_version;
