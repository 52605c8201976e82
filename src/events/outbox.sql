-- name: append_event
INSERT INTO outbox (topic, key, payload, created_at, rank) VALUES ($1, $2, $3, $4, $5);

-- What is due to be told, urgent events first, then the oldest. Never by a high-water id: ids are not given out in the
-- order of commits, so an event with a smaller id may appear after one with a larger id was told.
-- name: find_due
SELECT id, topic, key, payload, created_at, attempts FROM outbox
WHERE published_at IS NULL AND next_attempt_at <= $1
ORDER BY rank, id LIMIT $2;

-- The same for several relays on one database: what is taken is not due again before the lease
-- ends, and rows that another relay is just taking are passed over.
-- name: take_due (sqlite)
UPDATE outbox SET next_attempt_at = $3
WHERE id IN (SELECT id FROM outbox WHERE published_at IS NULL AND next_attempt_at <= $1
             ORDER BY rank, id LIMIT $2)
RETURNING id, topic, key, payload, created_at, attempts;

-- name: take_due (postgres)
WITH due AS MATERIALIZED (
    SELECT id FROM outbox WHERE published_at IS NULL AND next_attempt_at <= $1
    ORDER BY rank, id LIMIT $2 FOR UPDATE SKIP LOCKED)
UPDATE outbox SET next_attempt_at = $3 FROM due WHERE outbox.id = due.id
RETURNING outbox.id, topic, key, payload, created_at, attempts;

-- $2 lists ids: as JSON for SQLite, as an array literal for PostgreSQL.
-- name: mark_published (sqlite)
UPDATE outbox SET published_at = $1
WHERE published_at IS NULL AND id IN (SELECT value FROM json_each($2));

-- name: mark_published (postgres)
UPDATE outbox SET published_at = $1
WHERE published_at IS NULL AND id = ANY (CAST(CAST($2 AS TEXT) AS BIGINT[]));

-- name: put_off
UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $2
WHERE id = $1 AND published_at IS NULL;

-- Looks at the oldest told events only, so a step is short even when nothing is old enough.
-- name: sweep_outbox
DELETE FROM outbox WHERE id IN (
    SELECT id FROM (SELECT id, published_at FROM outbox WHERE published_at IS NOT NULL
                    ORDER BY id LIMIT $2) AS oldest
    WHERE published_at < $1);

-- name: count_unpublished
SELECT COUNT(*), MIN(created_at) FROM (
    SELECT created_at FROM outbox WHERE published_at IS NULL ORDER BY rank, id LIMIT $1
) AS waiting;
