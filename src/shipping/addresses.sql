-- Writers of one address book take turns, so that its size and its default are exact even while it
-- is empty and has no row to lock.
-- name: hold_book (sqlite)
SELECT $1
-- name: hold_book (postgres)
SELECT 1 FROM (
    SELECT pg_advisory_xact_lock(hashtextextended('addresses ' || CAST($1 AS BIGINT), 0))
) AS held

-- name: count_addresses
SELECT COUNT(*) FROM addresses WHERE user_id = $1

-- name: insert_address
INSERT INTO addresses (user_id, recipient, phone, province, city, district, detail, postcode,
                       created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
RETURNING id

-- name: update_address
UPDATE addresses SET recipient = $3, phone = $4, province = $5, city = $6, district = $7,
                     detail = $8, postcode = $9, updated_at = $10
WHERE id = $2 AND user_id = $1

-- name: clear_default
UPDATE addresses SET is_default = 0 WHERE user_id = $1 AND is_default = 1 AND id <> $2

-- name: set_default
UPDATE addresses SET is_default = 1 WHERE id = $2 AND user_id = $1

-- name: delete_address
DELETE FROM addresses WHERE id = $2 AND user_id = $1 RETURNING is_default

-- name: newest_address
SELECT id FROM addresses WHERE user_id = $1 ORDER BY id DESC LIMIT 1

-- name: find_address
SELECT id, recipient, phone, province, city, district, detail, postcode, is_default, created_at,
       updated_at
FROM addresses WHERE id = $2 AND user_id = $1

-- name: list_addresses
SELECT id, recipient, phone, province, city, district, detail, postcode, is_default, created_at,
       updated_at
FROM addresses WHERE user_id = $1 ORDER BY is_default DESC, id DESC

-- $1: the ids as a JSON array of numbers.
-- name: find_addresses (sqlite)
SELECT id, recipient, phone, province, city, district, detail, postcode, user_id
FROM addresses WHERE id IN (SELECT value FROM json_each($1))
-- name: find_addresses (postgres)
SELECT id, recipient, phone, province, city, district, detail, postcode, user_id
FROM addresses
WHERE id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))

-- $1: user ids as a JSON array of numbers.
-- name: list_addresses_of_users (sqlite)
SELECT user_id, id FROM addresses WHERE user_id IN (SELECT value FROM json_each($1))
-- name: list_addresses_of_users (postgres)
SELECT user_id, id FROM addresses
WHERE user_id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))
