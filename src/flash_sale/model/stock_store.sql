-- name: find_stock
SELECT version, epoch, open, opens_at, closes_at, available, offered, reserved, sold
FROM promotion_stock WHERE item_id = $1

-- name: lock_stock (sqlite)
SELECT version, epoch, open, opens_at, closes_at, available, offered, reserved, sold
FROM promotion_stock WHERE item_id = $1
-- name: lock_stock (postgres)
SELECT version, epoch, open, opens_at, closes_at, available, offered, reserved, sold
FROM promotion_stock WHERE item_id = $1 FOR UPDATE

-- The guard of every flash sale: $2 free and $3 offered units, $4 in all.
-- name: reserve_stock
UPDATE promotion_stock
SET available = available - $4, offered = offered - $3, reserved = reserved + $4, version = version + 1
WHERE item_id = $1 AND available - offered >= $2 AND offered >= $3
  AND open = 1 AND epoch = $5 AND opens_at <= $6 AND closes_at > $6
RETURNING version, epoch, open, opens_at, closes_at, available, offered, reserved, sold

-- name: confirm_stock
UPDATE promotion_stock SET reserved = reserved - $2, sold = sold + $2, version = version + 1
WHERE item_id = $1
RETURNING version, epoch, open, opens_at, closes_at, available, offered, reserved, sold

-- name: release_stock
UPDATE promotion_stock SET reserved = reserved - $2, available = available + $2, version = version + 1
WHERE item_id = $1
RETURNING version, epoch, open, opens_at, closes_at, available, offered, reserved, sold

-- name: take_again_stock
UPDATE promotion_stock SET available = available - $2, sold = sold + $2, version = version + 1
WHERE item_id = $1 AND open = 1 AND available - offered >= $2
RETURNING version, epoch, open, opens_at, closes_at, available, offered, reserved, sold

-- name: return_stock
UPDATE promotion_stock SET sold = sold - $2, available = available + $2, version = version + 1
WHERE item_id = $1
RETURNING version, epoch, open, opens_at, closes_at, available, offered, reserved, sold

-- name: offer_stock
UPDATE promotion_stock SET offered = offered + $2, version = version + 1
WHERE item_id = $1
RETURNING version, epoch, open, opens_at, closes_at, available, offered, reserved, sold

-- name: add_stock
UPDATE promotion_stock SET available = available + $2, version = version + 1
WHERE item_id = $1
RETURNING version, epoch, open, opens_at, closes_at, available, offered, reserved, sold

-- name: put_stock
INSERT INTO promotion_stock (item_id, open, epoch, opens_at, closes_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (item_id) DO UPDATE
SET open = excluded.open, epoch = excluded.epoch, opens_at = excluded.opens_at,
    closes_at = excluded.closes_at, version = promotion_stock.version + 1
RETURNING version, epoch, open, opens_at, closes_at, available, offered, reserved, sold
