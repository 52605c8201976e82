-- name: claim_event
INSERT INTO inbox (consumer, event_id, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- The next consumer by name, found in the key's tree without reading all rows of one.
-- name: next_consumer
SELECT consumer FROM inbox WHERE consumer > $1 ORDER BY consumer LIMIT 1;

-- An event that is gone from the outbox is never published again.
-- name: sweep_inbox
DELETE FROM inbox WHERE consumer = $1 AND received_at < $2 AND event_id IN (
    SELECT event_id FROM inbox
    WHERE consumer = $1 AND event_id < (SELECT min(id) FROM outbox)
    ORDER BY event_id LIMIT $3);
