-- What both simulated providers keep, in a database of the simulator's own (SQLite).

-- name: create_entries
-- Every movement on the merchant's account at a provider; only ever added to.
CREATE TABLE IF NOT EXISTS sandbox_entries (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    provider     TEXT NOT NULL,
    at           INTEGER NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('payment', 'fee', 'refund', 'fee_back', 'refund_back')),
    out_trade_no TEXT NOT NULL,
    reference    TEXT NOT NULL,  -- the provider's number of the payment or refund
    merchant_no  TEXT NOT NULL,  -- the merchant's
    amount       INTEGER NOT NULL,  -- fen; negative: from the merchant
    note         TEXT NOT NULL
) STRICT;

-- name: create_entries_index
CREATE INDEX IF NOT EXISTS sandbox_entries_by_day ON sandbox_entries (provider, at, id);

-- name: insert_entry
INSERT INTO sandbox_entries (provider, at, kind, out_trade_no, reference, merchant_no, amount, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: list_entries
SELECT id, at, kind, out_trade_no, reference, merchant_no, amount, note
FROM sandbox_entries WHERE provider = $1 AND at >= $2 AND at < $3 ORDER BY at, id LIMIT $4;

-- name: balance_before
SELECT COALESCE(SUM(amount), 0) FROM sandbox_entries WHERE provider = $1 AND at < $2;

-- name: sums_by_kind
SELECT kind, COUNT(*), SUM(amount) FROM sandbox_entries
WHERE provider = $1 AND at >= $2 AND at < $3 GROUP BY kind;

-- name: create_notifications
CREATE TABLE IF NOT EXISTS sandbox_events (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    provider     TEXT NOT NULL,
    event_id     TEXT NOT NULL,  -- the same in a duplicate
    out_trade_no TEXT NOT NULL,
    kind         TEXT NOT NULL,
    url          TEXT NOT NULL,
    content      TEXT NOT NULL,  -- what is told, before it is sealed or signed
    created_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    due_at       INTEGER,        -- null: accepted, or given up
    held         INTEGER NOT NULL DEFAULT 0,  -- waits for the trade's next event
    accepted_at  INTEGER
) STRICT;

-- name: create_due_index
CREATE INDEX IF NOT EXISTS sandbox_events_due ON sandbox_events (due_at) WHERE due_at IS NOT NULL;

-- name: create_held_index
CREATE INDEX IF NOT EXISTS sandbox_events_held ON sandbox_events (out_trade_no) WHERE held = 1;

-- name: insert_event
INSERT INTO sandbox_events (provider, event_id, out_trade_no, kind, url, content, created_at, due_at, held)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: release_held
UPDATE sandbox_events SET held = 0, due_at = $3
WHERE out_trade_no = $1 AND provider = $2 AND held = 1;

-- name: claim_event
UPDATE sandbox_events SET due_at = $2, attempts = attempts + 1
WHERE id = (SELECT id FROM sandbox_events WHERE due_at <= $1 ORDER BY due_at, id LIMIT 1)
RETURNING id, provider, event_id, out_trade_no, kind, url, content, created_at, attempts;

-- name: accept_event
UPDATE sandbox_events SET due_at = NULL, accepted_at = $2 WHERE id = $1;

-- name: postpone_event
UPDATE sandbox_events SET due_at = $2 WHERE id = $1 AND accepted_at IS NULL;

-- name: make_all_due
UPDATE sandbox_events SET due_at = $1, held = 0 WHERE due_at > $1;

-- name: count_waiting
SELECT COUNT(*) FROM sandbox_events WHERE due_at IS NOT NULL;

-- name: create_downloads
CREATE TABLE IF NOT EXISTS sandbox_downloads (
    token      TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    content    BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- name: drop_expired_downloads
DELETE FROM sandbox_downloads WHERE expires_at <= $1
   OR token IN (SELECT token FROM sandbox_downloads ORDER BY expires_at DESC LIMIT -1 OFFSET $2);

-- name: insert_download
INSERT INTO sandbox_downloads (token, name, content, expires_at) VALUES ($1, $2, $3, $4);

-- name: take_download
DELETE FROM sandbox_downloads WHERE token = $1 AND expires_at > $2 RETURNING name, content;

-- name: find_download
SELECT name, content FROM sandbox_downloads WHERE token = $1 AND expires_at > $2;
