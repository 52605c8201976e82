-- $1: promotions ended before this are left out.
-- name: list_sales
SELECT id, name, state, paused, shadow, starts_at, ends_at, epoch
FROM promotions
WHERE state = 'published' OR (state = 'ended' AND ended_at >= $1 AND published_at IS NOT NULL)
ORDER BY starts_at DESC, id DESC LIMIT $2

-- name: list_sale_items
SELECT i.id, i.promotion_id, i.sku_id, i.product_id, i.price, i.allotment, i.per_user_max, i.per_order_max
FROM promotion_items i JOIN promotions p ON p.id = i.promotion_id
WHERE p.state = 'published' OR (p.state = 'ended' AND p.ended_at >= $1 AND p.published_at IS NOT NULL)
ORDER BY i.promotion_id, i.id

-- name: find_switch
SELECT stopped FROM flash_sale_switch WHERE one = 1
