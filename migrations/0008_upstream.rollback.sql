DROP TABLE upstream_rows, upstream;
