-- Many payments at a time. Lists are JSON: of texts, or of rows that are lists themselves. For PostgreSQL each is looked up by
-- itself (LATERAL … LIMIT 1): a planner whose statistics are from a smaller table would go through all of a provider's payments.

-- The references of trades, locked in one order by whoever locks several.
-- name: lock_references (sqlite)
SELECT app, reference, given_up_at, answered FROM payment_references
WHERE (app, reference) IN (SELECT app, reference FROM payments
    WHERE provider = $1 AND merchant = $2 AND out_trade_no IN (SELECT value FROM json_each($3)));

-- name: lock_references (postgres)
SELECT app, reference, given_up_at, answered FROM payment_references
WHERE (app, reference) IN (SELECT trade.app, trade.reference
    FROM json_array_elements_text(CAST($3 AS JSON)) AS told (number)
    CROSS JOIN LATERAL (SELECT app, reference FROM payments
        WHERE provider = $1 AND merchant = $2 AND out_trade_no = told.number LIMIT 1) AS trade)
ORDER BY app, reference FOR UPDATE;

-- All attempts of these references.
-- name: find_of_references (sqlite)
SELECT p.id, p.app, p.reference, p.owner, p.provider, p.merchant, p.seller, p.out_trade_no, p.transaction_id, p.state, p.amount,
       p.currency, p.description, p.code_url, p.code_at, p.failure, p.late, p.duplicate, p.suspect, p.refund_due, p.refunded,
       p.created_at, p.expires_at, p.paid_at, p.closed_at, p.close_accepted_at, p.query_count, p.next_query_at,
       p.refund_reserved, p.give_back_at, p.accepted_at
FROM payments p
WHERE (p.app, p.reference) IN (SELECT app, reference FROM payments
    WHERE provider = $1 AND merchant = $2 AND out_trade_no IN (SELECT value FROM json_each($3)));

-- name: find_of_references (postgres)
SELECT p.id, p.app, p.reference, p.owner, p.provider, p.merchant, p.seller, p.out_trade_no, p.transaction_id, p.state, p.amount,
       p.currency, p.description, p.code_url, p.code_at, p.failure, p.late, p.duplicate, p.suspect, p.refund_due, p.refunded,
       p.created_at, p.expires_at, p.paid_at, p.closed_at, p.close_accepted_at, p.query_count, p.next_query_at,
       p.refund_reserved, p.give_back_at, p.accepted_at
FROM payments p
WHERE (p.app, p.reference) IN (SELECT trade.app, trade.reference
    FROM json_array_elements_text(CAST($3 AS JSON)) AS told (number)
    CROSS JOIN LATERAL (SELECT app, reference FROM payments
        WHERE provider = $1 AND merchant = $2 AND out_trade_no = told.number LIMIT 1) AS trade);

-- name: find_transactions (sqlite)
SELECT transaction_id FROM payments
WHERE provider = $1 AND transaction_id IS NOT NULL AND transaction_id IN (SELECT value FROM json_each($2));

-- name: find_transactions (postgres)
SELECT known.transaction_id
FROM json_array_elements_text(CAST($2 AS JSON)) AS told (transaction_id)
CROSS JOIN LATERAL (SELECT transaction_id FROM payments
    WHERE provider = $1 AND transaction_id = told.transaction_id LIMIT 1) AS known;

-- Rows: id, state that the decision was made on, transaction, time.
-- name: mark_paid (sqlite)
UPDATE payments SET state = 'paid', transaction_id = told.transaction_id, paid_at = told.paid_at, query_count = 0,
    next_query_at = NULL
FROM (SELECT value ->> 0 AS id, value ->> 1 AS state, value ->> 2 AS transaction_id, value ->> 3 AS paid_at
      FROM json_each($1)) AS told
WHERE payments.id = told.id AND payments.state = told.state;

-- name: mark_paid (postgres)
UPDATE payments SET state = 'paid', transaction_id = told.transaction_id, paid_at = told.paid_at, query_count = 0,
    next_query_at = NULL
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id, value ->> 1 AS state, value ->> 2 AS transaction_id,
             CAST(value ->> 3 AS BIGINT) AS paid_at
      FROM json_array_elements(CAST($1 AS JSON))) AS told
WHERE payments.id = told.id AND payments.state = told.state;

-- Rows: app, reference.
-- name: answer_succeeded (sqlite)
UPDATE payment_references SET answered = 'succeeded'
WHERE (app, reference) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1)) AND answered IS NULL;

-- name: answer_succeeded (postgres)
UPDATE payment_references SET answered = 'succeeded'
WHERE (app, reference) IN (SELECT value ->> 0, value ->> 1 FROM json_array_elements(CAST($1 AS JSON)))
  AND answered IS NULL;
