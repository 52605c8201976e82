-- A run that did not end within an hour has died, and is due again then.
-- name: begin_run
INSERT INTO reconciliations (provider, merchant, day, state, started_at, next_run_at)
VALUES ($1, $2, $3, 'running', $4, $6)
ON CONFLICT (provider, merchant, day) DO UPDATE
SET state = 'running', started_at = excluded.started_at, finished_at = NULL, runs = reconciliations.runs + 1,
    next_run_at = excluded.next_run_at
WHERE reconciliations.state <> 'running' OR reconciliations.started_at <= $5
RETURNING id;

-- name: finish_run
UPDATE reconciliations
SET state = CASE WHEN $3 <> '' THEN 'failed'
                 WHEN not_kept > 0 OR EXISTS (SELECT 1 FROM reconciliation_differences d
                                              WHERE d.reconciliation_id = reconciliations.id AND d.state = 'open')
                 THEN 'differences' ELSE 'clean' END,
    finished_at = $2, failure = $3
WHERE id = $1;

-- name: plan_run
UPDATE reconciliations SET next_run_at = CASE WHEN state = 'clean' THEN NULL ELSE CAST($2 AS BIGINT) END WHERE id = $1;

-- name: store_result
UPDATE reconciliations
SET trade_hash = $2, fund_hash = $3, payments = $4, paid = $5, refunds = $6, refunded = $7, fees = $8,
    matched_payments = $9, matched_paid = $10, matched_refunds = $11, matched_refunded = $12, not_kept = $13
WHERE id = $1;

-- A run that finds the same again leaves what a person has said of it.
-- name: keep_difference
INSERT INTO reconciliation_differences
    (reconciliation_id, subject, kind, number, transaction_id, payment_id, refund_id, ours, theirs, our_status,
     their_status, fee, state, note, found_at, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
ON CONFLICT (reconciliation_id, subject, kind, number) DO UPDATE
SET transaction_id = excluded.transaction_id, payment_id = excluded.payment_id, refund_id = excluded.refund_id,
    ours = excluded.ours, theirs = excluded.theirs, our_status = excluded.our_status,
    their_status = excluded.their_status, fee = excluded.fee, seen_at = excluded.seen_at,
    state = CASE WHEN reconciliation_differences.state = 'resolved' THEN 'resolved' ELSE excluded.state END,
    note = CASE WHEN excluded.note = '' THEN reconciliation_differences.note ELSE excluded.note END
WHERE reconciliation_differences.state <> 'resolved';

-- name: settle_unseen
UPDATE reconciliation_differences SET state = 'repaired', note = 'not found again'
WHERE reconciliation_id = $1 AND state = 'open' AND seen_at < $2;

-- What one day's bill lacks, another one has.
-- name: settle_other_day_payment
UPDATE reconciliation_differences SET state = 'repaired', note = $2
WHERE payment_id = $1 AND subject = 'payment' AND kind = 'missing_there' AND state = 'open';

-- name: settle_other_day_refund
UPDATE reconciliation_differences SET state = 'repaired', note = $2
WHERE refund_id = $1 AND subject = 'refund' AND kind = 'missing_there' AND state = 'open';

-- name: note_repair
UPDATE reconciliation_differences SET state = $2, note = $3 WHERE id = $1 AND state = 'open';

-- name: resolve
UPDATE reconciliation_differences SET state = 'resolved', note = $2, resolved_by = $3, resolved_at = $4
WHERE id = $1 AND state = 'open' RETURNING reconciliation_id;

-- name: find_run
SELECT id, provider, merchant, day, state, started_at, finished_at, runs, next_run_at, failure, trade_hash, fund_hash,
       payments, paid, refunds, refunded, fees, matched_payments, matched_paid, matched_refunds, matched_refunded,
       not_kept,
       (SELECT COUNT(*) FROM reconciliation_differences d
        WHERE d.reconciliation_id = reconciliations.id AND d.state = 'open')
FROM reconciliations WHERE id = $1;

-- name: list_runs
SELECT id, provider, merchant, day, state, started_at, finished_at, runs, next_run_at, failure, trade_hash, fund_hash,
       payments, paid, refunds, refunded, fees, matched_payments, matched_paid, matched_refunds, matched_refunded,
       not_kept,
       (SELECT COUNT(*) FROM reconciliation_differences d
        WHERE d.reconciliation_id = reconciliations.id AND d.state = 'open')
FROM reconciliations ORDER BY day DESC, id DESC LIMIT $1 OFFSET $2;

-- name: count_runs
SELECT COUNT(*) FROM reconciliations;

-- name: find_day
SELECT id FROM reconciliations WHERE provider = $1 AND merchant = $2 AND day = $3;

-- name: list_due_days
SELECT day FROM reconciliations WHERE provider = $1 AND merchant = $2 AND next_run_at <= $3 ORDER BY day LIMIT 8;

-- Those that are gone through again: about older ones the alarm has rung for a week.
-- name: list_failed_days
SELECT day FROM reconciliations WHERE next_run_at IS NOT NULL AND state = 'failed' ORDER BY day LIMIT $1;

-- The first day on which anything could have been paid.
-- name: find_first_payment
SELECT MIN(created_at) FROM payments WHERE provider = $1 AND merchant = $2;

-- name: list_differences
SELECT id, subject, kind, number, transaction_id, payment_id, refund_id, ours, theirs, our_status, their_status, fee,
       state, note, found_at, resolved_by, resolved_at
FROM reconciliation_differences WHERE reconciliation_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: list_open_differences
SELECT id, subject, kind, number, transaction_id, payment_id, refund_id, ours, theirs, our_status, their_status, fee,
       state, note, found_at, resolved_by, resolved_at
FROM reconciliation_differences WHERE reconciliation_id = $1 AND state = 'open' ORDER BY id LIMIT $2;

-- name: find_difference
SELECT id, subject, kind, number, transaction_id, payment_id, refund_id, ours, theirs, our_status, their_status, fee,
       state, note, found_at, resolved_by, resolved_at
FROM reconciliation_differences WHERE id = $1;

-- name: count_open
SELECT COUNT(*), MIN(found_at) FROM (
    SELECT found_at FROM reconciliation_differences WHERE state = 'open' ORDER BY id LIMIT $1
) AS waiting;
