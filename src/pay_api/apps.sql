-- name: insert_app
INSERT INTO pay_apps (name, webhook_id, enabled, created_at, created_by, return_url)
VALUES ($1, $2, 1, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING id;

-- name: find_app
SELECT id, name, webhook_id, enabled, created_at, created_by, return_url FROM pay_apps WHERE id = $1;

-- name: find_app_by_name
SELECT id, name, webhook_id, enabled, created_at, created_by, return_url FROM pay_apps WHERE name = $1;

-- name: all_apps
SELECT id, name, webhook_id, enabled, created_at, created_by, return_url FROM pay_apps ORDER BY id;

-- name: count_apps
SELECT count(*) FROM pay_apps;

-- name: enable_app
UPDATE pay_apps SET enabled = $2 WHERE id = $1;

-- name: set_return_url
UPDATE pay_apps SET return_url = $2 WHERE id = $1;

-- The lower of two places that is free; none when two keys are alive.
-- name: insert_key
INSERT INTO pay_app_keys (app_id, public_id, hash, slot, created_at, created_by)
SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), $3, slots.slot, CAST($4 AS BIGINT), CAST($5 AS BIGINT)
FROM (SELECT 1 AS slot UNION ALL SELECT 2) AS slots
WHERE NOT EXISTS (SELECT 1 FROM pay_app_keys k
                  WHERE k.app_id = $1 AND k.slot = slots.slot AND k.revoked_at IS NULL)
ORDER BY slots.slot LIMIT 1
ON CONFLICT DO NOTHING;

-- name: keys_alive
SELECT public_id, app_id, created_at, created_by FROM pay_app_keys
WHERE app_id = $1 AND revoked_at IS NULL ORDER BY id;

-- name: revoke_key
UPDATE pay_app_keys SET revoked_at = $3
WHERE app_id = $1 AND public_id = $2 AND revoked_at IS NULL;

-- name: find_by_key
SELECT k.hash, a.id, a.name, a.enabled
FROM pay_app_keys k JOIN pay_apps a ON a.id = k.app_id
WHERE k.public_id = $1 AND k.revoked_at IS NULL;
