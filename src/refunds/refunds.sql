-- name: insert_refund
INSERT INTO refunds (payment_id, provider, merchant, out_refund_no, refund_id, origin, state, amount, kept, reason,
                     asked_by, request_key, created_at, sent_at, settled_at, next_try_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
RETURNING id;

-- name: find_refund
SELECT id, payment_id, provider, merchant, out_refund_no, refund_id, origin, state, amount, kept, reason, asked_by,
       request_key, created_at, sent_at, settled_at, tries, next_try_at, refused_at, failure, stuck, resolution,
       resolved_by, resolved_at
FROM refunds WHERE id = $1;

-- name: find_of_payment
SELECT id, payment_id, provider, merchant, out_refund_no, refund_id, origin, state, amount, kept, reason, asked_by,
       request_key, created_at, sent_at, settled_at, tries, next_try_at, refused_at, failure, stuck, resolution,
       resolved_by, resolved_at
FROM refunds WHERE payment_id = $1 ORDER BY id;

-- name: find_by_number
SELECT id, payment_id, provider, merchant, out_refund_no, refund_id, origin, state, amount, kept, reason, asked_by,
       request_key, created_at, sent_at, settled_at, tries, next_try_at, refused_at, failure, stuck, resolution,
       resolved_by, resolved_at
FROM refunds WHERE provider = $1 AND merchant = $2 AND out_refund_no = $3;

-- Guarded by the state that the change was decided on.
-- name: update_refund
UPDATE refunds SET state = $3, refund_id = $4, sent_at = $5, settled_at = $6, tries = $7, next_try_at = $8,
    refused_at = $9, failure = $10, stuck = $11, resolution = $12, resolved_by = $13, resolved_at = $14
WHERE id = $1 AND state = $2;

-- Takes what is due; it is not due again before the lease ends, so no worker that died keeps it.
-- name: take_due (sqlite)
UPDATE refunds SET next_try_at = $4
WHERE id IN (SELECT id FROM refunds WHERE next_try_at <= $2 AND provider = $1
             ORDER BY next_try_at LIMIT $3)
RETURNING id;

-- name: take_due (postgres)
WITH due AS MATERIALIZED (
    SELECT id FROM refunds WHERE next_try_at <= $2 AND provider = $1
    ORDER BY next_try_at LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE refunds SET next_try_at = $4 FROM due WHERE refunds.id = due.id
RETURNING refunds.id;

-- name: list_slow
SELECT id FROM refunds
WHERE next_try_at IS NOT NULL AND (state = 'requested' OR state = 'processing') AND stuck = 0 AND created_at <= $1
ORDER BY next_try_at LIMIT $2;

-- name: list_refunds
SELECT id, payment_id, provider, merchant, out_refund_no, refund_id, origin, state, amount, kept, reason, asked_by,
       request_key, created_at, sent_at, settled_at, tries, next_try_at, refused_at, failure, stuck, resolution,
       resolved_by, resolved_at
FROM refunds
WHERE (CAST($1 AS TEXT) = '' OR state = CAST($1 AS TEXT)) AND (CAST($2 AS BIGINT) = 0 OR payment_id = $2)
ORDER BY id DESC LIMIT $3 OFFSET $4;

-- name: count_refunds
SELECT COUNT(*) FROM refunds
WHERE (CAST($1 AS TEXT) = '' OR state = CAST($1 AS TEXT)) AND (CAST($2 AS BIGINT) = 0 OR payment_id = $2);

-- What waits for a person; the words of the index refunds_for_a_person.
-- name: list_for_person
SELECT id, payment_id, provider, merchant, out_refund_no, refund_id, origin, state, amount, kept, reason, asked_by,
       request_key, created_at, sent_at, settled_at, tries, next_try_at, refused_at, failure, stuck, resolution,
       resolved_by, resolved_at
FROM refunds
WHERE resolved_at IS NULL AND (state = 'failed' OR state = 'abnormal' OR stuck = 1) AND state <> 'succeeded'
ORDER BY id DESC LIMIT $1 OFFSET $2;

-- name: count_for_person
SELECT COUNT(*) FROM refunds
WHERE resolved_at IS NULL AND (state = 'failed' OR state = 'abnormal' OR stuck = 1) AND state <> 'succeeded';

-- name: count_waiting
SELECT COUNT(*), MIN(created_at) FROM (
    SELECT created_at FROM refunds
    WHERE resolved_at IS NULL AND (state = 'failed' OR state = 'abnormal' OR stuck = 1) AND state <> 'succeeded'
    ORDER BY id LIMIT $1
) AS waiting;

-- In the order of the index refunds_due: SQLite would else go through all refunds in that of their ids.
-- name: count_under_way
SELECT COUNT(*), MIN(created_at) FROM (
    SELECT created_at FROM refunds
    WHERE next_try_at IS NOT NULL AND (state = 'requested' OR state = 'processing') ORDER BY next_try_at LIMIT $1
) AS waiting;
