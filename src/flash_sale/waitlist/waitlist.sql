-- A user's live place. For an offered one nobody is ahead.
-- name: find_place
SELECT id, state, joined_at, offered_until,
    (SELECT COUNT(*) FROM promotion_waitlist AS earlier
     WHERE earlier.item_id = $1 AND earlier.state = 'waiting' AND earlier.id < place.id
       AND place.state = 'waiting')
FROM promotion_waitlist AS place
WHERE item_id = $1 AND user_id = $2 AND state IN ('waiting', 'offered')

-- name: count_places
SELECT (SELECT COUNT(*) FROM promotion_waitlist WHERE item_id = $1 AND state = 'waiting'),
    COALESCE((SELECT offered FROM promotion_stock WHERE item_id = $1), 0)

-- name: insert_place
INSERT INTO promotion_waitlist (item_id, user_id, state, joined_at) VALUES ($1, $2, 'waiting', $3)

-- name: leave_place
UPDATE promotion_waitlist SET state = 'left' WHERE id = $1 AND state = $2

-- name: offer_places
UPDATE promotion_waitlist SET state = 'offered', offered_until = $3
WHERE state = 'waiting' AND id IN (
    SELECT id FROM promotion_waitlist WHERE item_id = $1 AND state = 'waiting' ORDER BY id LIMIT $2)

-- name: find_open_offer
SELECT id FROM promotion_waitlist
WHERE item_id = $1 AND user_id = $2 AND state IN ('waiting', 'offered')
  AND state = 'offered' AND offered_until > $3

-- By way of the index of all live places, of which an item has a bounded number.
-- name: list_open_offers
SELECT user_id, offered_until FROM promotion_waitlist
WHERE item_id = $1 AND state IN ('waiting', 'offered') AND state = 'offered' AND offered_until > $2

-- name: take_offer
UPDATE promotion_waitlist SET state = 'taken', order_no = $2 WHERE id = $1 AND state = 'offered'

-- name: list_due_offers
SELECT item_id, id FROM promotion_waitlist WHERE state = 'offered' AND offered_until <= $1
ORDER BY offered_until, id LIMIT $2

-- name: pass_offer
UPDATE promotion_waitlist SET state = 'passed' WHERE id = $1 AND state = 'offered' AND offered_until <= $2

-- name: prolong_offer
UPDATE promotion_waitlist SET offered_until = $3 WHERE id = $1 AND state = 'offered' AND offered_until <= $2

-- name: close_places
UPDATE promotion_waitlist SET state = 'closed'
WHERE item_id = $1 AND state IN ('waiting', 'offered')
