-- By id, which is the order in which an import into an empty shop makes them again.
-- name: product_ids_after
SELECT id FROM products WHERE id > $1 ORDER BY id LIMIT $2
