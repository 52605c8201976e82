-- name: list_ledger
SELECT id, kind, quantity, order_no, at, actor, note
FROM stock_ledger WHERE sku_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3

-- name: count_ledger
SELECT COUNT(*) FROM stock_ledger WHERE sku_id = $1
