-- What can be bought of a product's SKUs now; a SKU that never had stock is absent.
-- name: availability_of_product
SELECT s.id, a.available
FROM skus s JOIN sku_availability a ON a.sku_id = s.id
WHERE s.product_id = $1 AND s.removed = 0

-- From the root down.
-- name: category_path
WITH RECURSIVE up (id, parent_id, name, position, hidden, distance) AS (
    SELECT id, parent_id, name, position, hidden, 0 FROM categories WHERE id = $1
    UNION ALL
    SELECT c.id, c.parent_id, c.name, c.position, c.hidden, up.distance + 1
    FROM categories c JOIN up ON c.id = up.parent_id
)
SELECT id, parent_id, name, position, hidden FROM up ORDER BY distance DESC
