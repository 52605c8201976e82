-- name: grant_stock
INSERT INTO stock (sku_id, available) VALUES ($1, $2)
ON CONFLICT (sku_id) DO UPDATE SET available = stock.available + excluded.available

-- Makes the row when there is none, locks it, and tells what is in it.
-- name: lock_stock
INSERT INTO stock (sku_id) VALUES ($1)
ON CONFLICT (sku_id) DO UPDATE SET available = stock.available
RETURNING available

-- name: adjust_stock
UPDATE stock SET available = available + $2 WHERE sku_id = $1

-- name: set_apart
UPDATE stock SET available = available - $2 WHERE sku_id = $1 AND available >= $2

-- name: reserve_stock
UPDATE stock SET available = available - $2, reserved = reserved + $2
WHERE sku_id = $1 AND available >= $2

-- name: confirm_stock
UPDATE stock SET reserved = reserved - $2, sold = sold + $2 WHERE sku_id = $1

-- name: release_stock
UPDATE stock SET reserved = reserved - $2, available = available + $2 WHERE sku_id = $1

-- name: return_stock
UPDATE stock SET sold = sold - $2, available = available + $2 WHERE sku_id = $1

-- name: find_available
SELECT available FROM stock WHERE sku_id = $1

-- name: find_levels (sqlite)
SELECT sku_id, available, reserved, sold FROM stock
WHERE sku_id IN (SELECT value FROM json_each($1))
-- name: find_levels (postgres)
SELECT sku_id, available, reserved, sold FROM stock
WHERE sku_id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- name: sum_given_back
SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM stock_ledger
WHERE sku_id = $1 AND promotion_item_id = $2 AND kind = 'RELEASE'
