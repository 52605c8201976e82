-- Told again while it waits, it waits as it did.
-- name: insert_lookup
INSERT INTO refund_lookups (payment_id, provider, out_refund_no, heard_at, next_try_at) VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (payment_id, out_refund_no) DO NOTHING;

-- name: find_lookup
SELECT id, payment_id, out_refund_no, heard_at, tries FROM refund_lookups WHERE id = $1;

-- Not due again before the lease ends, so no worker that died keeps it.
-- name: take_due_lookups (sqlite)
UPDATE refund_lookups SET next_try_at = $4
WHERE id IN (SELECT id FROM refund_lookups WHERE provider = $1 AND next_try_at <= $2
             ORDER BY next_try_at LIMIT $3)
RETURNING id;

-- name: take_due_lookups (postgres)
WITH due AS MATERIALIZED (
    SELECT id FROM refund_lookups WHERE provider = $1 AND next_try_at <= $2
    ORDER BY next_try_at LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE refund_lookups SET next_try_at = $4 FROM due WHERE refund_lookups.id = due.id
RETURNING refund_lookups.id;

-- name: put_off_lookup
UPDATE refund_lookups SET tries = tries + 1, next_try_at = $2 WHERE id = $1;

-- name: delete_lookup
DELETE FROM refund_lookups WHERE id = $1;
