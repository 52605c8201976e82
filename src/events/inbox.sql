-- Tells which of the events were not known. $2 lists ids: as JSON for SQLite, as an array literal for PostgreSQL.
-- name: claim_events (sqlite)
INSERT INTO inbox (consumer, event_id, received_at)
SELECT $1, value, $3 FROM json_each($2) WHERE true
ON CONFLICT DO NOTHING RETURNING event_id;

-- name: claim_events (postgres)
INSERT INTO inbox (consumer, event_id, received_at)
SELECT CAST($1 AS TEXT), id, CAST($3 AS BIGINT) FROM unnest(CAST(CAST($2 AS TEXT) AS BIGINT[])) AS id
ON CONFLICT DO NOTHING RETURNING event_id;

-- The next consumer by name, found in the key's tree without reading all rows of one.
-- name: next_consumer
SELECT consumer FROM inbox WHERE consumer > $1 ORDER BY consumer LIMIT 1;

-- An event that is gone from the outbox is never published again. Those with ids from the oldest
-- told event on are not looked at, so a step is short; one that is never told, however old, keeps
-- only what is remembered of itself.
-- name: find_orphans
SELECT gone.event_id FROM inbox gone
WHERE gone.consumer = $1 AND gone.received_at < $2
  AND gone.event_id < (SELECT min(id) FROM outbox WHERE published_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = gone.event_id)
ORDER BY gone.event_id LIMIT $3;

-- $2 lists ids, as above.
-- name: delete_inbox (sqlite)
DELETE FROM inbox WHERE consumer = $1 AND event_id IN (SELECT value FROM json_each($2));

-- name: delete_inbox (postgres)
DELETE FROM inbox WHERE consumer = $1 AND event_id = ANY (CAST(CAST($2 AS TEXT) AS BIGINT[]));
