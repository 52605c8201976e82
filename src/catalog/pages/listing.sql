-- name: listed_products (sqlite)
SELECT p.id, p.title, p.handle, p.vendor, p.category_id, p.status, p.price_min, p.price_max,
       EXISTS (SELECT 1 FROM skus s JOIN sku_availability a ON a.sku_id = s.id
               WHERE s.product_id = p.id AND s.removed = 0 AND a.available > 0),
       p.created_at, p.updated_at, m.sha256, m.content_type, m.url
FROM products p
LEFT JOIN media m ON m.id =
    (SELECT media_id FROM product_media WHERE product_id = p.id ORDER BY position LIMIT 1)
WHERE p.id IN (SELECT value FROM json_each($1))

-- name: listed_products (postgres)
SELECT p.id, p.title, p.handle, p.vendor, p.category_id, p.status, p.price_min, p.price_max,
       CASE WHEN EXISTS (SELECT 1 FROM skus s JOIN sku_availability a ON a.sku_id = s.id
               WHERE s.product_id = p.id AND s.removed = 0 AND a.available > 0)
            THEN 1 ELSE 0 END,
       p.created_at, p.updated_at, m.sha256, m.content_type, m.url
FROM products p
LEFT JOIN media m ON m.id =
    (SELECT media_id FROM product_media WHERE product_id = p.id ORDER BY position LIMIT 1)
WHERE p.id IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)))
