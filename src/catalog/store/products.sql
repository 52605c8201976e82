-- name: find_product
SELECT id, handle, title, body_html, vendor, product_type, tags, category_id,
       option1, option2, option3, status, price_min, price_max, created_at, updated_at
FROM products WHERE id = $1

-- name: find_product_id_by_handle
SELECT id FROM products WHERE handle = $1

-- name: find_product_of_sku
SELECT product_id FROM skus WHERE id = $1 AND removed = 0

-- name: skus_of_product
SELECT id, sku, option1, option2, option3, price, compare_at_price, grams, barcode, media_id
FROM skus WHERE product_id = $1 AND removed = 0 ORDER BY position, id

-- name: images_of_product
SELECT media_id, alt FROM product_media WHERE product_id = $1 ORDER BY position

-- name: insert_product
INSERT INTO products (handle, title, body_html, body_text, vendor, product_type, tags, category_id,
                      option1, option2, option3, status, price_min, price_max,
                      created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'draft', $12, $13, $14, $14)
ON CONFLICT DO NOTHING
RETURNING id

-- name: update_product
UPDATE products SET handle = $2, title = $3, body_html = $4, body_text = $5, vendor = $6,
                    product_type = $7, tags = $8, category_id = $9, option1 = $10, option2 = $11,
                    option3 = $12, price_min = $13, price_max = $14, updated_at = $15
WHERE id = $1

-- name: set_product_status
UPDATE products SET status = $2, updated_at = $3 WHERE id = $1

-- name: delete_product_images
DELETE FROM product_media WHERE product_id = $1

-- Takes SKUs off offer. Also the first step of changing several: while they are off, none stands in
-- the way of another's new options or code.
-- name: remove_skus (sqlite)
UPDATE skus SET removed = 1, updated_at = $3
WHERE product_id = $1 AND id IN (SELECT value FROM json_each($2))

-- name: remove_skus (postgres)
UPDATE skus SET removed = 1, updated_at = $3
WHERE product_id = $1
  AND id IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($2 AS JSON)))

-- name: update_sku
UPDATE skus SET sku = $3, option1 = $4, option2 = $5, option3 = $6, price = $7,
                compare_at_price = $8, grams = $9, barcode = $10, media_id = $11, position = $12,
                removed = 0, updated_at = $13
WHERE id = $1 AND product_id = $2

-- name: category_exists
SELECT 1 FROM categories WHERE id = $1

-- $1: the codes as a JSON array of texts.
-- name: codes_of_other_products (sqlite)
SELECT sku FROM skus
WHERE removed = 0 AND sku <> '' AND sku IN (SELECT value FROM json_each($1)) AND product_id <> $2

-- name: codes_of_other_products (postgres)
SELECT sku FROM skus
WHERE removed = 0 AND sku <> '' AND product_id <> $2
  AND sku IN (SELECT value FROM json_array_elements_text(CAST($1 AS JSON)))
