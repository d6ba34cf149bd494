DROP TABLE moment_edits;
