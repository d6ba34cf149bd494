DROP INDEX sessions_by_fork;
