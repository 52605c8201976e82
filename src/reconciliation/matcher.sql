-- Numbers come as a JSON array of texts.
-- name: find_payments (sqlite)
SELECT p.id, p.out_trade_no, p.transaction_id, p.state, p.amount, p.paid_at
FROM json_each($3) n CROSS JOIN payments p
WHERE p.provider = $1 AND p.merchant = $2 AND p.out_trade_no = n.value;

-- name: find_payments (postgres)
SELECT p.id, p.out_trade_no, p.transaction_id, p.state, p.amount, p.paid_at
FROM json_array_elements_text(CAST($3 AS JSON)) n
JOIN payments p ON p.provider = $1 AND p.merchant = $2 AND p.out_trade_no = n;

-- name: find_refunds (sqlite)
SELECT r.id, r.payment_id, r.out_refund_no, p.out_trade_no, r.state, r.amount, r.sent_at, r.settled_at
FROM json_each($3) n CROSS JOIN refunds r JOIN payments p ON p.id = r.payment_id
WHERE r.provider = $1 AND r.merchant = $2 AND r.out_refund_no = n.value;

-- name: find_refunds (postgres)
SELECT r.id, r.payment_id, r.out_refund_no, p.out_trade_no, r.state, r.amount, r.sent_at, r.settled_at
FROM json_array_elements_text(CAST($3 AS JSON)) n
JOIN refunds r ON r.provider = $1 AND r.merchant = $2 AND r.out_refund_no = n
JOIN payments p ON p.id = r.payment_id;

-- Those that a neighbouring day's bill has are not told. The first bound is there for the index: without it every page
-- is looked for from the beginning.
-- name: list_paid
SELECT p.id, p.out_trade_no, p.transaction_id, p.state, p.amount, p.paid_at,
       EXISTS (SELECT 1 FROM reconciliation_differences d
               WHERE d.payment_id = p.id AND d.subject = 'payment' AND d.kind = 'other_day')
FROM payments p
WHERE p.provider = $1 AND p.merchant = $2 AND p.state = 'paid' AND p.paid_at < $3
  AND p.paid_at >= $4 AND (p.paid_at > $4 OR p.id > $5)
ORDER BY p.paid_at, p.id LIMIT $6;

-- name: list_refunds_sent
SELECT r.id, r.payment_id, r.out_refund_no, '', r.state, r.amount, r.sent_at, r.settled_at,
       EXISTS (SELECT 1 FROM reconciliation_differences d
               WHERE d.refund_id = r.id AND d.subject = 'refund' AND d.kind = 'other_day')
FROM refunds r
WHERE r.provider = $1 AND r.merchant = $2 AND r.sent_at < $3
  AND r.sent_at >= $4 AND (r.sent_at > $4 OR r.id > $5)
ORDER BY r.sent_at, r.id LIMIT $6;

-- name: list_refunds_settled
SELECT r.id, r.payment_id, r.out_refund_no, '', r.state, r.amount, r.sent_at, r.settled_at,
       EXISTS (SELECT 1 FROM reconciliation_differences d
               WHERE d.refund_id = r.id AND d.subject = 'refund' AND d.kind = 'other_day')
FROM refunds r
WHERE r.provider = $1 AND r.merchant = $2 AND r.settled_at < $3
  AND r.settled_at >= $4 AND (r.settled_at > $4 OR r.id > $5)
ORDER BY r.settled_at, r.id LIMIT $6;

-- name: find_trade_number
SELECT out_trade_no FROM payments WHERE id = $1;

-- name: find_refund_number
SELECT out_refund_no FROM refunds WHERE id = $1;
