-- name: insert_media_file
INSERT INTO media (sha256, content_type, byte_count, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING

-- name: find_media_file
SELECT id, sha256, content_type, byte_count, url FROM media WHERE sha256 = $1

-- name: insert_media_url
INSERT INTO media (url, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: find_media_url
SELECT id, sha256, content_type, byte_count, url FROM media WHERE url = $1

-- name: find_media (sqlite)
SELECT id, sha256, content_type, byte_count, url FROM media
WHERE id IN (SELECT value FROM json_each($1))

-- name: find_media (postgres)
SELECT id, sha256, content_type, byte_count, url FROM media
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON)))
