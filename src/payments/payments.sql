-- The row that every change of a reference's attempts locks first.
-- name: lock_reference
INSERT INTO payment_references (app, reference, created_at) VALUES ($1, $2, $3)
ON CONFLICT (app, reference) DO UPDATE SET version = payment_references.version + 1
RETURNING given_up_at, answered;

-- name: find_closed_reference
SELECT 1 FROM payment_references WHERE app = $1 AND reference = $2 AND answered = 'closed';

-- name: give_reference_up
UPDATE payment_references SET given_up_at = $3
WHERE app = $1 AND reference = $2 AND given_up_at IS NULL;

-- name: answer_reference
UPDATE payment_references SET answered = $3
WHERE app = $1 AND reference = $2 AND answered IS NULL;

-- name: insert_payment
INSERT INTO payments (app, reference, owner, provider, merchant, seller, out_trade_no, state, amount,
                      currency, description, created_at, expires_at, next_query_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'created', $8, $9, $10, $11, $12, $13)
ON CONFLICT DO NOTHING RETURNING id;

-- name: find_payment
SELECT id, app, reference, owner, provider, merchant, seller, out_trade_no, transaction_id, state, amount, currency,
       description, code_url, code_at, failure, late, duplicate, suspect, refund_due, refunded,
       created_at, expires_at, paid_at, closed_at, close_accepted_at, query_count, next_query_at, refund_reserved,
       give_back_at, accepted_at
FROM payments WHERE id = $1;

-- name: find_by_trade
SELECT id FROM payments WHERE provider = $1 AND merchant = $2 AND out_trade_no = $3;

-- name: find_payment_by_trade
SELECT id, app, reference, owner, provider, merchant, seller, out_trade_no, transaction_id, state, amount, currency,
       description, code_url, code_at, failure, late, duplicate, suspect, refund_due, refunded,
       created_at, expires_at, paid_at, closed_at, close_accepted_at, query_count, next_query_at, refund_reserved,
       give_back_at, accepted_at
FROM payments WHERE provider = $1 AND merchant = $2 AND out_trade_no = $3;

-- name: find_by_transaction
SELECT id FROM payments WHERE provider = $1 AND transaction_id = $2;

-- name: find_of_reference
SELECT id, app, reference, owner, provider, merchant, seller, out_trade_no, transaction_id, state, amount, currency,
       description, code_url, code_at, failure, late, duplicate, suspect, refund_due, refunded,
       created_at, expires_at, paid_at, closed_at, close_accepted_at, query_count, next_query_at, refund_reserved,
       give_back_at, accepted_at
FROM payments WHERE app = $1 AND reference = $2 ORDER BY id;

-- Guarded by the state that the change was decided on.
-- name: update_payment
UPDATE payments SET state = $3, transaction_id = $4, code_url = $5, code_at = $6, failure = $7,
    late = $8, duplicate = $9, suspect = $10, refund_due = $11, paid_at = $12, closed_at = $13,
    close_accepted_at = $14, query_count = $15, next_query_at = $16, give_back_at = $17, accepted_at = $18
WHERE id = $1 AND state = $2;

-- name: reschedule_payment
UPDATE payments SET query_count = $3, next_query_at = $4 WHERE id = $1 AND state = $2;

-- Takes what is due; it is not due again before the lease ends, so no worker that died keeps it.
-- name: take_due (sqlite)
UPDATE payments SET next_query_at = $4
WHERE id IN (SELECT id FROM payments WHERE next_query_at <= $2 AND provider = $1
             ORDER BY next_query_at LIMIT $3)
RETURNING id;

-- name: take_due (postgres)
WITH due AS MATERIALIZED (
    SELECT id FROM payments WHERE next_query_at <= $2 AND provider = $1
    ORDER BY next_query_at LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE payments SET next_query_at = $4 FROM due WHERE payments.id = due.id
RETURNING payments.id;

-- A notification that was refused is judged again when it comes again; one that was dealt with
-- keeps its first verdict.
-- name: store_notification
INSERT INTO payment_notifications
    (provider, notification_id, received_at, headers, body, verdict, payment_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (provider, notification_id) DO UPDATE
SET verdict = excluded.verdict, payment_id = excluded.payment_id
WHERE payment_notifications.verdict IN ('suspect', 'unknown_order', 'unknown_refund');

-- name: list_payments
SELECT id, app, reference, owner, provider, merchant, seller, out_trade_no, transaction_id, state, amount, currency,
       description, code_url, code_at, failure, late, duplicate, suspect, refund_due, refunded,
       created_at, expires_at, paid_at, closed_at, close_accepted_at, query_count, next_query_at, refund_reserved,
       give_back_at, accepted_at
FROM payments
WHERE (CAST($1 AS TEXT) = '' OR state = CAST($1 AS TEXT))
  AND (CAST($2 AS TEXT) = '' OR (CAST($2 AS TEXT) = 'late' AND late = 1)
       OR (CAST($2 AS TEXT) = 'duplicate' AND duplicate = 1)
       OR (CAST($2 AS TEXT) = 'suspect' AND suspect = 1)
       OR (CAST($2 AS TEXT) = 'refund_due' AND refund_due = 1))
ORDER BY id DESC LIMIT $3 OFFSET $4;

-- name: count_payments
SELECT count(*)
FROM payments
WHERE (CAST($1 AS TEXT) = '' OR state = CAST($1 AS TEXT))
  AND (CAST($2 AS TEXT) = '' OR (CAST($2 AS TEXT) = 'late' AND late = 1)
       OR (CAST($2 AS TEXT) = 'duplicate' AND duplicate = 1)
       OR (CAST($2 AS TEXT) = 'suspect' AND suspect = 1)
       OR (CAST($2 AS TEXT) = 'refund_due' AND refund_due = 1));

-- name: count_refunds_due
SELECT COUNT(*), MIN(paid_at) FROM (
    SELECT paid_at FROM payments WHERE refund_due = 1 AND refunded < amount ORDER BY id LIMIT $1
) AS waiting;

-- name: reserve_refund
UPDATE payments SET refund_reserved = refund_reserved + $2
WHERE id = $1 AND state = 'paid' AND refund_reserved + $2 <= amount;

-- name: free_refund
UPDATE payments SET refund_reserved = refund_reserved - $2 WHERE id = $1;

-- name: count_refunded
UPDATE payments SET refunded = refunded + $2 WHERE id = $1;

-- name: list_to_give_back
SELECT id FROM payments WHERE give_back_at <= $1 ORDER BY give_back_at LIMIT $2;

-- name: begin_giving_back
UPDATE payments SET give_back_at = NULL WHERE id = $1;
