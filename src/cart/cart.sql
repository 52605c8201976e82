-- name: list_lines
SELECT c.sku_id, c.quantity, c.selected, c.price_seen, COALESCE(a.available, 0)
FROM cart_items c LEFT JOIN sku_availability a ON a.sku_id = c.sku_id
WHERE c.owner = $1
ORDER BY c.added_at DESC, c.sku_id DESC

-- Nothing changes when the cart is full ($6 lines) or the quantity would pass $7.
-- name: add_line
INSERT INTO cart_items (owner, sku_id, quantity, selected, price_seen, added_at, updated_at)
SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), 1, CAST($4 AS BIGINT),
       CAST($5 AS BIGINT), CAST($5 AS BIGINT)
WHERE (SELECT COUNT(*) FROM cart_items WHERE owner = CAST($1 AS TEXT)
       AND sku_id <> CAST($2 AS BIGINT)) < CAST($6 AS BIGINT)
ON CONFLICT (owner, sku_id) DO UPDATE
SET quantity = cart_items.quantity + excluded.quantity, selected = 1,
    price_seen = excluded.price_seen, updated_at = excluded.updated_at
WHERE cart_items.quantity + excluded.quantity <= CAST($7 AS BIGINT)

-- name: has_line
SELECT 1 FROM cart_items WHERE owner = $1 AND sku_id = $2

-- name: set_quantity
UPDATE cart_items SET quantity = $3, price_seen = COALESCE(CAST($4 AS BIGINT), price_seen),
       updated_at = $5
WHERE owner = $1 AND sku_id = $2

-- name: select_line
UPDATE cart_items SET selected = $3, updated_at = $4 WHERE owner = $1 AND sku_id = $2

-- name: select_all
UPDATE cart_items SET selected = $2, updated_at = $3 WHERE owner = $1

-- name: remove_line
DELETE FROM cart_items WHERE owner = $1 AND sku_id = $2

-- name: remove_all
DELETE FROM cart_items WHERE owner = $1

-- SQLite has one writer, so what it reads stays as it is until the transaction ends.
-- name: hold_selected (sqlite)
SELECT sku_id, quantity FROM cart_items WHERE owner = $1 AND selected = 1 ORDER BY sku_id
-- name: hold_selected (postgres)
SELECT sku_id, quantity FROM cart_items WHERE owner = $1 AND selected = 1 ORDER BY sku_id FOR UPDATE

-- $2: SKUs as a JSON array of numbers.
-- name: take_lines (sqlite)
DELETE FROM cart_items WHERE owner = $1 AND sku_id IN (SELECT value FROM json_each($2))
-- name: take_lines (postgres)
DELETE FROM cart_items WHERE owner = $1
AND sku_id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($2 AS JSON))))

-- name: take_all
DELETE FROM cart_items WHERE owner = $1
RETURNING sku_id, quantity, selected, price_seen, added_at

-- name: list_skus
SELECT sku_id FROM cart_items WHERE owner = $1

-- name: sweep_guests
DELETE FROM cart_items WHERE (owner, sku_id) IN (
    SELECT old.owner, old.sku_id FROM cart_items old
    WHERE old.owner LIKE 'g%' AND old.updated_at < $1
      AND NOT EXISTS (SELECT 1 FROM cart_items fresh
                      WHERE fresh.owner = old.owner AND fresh.updated_at >= $1)
    ORDER BY old.updated_at LIMIT $2
)
