-- name: list_categories
SELECT id, parent_id, name, position, hidden FROM categories

-- name: insert_category
INSERT INTO categories (parent_id, name, position, hidden, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $5)
RETURNING id

-- name: update_category
UPDATE categories SET name = $2, hidden = $3, updated_at = $4 WHERE id = $1

-- name: place_category
UPDATE categories SET parent_id = $2, position = $3, updated_at = $4 WHERE id = $1

-- name: delete_category
DELETE FROM categories WHERE id = $1

-- name: find_product_in_category
SELECT id FROM products WHERE category_id = $1 LIMIT 1
