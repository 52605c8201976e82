-- name: append_event
INSERT INTO outbox (topic, key, payload, created_at, rank) VALUES ($1, $2, $3, $4, $5);

-- What is due to be told, of rank $3 at most (0: urgent events alone, 1: all), urgent events first, then the oldest. Never by a
-- high-water id: ids are not given out in the order of commits, so an event with a smaller id may appear after one
-- with a larger id was told.
-- name: find_due
SELECT id, topic, key, payload, created_at, attempts FROM outbox
WHERE published_at IS NULL AND next_attempt_at <= $1 AND rank <= $3
ORDER BY rank, id LIMIT $2;

-- Before lock_due. A planner whose statistics know of few unpublished rows, as there usually are, would sort the whole
-- backlog of a sale for each batch instead of going along the index.
-- name: forbid_sorting (sqlite)
SELECT 1;

-- name: forbid_sorting (postgres)
SELECT set_config('enable_sort', 'off', true);

-- The same for several relays on one database: rows that another relay is just taking are passed over.
-- name: lock_due (sqlite)
SELECT id, topic, key, payload, created_at, attempts FROM outbox
WHERE published_at IS NULL AND next_attempt_at <= $1 AND rank <= $3
ORDER BY rank, id LIMIT $2;

-- name: lock_due (postgres)
SELECT id, topic, key, payload, created_at, attempts FROM outbox
WHERE published_at IS NULL AND next_attempt_at <= $1 AND rank <= $3
ORDER BY rank, id LIMIT $2 FOR UPDATE SKIP LOCKED;

-- What is taken is not due again before the lease ends, at $1. $2 lists ids, here and below: as JSON for SQLite, as an array
-- literal for PostgreSQL.
-- name: lease (sqlite)
UPDATE outbox SET next_attempt_at = $1 WHERE id IN (SELECT value FROM json_each($2));

-- name: lease (postgres)
UPDATE outbox SET next_attempt_at = $1 WHERE id = ANY (CAST(CAST($2 AS TEXT) AS BIGINT[]));

-- How many events there have ever been, or nearly so.
-- name: newest_id
SELECT COALESCE(MAX(id), 0) FROM outbox;

-- COALESCE keeps PostgreSQL from reading the whole of outbox_unpublished to find what the key finds.
-- name: mark_published (sqlite)
UPDATE outbox SET published_at = $1
WHERE published_at IS NULL AND id IN (SELECT value FROM json_each($2));

-- name: mark_published (postgres)
UPDATE outbox SET published_at = $1
WHERE COALESCE(published_at, 0) = 0 AND id = ANY (CAST(CAST($2 AS TEXT) AS BIGINT[]));

-- name: put_off (sqlite)
UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $1
WHERE published_at IS NULL AND id IN (SELECT value FROM json_each($2));

-- name: put_off (postgres)
UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $1
WHERE COALESCE(published_at, 0) = 0 AND id = ANY (CAST(CAST($2 AS TEXT) AS BIGINT[]));

-- Looks at the oldest told events only, so it is short even when nothing is old enough.
-- name: find_old_events
SELECT id FROM (SELECT id, published_at FROM outbox WHERE published_at IS NOT NULL
                ORDER BY id LIMIT $2) AS oldest
WHERE published_at < $1;

-- name: delete_events (sqlite)
DELETE FROM outbox WHERE id IN (SELECT value FROM json_each($1));

-- name: delete_events (postgres)
DELETE FROM outbox WHERE id = ANY (CAST(CAST($1 AS TEXT) AS BIGINT[]));

-- name: count_unpublished
SELECT COUNT(*), MIN(created_at) FROM (
    SELECT created_at FROM outbox WHERE published_at IS NULL ORDER BY rank, id LIMIT $1
) AS waiting;
