-- $2: user ids, each once, as a JSON array of numbers.
-- name: claims_of_users (sqlite)
SELECT user_id, slot, order_no FROM promotion_claims
WHERE item_id = $1 AND user_id IN (SELECT value FROM json_each($2))
ORDER BY user_id, slot
-- One look-up per user, whatever the planner believes of the table: OFFSET 0 keeps it from joining otherwise. With
-- user_id = ANY (...) it reads all claims of the item, and filters them, as long as it takes the table for small.
-- name: claims_of_users (postgres)
SELECT claim.user_id, claim.slot, claim.order_no
FROM json_array_elements_text(CAST($2 AS JSON)) AS wanted (user_id)
CROSS JOIN LATERAL (
    SELECT user_id, slot, order_no FROM promotion_claims
    WHERE item_id = $1 AND user_id = CAST(wanted.user_id AS BIGINT) OFFSET 0) AS claim
ORDER BY claim.user_id, claim.slot

-- One of the order's rows stays, at a slot that is no unit's.
-- name: keep_released_claim
UPDATE promotion_claims SET slot = -order_no
WHERE item_id = $1 AND user_id = $2 AND order_no = $3
  AND slot = (SELECT MIN(slot) FROM promotion_claims
              WHERE item_id = $1 AND user_id = $2 AND order_no = $3 AND slot > 0)

-- name: delete_released_claims
DELETE FROM promotion_claims WHERE item_id = $1 AND user_id = $2 AND order_no = $3 AND slot > 0

-- name: list_holders
SELECT user_id, COUNT(*) FROM promotion_claims WHERE item_id = $1 AND slot > 0 GROUP BY user_id

-- name: list_claim_orders
SELECT DISTINCT order_no FROM promotion_claims WHERE item_id = $1
