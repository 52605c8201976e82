-- name: claim_event
INSERT INTO inbox (consumer, event_id, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- The next consumer by name, found in the key's tree without reading all rows of one.
-- name: next_consumer
SELECT consumer FROM inbox WHERE consumer > $1 ORDER BY consumer LIMIT 1;

-- An event that is gone from the outbox is never published again. Those with ids from the oldest
-- told event on are not looked at, so a step is short; one that is never told, however old, keeps
-- only what is remembered of itself.
-- name: sweep_inbox
DELETE FROM inbox WHERE consumer = $1 AND received_at < $2 AND event_id IN (
    SELECT gone.event_id FROM inbox gone
    WHERE gone.consumer = $1
      AND gone.event_id < (SELECT min(id) FROM outbox WHERE published_at IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = gone.event_id)
    ORDER BY gone.event_id LIMIT $3);
