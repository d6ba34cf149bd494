"""A database as one file, and back, by PostgreSQL's own pg_dump and pg_restore: they read it without us, too."""
