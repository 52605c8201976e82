-- The embedded database has one writer: whoever is in a transaction already holds it.
-- name: lock_catalog (sqlite)
SELECT 1

-- A number of our own choice, the same in every release.
-- name: lock_catalog (postgres)
SELECT pg_advisory_xact_lock(2001000001)
