DROP FUNCTION forget_answers(uuid);
DROP INDEX sync_inbox_by_entity;
