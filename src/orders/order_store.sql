-- name: insert_order
INSERT INTO orders (order_no, user_id, status, payment_status, fulfillment_status, version, items_total,
                    discount_total, freight, total, currency, address, note, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'CNY', $11, $12, $13, $14)
ON CONFLICT (order_no) DO NOTHING

-- Every change of an order: on the state it was decided from, or not at all.
-- name: update_order
UPDATE orders
SET status = $4, payment_status = $5, fulfillment_status = $6, close_reason = $7, carrier = $8,
    tracking_number = $9, paid_at = $10, shipped_at = $11, completed_at = $12, closed_at = $13, retaken = $14,
    version = version + 1
WHERE order_no = $1 AND version = $2 AND status = $3

-- name: insert_event
INSERT INTO order_events (order_no, version, kind, status, actor, detail, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- No more of a line comes back than was bought.
-- name: count_returned
UPDATE order_items SET returned = returned + $3
WHERE order_no = $1 AND sku_id = $2 AND returned + $3 <= quantity

-- name: find_order
SELECT order_no, user_id, status, payment_status, fulfillment_status, close_reason, version, items_total,
       discount_total, freight, total, address, note, carrier, tracking_number, created_at, expires_at,
       paid_at, shipped_at, completed_at, closed_at, retaken
FROM orders WHERE order_no = $1

-- The same for a change: nobody else changes the order until the transaction ends.
-- name: lock_order (sqlite)
SELECT order_no, user_id, status, payment_status, fulfillment_status, close_reason, version, items_total,
       discount_total, freight, total, address, note, carrier, tracking_number, created_at, expires_at,
       paid_at, shipped_at, completed_at, closed_at, retaken
FROM orders WHERE order_no = $1
-- name: lock_order (postgres)
SELECT order_no, user_id, status, payment_status, fulfillment_status, close_reason, version, items_total,
       discount_total, freight, total, address, note, carrier, tracking_number, created_at, expires_at,
       paid_at, shipped_at, completed_at, closed_at, retaken
FROM orders WHERE order_no = $1 FOR UPDATE

-- name: list_items
SELECT i.sku_id, i.product_id, i.title, i.options, i.sku, i.image, i.price, i.quantity, i.promotion_item_id, p.name,
       i.returned
FROM order_items i LEFT JOIN promotion_items s ON s.id = i.promotion_item_id LEFT JOIN promotions p ON p.id = s.promotion_id
WHERE i.order_no = $1 ORDER BY i.sku_id

-- $1: order numbers as a JSON array of numbers.
-- name: list_items_of_many (sqlite)
SELECT i.sku_id, i.product_id, i.title, i.options, i.sku, i.image, i.price, i.quantity, i.promotion_item_id, p.name,
       i.returned, i.order_no
FROM order_items i LEFT JOIN promotion_items s ON s.id = i.promotion_item_id LEFT JOIN promotions p ON p.id = s.promotion_id
WHERE i.order_no IN (SELECT value FROM json_each($1)) ORDER BY i.order_no, i.sku_id
-- name: list_items_of_many (postgres)
SELECT i.sku_id, i.product_id, i.title, i.options, i.sku, i.image, i.price, i.quantity, i.promotion_item_id, p.name,
       i.returned, i.order_no
FROM order_items i LEFT JOIN promotion_items s ON s.id = i.promotion_item_id LEFT JOIN promotions p ON p.id = s.promotion_id
WHERE i.order_no = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))
ORDER BY i.order_no, i.sku_id

-- $1: order numbers as a JSON array of numbers.
-- name: list_placed_requests (sqlite)
SELECT order_no, request_key, request_fingerprint FROM orders
WHERE order_no IN (SELECT value FROM json_each($1)) AND request_key IS NOT NULL ORDER BY order_no
-- name: list_placed_requests (postgres)
SELECT order_no, request_key, request_fingerprint FROM orders
WHERE order_no = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))
  AND request_key IS NOT NULL
ORDER BY order_no

-- name: list_events
SELECT version, kind, status, actor, detail, at FROM order_events WHERE order_no = $1 ORDER BY version

-- name: list_user_orders
SELECT order_no, user_id, status, payment_status, fulfillment_status, close_reason, version, items_total,
       discount_total, freight, total, address, note, carrier, tracking_number, created_at, expires_at,
       paid_at, shipped_at, completed_at, closed_at, retaken
FROM orders
WHERE user_id = $1 AND (CAST($2 AS TEXT) IS NULL OR status = CAST($2 AS TEXT))
  AND (CAST($3 AS TEXT) IS NULL OR payment_status = CAST($3 AS TEXT))
ORDER BY order_no DESC LIMIT $4 OFFSET $5

-- name: count_user_orders
SELECT COUNT(*) FROM orders
WHERE user_id = $1 AND (CAST($2 AS TEXT) IS NULL OR status = CAST($2 AS TEXT))
  AND (CAST($3 AS TEXT) IS NULL OR payment_status = CAST($3 AS TEXT))

-- name: list_all_orders
SELECT order_no, user_id, status, payment_status, fulfillment_status, close_reason, version, items_total,
       discount_total, freight, total, address, note, carrier, tracking_number, created_at, expires_at,
       paid_at, shipped_at, completed_at, closed_at, retaken
FROM orders
WHERE (CAST($1 AS TEXT) IS NULL OR status = CAST($1 AS TEXT))
  AND (CAST($2 AS TEXT) IS NULL OR payment_status = CAST($2 AS TEXT))
ORDER BY order_no DESC LIMIT $3 OFFSET $4

-- name: count_all_orders
SELECT COUNT(*) FROM orders
WHERE (CAST($1 AS TEXT) IS NULL OR status = CAST($1 AS TEXT))
  AND (CAST($2 AS TEXT) IS NULL OR payment_status = CAST($2 AS TEXT))

-- $2: the lowest number that an order still holding stock can have. Counts to $3.
-- name: count_holding
SELECT COUNT(*) FROM (
    SELECT 1 FROM orders
    WHERE user_id = $1 AND order_no >= $2 AND status IN ('pending_payment', 'closing') LIMIT $3
) holding

-- Orders of one user are placed one after the other: the limit above is exact. The lock ends with
-- the transaction. SQLite has one writer and needs none.
-- name: lock_buyer (sqlite)
SELECT 1 WHERE $1 = $1
-- name: lock_buyer (postgres)
SELECT pg_advisory_xact_lock(hashtextextended('orders.buyer', $1))

-- name: list_due
SELECT order_no FROM orders WHERE status = 'pending_payment' AND expires_at <= $1
ORDER BY expires_at LIMIT $2

-- name: count_closing
SELECT COUNT(*), MIN(since) FROM (
    SELECT e.at AS since FROM orders o
    JOIN order_events e ON e.order_no = o.order_no AND e.version = o.version
    WHERE o.status = 'closing' ORDER BY o.order_no LIMIT $1
) AS waiting

-- name: list_shipped_before
SELECT order_no FROM orders WHERE status = 'shipped' AND shipped_at <= $1
ORDER BY shipped_at LIMIT $2
