-- name: post
INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, credit, amount, currency, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'CNY', $9)
ON CONFLICT (kind, subject) DO NOTHING;

-- Two transfers of one amount for one subject.
-- name: post_pair
INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, credit, amount, currency, at)
VALUES ($1, $7, $8, $9, $10, $2, $3, $11, 'CNY', $12), ($4, $7, $8, $9, $10, $5, $6, $11, 'CNY', $12)
ON CONFLICT (kind, subject) DO NOTHING;

-- name: find_fee
SELECT amount FROM book_entries WHERE kind = 'fee' AND subject = $1;

-- name: list_entries
SELECT id, kind, subject, payment_id, provider, merchant, debit, credit, amount, at
FROM book_entries WHERE payment_id = $1 ORDER BY id;

-- name: sum_accounts
SELECT account, provider, merchant, CAST(SUM(debit) AS BIGINT), CAST(SUM(credit) AS BIGINT)
FROM (
    SELECT debit AS account, provider, merchant, amount AS debit, 0 AS credit FROM book_entries
    WHERE (CAST($1 AS BIGINT) IS NULL OR at >= $1) AND (CAST($2 AS BIGINT) IS NULL OR at < $2)
    UNION ALL
    SELECT credit, provider, merchant, 0, amount FROM book_entries
    WHERE (CAST($1 AS BIGINT) IS NULL OR at >= $1) AND (CAST($2 AS BIGINT) IS NULL OR at < $2)
) AS sides
GROUP BY account, provider, merchant
ORDER BY account, provider, merchant;

-- name: sum_clearing
SELECT CAST(COALESCE(SUM(CASE WHEN debit = 'clearing' THEN amount WHEN credit = 'clearing' THEN -amount
                              ELSE 0 END), 0) AS BIGINT)
FROM book_entries WHERE provider = $1 AND merchant = $2;
