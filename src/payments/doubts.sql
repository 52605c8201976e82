-- One that waits already may turn into one that holds refunds.
-- name: raise_doubt
INSERT INTO payment_doubts (payment_id, reason, holds_refunds, raised_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (payment_id, reason) WHERE resolved_at IS NULL DO UPDATE
SET holds_refunds = 1 WHERE excluded.holds_refunds = 1;

-- name: find_held_refunds
SELECT 1 FROM payment_doubts WHERE payment_id = $1 AND resolved_at IS NULL AND holds_refunds = 1 LIMIT 1;

-- name: find_doubt
SELECT id, payment_id, reason, holds_refunds, raised_at, resolution, resolved_by, resolved_at
FROM payment_doubts WHERE id = $1;

-- name: list_open_doubts
SELECT id, payment_id, reason, holds_refunds, raised_at, resolution, resolved_by, resolved_at
FROM payment_doubts WHERE resolved_at IS NULL ORDER BY id DESC LIMIT $1 OFFSET $2;

-- name: count_open_doubts
SELECT COUNT(*) FROM payment_doubts WHERE resolved_at IS NULL;

-- name: list_doubts
SELECT id, payment_id, reason, holds_refunds, raised_at, resolution, resolved_by, resolved_at
FROM payment_doubts ORDER BY id DESC LIMIT $1 OFFSET $2;

-- name: count_doubts
SELECT COUNT(*) FROM payment_doubts;

-- name: resolve_doubt
UPDATE payment_doubts SET resolution = $2, resolved_by = $3, resolved_at = $4 WHERE id = $1 AND resolved_at IS NULL;

-- name: resolve_holds
UPDATE payment_doubts SET resolution = $2, resolved_by = $3, resolved_at = $4
WHERE payment_id = $1 AND resolved_at IS NULL AND holds_refunds = 1;

-- name: count_doubts_waiting
SELECT COUNT(*), MIN(raised_at) FROM (
    SELECT raised_at FROM payment_doubts WHERE resolved_at IS NULL ORDER BY id LIMIT $1
) AS waiting;

-- The words of the index payments_open_until.
-- name: count_overdue
SELECT COUNT(*), MIN(expires_at) FROM (
    SELECT expires_at FROM payments
    WHERE (state = 'created' OR state = 'pending' OR state = 'closing') AND expires_at < $2
    ORDER BY expires_at LIMIT $1
) AS waiting;
