-- One statement claims a new key and finds a known one, so no other request can come between. A new
-- row has no status yet; a row committed by another request always has one. Rewriting a known row
-- makes a replay a write of its own: on a replicated PostgreSQL its commit then waits for the
-- replica, as the first answer's did.
-- name: claim
INSERT INTO idempotency_keys (owner, key, fingerprint, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (owner, key) DO UPDATE SET created_at = idempotency_keys.created_at
RETURNING fingerprint, status, answer

-- SQLite has one writer: no other request can come between looking for a key and storing it with
-- its answer, so a new key costs one write, and a request that is refused none.
-- name: find_key
SELECT fingerprint, status, answer FROM idempotency_keys WHERE owner = $1 AND key = $2

-- name: store_key
INSERT INTO idempotency_keys (owner, key, fingerprint, status, answer, created_at)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: remember
UPDATE idempotency_keys SET status = $3, answer = $4
WHERE owner = $1 AND key = $2 AND status IS NULL

-- name: forget
DELETE FROM idempotency_keys WHERE (owner, key) IN (
    SELECT owner, key FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2
)
