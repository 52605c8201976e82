-- name: item_has_ended
SELECT CASE WHEN p.state = 'ended' THEN 1 ELSE 0 END
FROM promotion_items i JOIN promotions p ON p.id = i.promotion_id WHERE i.id = $1

-- name: item_is_shadow
SELECT p.shadow FROM promotion_items i JOIN promotions p ON p.id = i.promotion_id WHERE i.id = $1

-- name: item_limit
SELECT per_user_max FROM promotion_items WHERE id = $1
