-- name: insert_webhook
INSERT INTO webhooks (url, topics, secret, enabled, created_at, owner)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING id;

-- name: count_webhooks
SELECT count(*) FROM webhooks WHERE owner = $1 AND deleted_at IS NULL;

-- name: find_webhook
SELECT id, url, topics, secret, enabled, created_at, old_secret, old_secret_until FROM webhooks
WHERE id = $1 AND owner = $2 AND deleted_at IS NULL;

-- name: all_webhooks
SELECT id, url, topics, secret, enabled, created_at, old_secret, old_secret_until FROM webhooks
WHERE owner = $1 AND deleted_at IS NULL ORDER BY id;

-- name: update_webhook
UPDATE webhooks SET url = $2, topics = $3, secret = $4, enabled = $5, old_secret = $6, old_secret_until = $7
WHERE id = $1 AND deleted_at IS NULL;

-- The secrets go at once.
-- name: delete_webhook
UPDATE webhooks SET deleted_at = $2, enabled = 0, secret = '', old_secret = '', old_secret_until = NULL
WHERE id = $1 AND deleted_at IS NULL;

-- name: find_delivery
SELECT id, webhook_id, event_id, topic, payload, state, attempts, next_attempt_at, last_status,
       last_error, created_at, delivered_at
FROM webhook_deliveries WHERE id = $1 AND webhook_id = $2;

-- Newest events first, along the unique key of webhook and event.
-- name: list_deliveries
SELECT id, webhook_id, event_id, topic, payload, state, attempts, next_attempt_at, last_status,
       last_error, created_at, delivered_at
FROM webhook_deliveries
WHERE webhook_id = $1 AND (CAST($2 AS TEXT) = '' OR state = CAST($2 AS TEXT))
ORDER BY event_id DESC LIMIT $3 OFFSET $4;

-- name: count_deliveries
SELECT count(*) FROM webhook_deliveries
WHERE webhook_id = $1 AND (CAST($2 AS TEXT) = '' OR state = CAST($2 AS TEXT));

-- name: due_webhooks
SELECT id, url, topics, secret, enabled, created_at, old_secret, old_secret_until FROM webhooks
WHERE enabled = 1 AND deleted_at IS NULL AND EXISTS (
    SELECT 1 FROM webhook_deliveries
    WHERE webhook_id = webhooks.id AND state = 'waiting' AND next_attempt_at <= $1)
ORDER BY id;

-- Takes what is due for one receiver; it is not due again before the lease ends.
-- name: take_due (sqlite)
UPDATE webhook_deliveries SET next_attempt_at = $4
WHERE id IN (SELECT id FROM webhook_deliveries
             WHERE webhook_id = $1 AND state = 'waiting' AND next_attempt_at <= $2
             ORDER BY next_attempt_at LIMIT $3)
RETURNING id, webhook_id, event_id, topic, payload, state, attempts, next_attempt_at, last_status,
          last_error, created_at, delivered_at;

-- name: take_due (postgres)
WITH due AS MATERIALIZED (
    SELECT id AS due_id FROM webhook_deliveries
    WHERE webhook_id = $1 AND state = 'waiting' AND next_attempt_at <= $2
    ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE webhook_deliveries SET next_attempt_at = $4 FROM due WHERE id = due_id
RETURNING id, webhook_id, event_id, topic, payload, state, attempts, next_attempt_at, last_status,
          last_error, created_at, delivered_at;

-- name: finish_delivery
UPDATE webhook_deliveries
SET state = $2, attempts = attempts + 1, next_attempt_at = $3, last_status = $4, last_error = $5,
    delivered_at = $6
WHERE id = $1 AND state = 'waiting';

-- Sends it again from the start, whatever became of it.
-- name: redeliver
UPDATE webhook_deliveries
SET state = 'waiting', attempts = 0, next_attempt_at = $3, delivered_at = NULL
WHERE id = $1 AND webhook_id = $2;

-- Looks at the oldest finished ones only, so a step is short.
-- name: sweep_deliveries
DELETE FROM webhook_deliveries WHERE id IN (
    SELECT id FROM (
        SELECT d.id AS id, d.created_at AS created_at
        FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
        WHERE d.state <> 'waiting' OR w.deleted_at IS NOT NULL
        ORDER BY d.id LIMIT $2) AS oldest
    WHERE created_at < $1);
