-- name: create_migrations_table
CREATE TABLE IF NOT EXISTS schema_migrations (
    name       TEXT NOT NULL PRIMARY KEY,
    sha256     TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);
-- name: has_migrations_table (sqlite)
SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations';
-- name: has_migrations_table (postgres)
SELECT COUNT(*) FROM pg_catalog.pg_tables
WHERE schemaname = current_schema() AND tablename = 'schema_migrations';
-- name: select_migrations
SELECT name, sha256 FROM schema_migrations ORDER BY name;
-- name: insert_migration
INSERT INTO schema_migrations (name, sha256, applied_at) VALUES ($1, $2, $3);
