DROP TRIGGER sessions_limits ON sessions;
DROP FUNCTION keep_limits();
DROP TABLE session_limits;
