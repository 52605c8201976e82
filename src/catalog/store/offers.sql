-- name: find_offer
SELECT s.id, s.product_id, p.title, s.option1, s.option2, s.option3, s.sku, s.price,
       CASE WHEN p.status = 'active' AND s.removed = 0 THEN 1 ELSE 0 END,
       m.sha256, m.content_type, m.url
FROM skus s
JOIN products p ON p.id = s.product_id
LEFT JOIN media m ON m.id = COALESCE(s.media_id,
    (SELECT media_id FROM product_media WHERE product_id = p.id ORDER BY position LIMIT 1))
WHERE s.id = $1

-- $1: the ids as a JSON array of numbers.
-- name: find_offers (sqlite)
SELECT s.id, s.product_id, p.title, s.option1, s.option2, s.option3, s.sku, s.price,
       CASE WHEN p.status = 'active' AND s.removed = 0 THEN 1 ELSE 0 END,
       m.sha256, m.content_type, m.url
FROM skus s
JOIN products p ON p.id = s.product_id
LEFT JOIN media m ON m.id = COALESCE(s.media_id,
    (SELECT media_id FROM product_media WHERE product_id = p.id ORDER BY position LIMIT 1))
WHERE s.id IN (SELECT value FROM json_each($1))

-- name: find_offers (postgres)
SELECT s.id, s.product_id, p.title, s.option1, s.option2, s.option3, s.sku, s.price,
       CASE WHEN p.status = 'active' AND s.removed = 0 THEN 1 ELSE 0 END,
       m.sha256, m.content_type, m.url
FROM skus s
JOIN products p ON p.id = s.product_id
LEFT JOIN media m ON m.id = COALESCE(s.media_id,
    (SELECT media_id FROM product_media WHERE product_id = p.id ORDER BY position LIMIT 1))
WHERE s.id IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)))
