-- The rows of a rehearsal: made for a shadow promotion, removed with it. See rehearsals.hpp.

-- A product that is sold, to lend a rehearsal its name.
-- name: any_sku_on_sale
SELECT s.id, s.price FROM skus s JOIN products p ON p.id = s.product_id
WHERE p.status = 'active' ORDER BY s.id LIMIT 1

-- Who would be told of orders that are not real.
-- name: enabled_webhooks
SELECT COUNT(*) FROM webhooks WHERE enabled = 1 AND deleted_at IS NULL

-- name: list_rehearsals
SELECT id, name, state, created_at FROM promotions WHERE shadow = 1 ORDER BY id DESC LIMIT 100

-- name: rehearsal_stock
SELECT s.available, s.reserved, s.sold, i.allotment
FROM promotion_items i JOIN promotion_stock s ON s.item_id = i.id
JOIN promotions p ON p.id = i.promotion_id
WHERE p.id = $1 AND p.shadow = 1

-- How much is still to be told to others, of anything.
-- name: unpublished_events
SELECT COUNT(*) FROM outbox WHERE published_at IS NULL

-- Buyers by name: from $1 up to but without $2, at most $3.
-- name: rehearsal_buyers (sqlite)
SELECT id FROM users WHERE username_key >= $1 AND username_key < $2 ORDER BY username_key LIMIT $3
-- name: rehearsal_buyers (postgres)
SELECT id FROM users WHERE username_key COLLATE "C" >= $1 AND username_key COLLATE "C" < $2 LIMIT $3

-- name: count_rehearsal_buyers (sqlite)
SELECT COUNT(*) FROM users WHERE username_key >= $1 AND username_key < $2
-- name: count_rehearsal_buyers (postgres)
SELECT COUNT(*) FROM users WHERE username_key COLLATE "C" >= $1 AND username_key COLLATE "C" < $2

-- $1: buyers as a JSON array of numbers, here and below.
-- name: rehearsal_orders (sqlite)
SELECT order_no FROM orders WHERE user_id IN (SELECT value FROM json_each($1))
-- name: rehearsal_orders (postgres)
SELECT order_no FROM orders
WHERE user_id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- $1: orders as a JSON array of numbers, from here on.
-- name: remove_notifications (sqlite)
DELETE FROM payment_notifications WHERE payment_id IN (
    SELECT id FROM payments WHERE app = 'shop'
    AND reference IN (SELECT CAST(value AS TEXT) FROM json_each($1)))
-- name: remove_notifications (postgres)
DELETE FROM payment_notifications WHERE payment_id IN (
    SELECT id FROM payments WHERE app = 'shop'
    AND reference = ANY (ARRAY(SELECT json_array_elements_text(CAST($1 AS JSON)))))

-- Money stays in the books, play money too: what was paid is kept under another name.
-- name: set_paid_aside (sqlite)
UPDATE payments SET app = 'rehearsal'
WHERE app = 'shop' AND state = 'paid' AND reference IN (SELECT CAST(value AS TEXT) FROM json_each($1))
-- name: set_paid_aside (postgres)
UPDATE payments SET app = 'rehearsal'
WHERE app = 'shop' AND state = 'paid'
AND reference = ANY (ARRAY(SELECT json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_payments (sqlite)
DELETE FROM payments WHERE app = 'shop' AND reference IN (SELECT CAST(value AS TEXT) FROM json_each($1))
-- name: remove_payments (postgres)
DELETE FROM payments WHERE app = 'shop'
AND reference = ANY (ARRAY(SELECT json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_payment_references (sqlite)
DELETE FROM payment_references WHERE app = 'shop'
AND reference IN (SELECT CAST(value AS TEXT) FROM json_each($1))
-- name: remove_payment_references (postgres)
DELETE FROM payment_references WHERE app = 'shop'
AND reference = ANY (ARRAY(SELECT json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_order_events (sqlite)
DELETE FROM order_events WHERE order_no IN (SELECT value FROM json_each($1))
-- name: remove_order_events (postgres)
DELETE FROM order_events
WHERE order_no = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_order_items (sqlite)
DELETE FROM order_items WHERE order_no IN (SELECT value FROM json_each($1))
-- name: remove_order_items (postgres)
DELETE FROM order_items
WHERE order_no = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- Each by the index that has its kind.
-- name: remove_reservations (sqlite)
DELETE FROM stock_ledger WHERE kind = 'RESERVE' AND order_no IN (SELECT value FROM json_each($1))
-- name: remove_reservations (postgres)
DELETE FROM stock_ledger WHERE kind = 'RESERVE'
AND order_no = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_resolutions (sqlite)
DELETE FROM stock_ledger WHERE kind IN ('CONFIRM', 'RELEASE') AND order_no IN (SELECT value FROM json_each($1))
-- name: remove_resolutions (postgres)
DELETE FROM stock_ledger WHERE kind IN ('CONFIRM', 'RELEASE')
AND order_no = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_orders (sqlite)
DELETE FROM orders WHERE order_no IN (SELECT value FROM json_each($1))
-- name: remove_orders (postgres)
DELETE FROM orders
WHERE order_no = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- $1: buyers as a JSON array of numbers, from here on. $2: the item.
-- name: remove_claims (sqlite)
DELETE FROM promotion_claims WHERE item_id = $2 AND user_id IN (SELECT value FROM json_each($1))
-- name: remove_claims (postgres)
DELETE FROM promotion_claims WHERE item_id = $2
AND user_id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_places (sqlite)
DELETE FROM promotion_waitlist WHERE item_id = $2 AND user_id IN (SELECT value FROM json_each($1))
-- name: remove_places (postgres)
DELETE FROM promotion_waitlist WHERE item_id = $2
AND user_id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_keys (sqlite)
DELETE FROM idempotency_keys WHERE owner IN (SELECT 'u' || value FROM json_each($1))
-- name: remove_keys (postgres)
DELETE FROM idempotency_keys WHERE owner = ANY (ARRAY(SELECT 'u' || json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_carts (sqlite)
DELETE FROM cart_items WHERE owner IN (SELECT 'u' || value FROM json_each($1))
-- name: remove_carts (postgres)
DELETE FROM cart_items WHERE owner = ANY (ARRAY(SELECT 'u' || json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_addresses (sqlite)
DELETE FROM addresses WHERE user_id IN (SELECT value FROM json_each($1))
-- name: remove_addresses (postgres)
DELETE FROM addresses
WHERE user_id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_sessions (sqlite)
DELETE FROM sessions WHERE user_id IN (SELECT value FROM json_each($1))
-- name: remove_sessions (postgres)
DELETE FROM sessions
WHERE user_id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- name: remove_buyers (sqlite)
DELETE FROM users WHERE id IN (SELECT value FROM json_each($1))
-- name: remove_buyers (postgres)
DELETE FROM users
WHERE id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- The rest, once nobody and no order is left: $1 the item, $2 its SKU.
-- name: remove_movements
DELETE FROM stock_ledger WHERE sku_id = $2 AND promotion_item_id = $1

-- name: remove_stock
DELETE FROM promotion_stock WHERE item_id = $1

-- name: remove_item
DELETE FROM promotion_items WHERE id = $1

-- name: remove_shadow
DELETE FROM promotions WHERE id = $1 AND shadow = 1
