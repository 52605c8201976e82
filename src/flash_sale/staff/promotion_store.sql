-- Staff act seldom; held to the end of every transaction of theirs, so that a check and the write that rests on it
-- see the same promotions. The embedded database has one writer, who needs none.
-- name: lock_promotions (sqlite)
SELECT 1
-- A number of our own choice, the same in every release.
-- name: lock_promotions (postgres)
SELECT pg_advisory_xact_lock(2001000002)

-- name: insert_promotion
INSERT INTO promotions (name, shadow, starts_at, ends_at, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id

-- name: update_draft
UPDATE promotions SET name = $2, starts_at = $3, ends_at = $4, version = version + 1
WHERE id = $1 AND state = 'draft'

-- name: delete_promotion_items
DELETE FROM promotion_items WHERE promotion_id = $1

-- name: delete_promotion
DELETE FROM promotions WHERE id = $1 AND state = 'draft'

-- name: save_promotion
UPDATE promotions
SET state = $2, paused = $3, ends_at = $4, epoch = $5, published_at = $6, ended_at = $7, version = version + 1
WHERE id = $1

-- name: find_promotion
SELECT id, name, state, paused, shadow, starts_at, ends_at, epoch, version, created_at, published_at, ended_at
FROM promotions WHERE id = $1

-- name: list_promotions
SELECT id, name, state, paused, shadow, starts_at, ends_at, epoch, version, created_at, published_at, ended_at
FROM promotions WHERE (CAST($1 AS TEXT) IS NULL OR state = CAST($1 AS TEXT))
ORDER BY id DESC LIMIT $2 OFFSET $3

-- name: count_promotions
SELECT COUNT(*) FROM promotions WHERE (CAST($1 AS TEXT) IS NULL OR state = CAST($1 AS TEXT))

-- name: list_items_of_promotion
SELECT id, product_id, sku_id, price, allotment, per_user_max, per_order_max
FROM promotion_items WHERE promotion_id = $1 ORDER BY id

-- What sells one of this promotion's SKUs at its time. Rehearsals sell nothing.
-- name: list_overlaps
SELECT i.sku_id, p.id, p.name
FROM promotion_items i JOIN promotions p ON p.id = i.promotion_id
WHERE p.state = 'published' AND p.shadow = 0 AND p.id <> $1 AND p.starts_at < $3 AND p.ends_at > $2
  AND i.sku_id IN (SELECT sku_id FROM promotion_items WHERE promotion_id = $1)
ORDER BY i.sku_id, p.id

-- Of all promotions that the kill switch stops, in the order in which rows are locked.
-- name: list_published_items
SELECT i.id, p.paused, p.epoch, p.starts_at, p.ends_at
FROM promotion_items i JOIN promotions p ON p.id = i.promotion_id
WHERE p.state = 'published' ORDER BY i.id

-- name: list_over
SELECT id FROM promotions WHERE state = 'published' AND ends_at <= $1 ORDER BY ends_at, id LIMIT $2

-- name: list_live_items
SELECT i.id, s.version, s.epoch, s.open, s.opens_at, s.closes_at, s.available, s.offered, s.reserved, s.sold,
       (SELECT CAST(COALESCE(SUM(l.quantity), 0) AS BIGINT) FROM stock_ledger l
        WHERE l.promotion_item_id = i.id AND l.kind = 'RELEASE'),
       (SELECT COUNT(*) FROM promotion_waitlist w WHERE w.item_id = i.id AND w.state = 'waiting')
FROM promotion_items i JOIN promotion_stock s ON s.item_id = i.id
WHERE i.promotion_id = $1 ORDER BY i.id

-- name: set_switch
UPDATE flash_sale_switch SET stopped = $1 WHERE one = 1
