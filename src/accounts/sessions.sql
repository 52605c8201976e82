-- name: insert_session
INSERT INTO sessions
    (token_hash, csrf_hash, user_id, created_at, last_seen_at, expires_at, address, user_agent)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7)
RETURNING id

-- name: find_live_session
SELECT s.id, s.user_id, u.rights, s.csrf_hash, s.created_at, s.last_seen_at, s.expires_at
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_hash = $1 AND u.disabled = 0

-- name: list_sessions
SELECT id, created_at, last_seen_at, expires_at, address, user_agent
FROM sessions WHERE user_id = $1 AND expires_at > $2
ORDER BY last_seen_at DESC, id DESC

-- name: is_known_address
SELECT 1 FROM sessions WHERE user_id = $1 AND address = $2 LIMIT 1

-- name: touch_session
UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1 AND last_seen_at < $2

-- name: delete_session
DELETE FROM sessions WHERE user_id = $1 AND id = $2

-- $2 is the session to keep, or 0.
-- name: delete_sessions
DELETE FROM sessions WHERE user_id = $1 AND id <> $2

-- name: delete_oldest_sessions
DELETE FROM sessions WHERE user_id = $1 AND id NOT IN (
    SELECT id FROM sessions WHERE user_id = $1 ORDER BY id DESC LIMIT $2
)

-- name: sweep_sessions
DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
)
