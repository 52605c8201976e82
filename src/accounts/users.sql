-- name: insert_user
INSERT INTO users (username, username_key, password_hash, rights, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (username_key) DO NOTHING
RETURNING id, username, display_name, email, phone, rights, disabled, created_at, updated_at

-- name: find_user
SELECT id, username, display_name, email, phone, rights, disabled, created_at, updated_at
FROM users WHERE id = $1

-- name: find_user_by_key
SELECT id, username, display_name, email, phone, rights, disabled, created_at, updated_at,
       password_hash
FROM users WHERE username_key = $1

-- name: find_password_hash
SELECT password_hash FROM users WHERE id = $1

-- Holds the account as it was verified until the session is there, so that a change of password or
-- a ban either comes before and is seen here, or comes after and ends the session too.
-- name: hold_verified (sqlite)
SELECT 1 FROM users WHERE id = $1 AND password_hash = $2 AND disabled = 0
-- name: hold_verified (postgres)
SELECT 1 FROM users WHERE id = $1 AND password_hash = $2 AND disabled = 0 FOR SHARE

-- name: replace_password_hash
UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2

-- name: set_password_hash
UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1

-- name: update_profile
UPDATE users SET display_name = COALESCE(CAST($2 AS TEXT), display_name),
                 email = COALESCE(CAST($3 AS TEXT), email),
                 phone = COALESCE(CAST($4 AS TEXT), phone),
                 updated_at = $5
WHERE id = $1
RETURNING id, username, display_name, email, phone, rights, disabled, created_at, updated_at

-- The administrators, held in one order, so that two of them cannot dismiss each other at once.
-- name: hold_admins (sqlite)
SELECT id FROM users WHERE (rights & 16) <> 0 AND disabled = 0 ORDER BY id
-- name: hold_admins (postgres)
SELECT id FROM users WHERE (rights & 16) <> 0 AND disabled = 0 ORDER BY id FOR UPDATE

-- name: set_access
UPDATE users SET rights = COALESCE(CAST($2 AS BIGINT), rights),
                 disabled = COALESCE(CAST($3 AS BIGINT), disabled),
                 updated_at = $4
WHERE id = $1
RETURNING id, username, display_name, email, phone, rights, disabled, created_at, updated_at

-- name: list_users
SELECT id, username, display_name, email, phone, rights, disabled, created_at, updated_at
FROM users WHERE username_key LIKE $1 ESCAPE '!' AND ($2 = 0 OR rights <> 0)
ORDER BY id DESC LIMIT $3 OFFSET $4

-- name: count_users
SELECT COUNT(*) FROM users WHERE username_key LIKE $1 ESCAPE '!' AND ($2 = 0 OR rights <> 0)

-- name: insert_invitation
INSERT INTO admin_invitations (token_hash, created_at, expires_at) VALUES ($1, $2, $3)

-- name: find_invitation
SELECT 1 FROM admin_invitations WHERE token_hash = $1

-- name: use_invitation
UPDATE admin_invitations SET used_at = $2
WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2

-- name: note_invited
UPDATE admin_invitations SET used_by = $2 WHERE token_hash = $1

-- name: has_admin
SELECT 1 FROM users WHERE (rights & 16) <> 0 AND disabled = 0 LIMIT 1

-- $1: names as a JSON array of strings.
-- name: find_user_ids (sqlite)
SELECT id, username_key FROM users WHERE username_key IN (SELECT value FROM json_each($1))
-- name: find_user_ids (postgres)
SELECT id, username_key FROM users
WHERE username_key = ANY (ARRAY(SELECT json_array_elements_text(CAST($1 AS JSON))))
