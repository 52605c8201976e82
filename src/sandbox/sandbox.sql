-- The simulator's own books, in a database of its own (SQLite), apart from the shop's.

-- name: create_trades
CREATE TABLE IF NOT EXISTS sandbox_trades (
    out_trade_no    TEXT PRIMARY KEY,  -- unique for ever
    request         TEXT NOT NULL,     -- as the merchant sent it, to compare a re-entry with
    description     TEXT NOT NULL,
    attach          TEXT,
    notify_url      TEXT NOT NULL,
    total           INTEGER NOT NULL CHECK (total > 0),
    state           TEXT NOT NULL CHECK (state IN ('NOTPAY', 'SUCCESS', 'CLOSED')),
    code            TEXT NOT NULL UNIQUE,
    code_expires_at INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    transaction_id  TEXT UNIQUE,
    payer           TEXT,
    payer_total     INTEGER CHECK (payer_total BETWEEN 0 AND total),
    paid_at         INTEGER,
    CHECK ((state = 'SUCCESS') = (transaction_id IS NOT NULL)),
    CHECK ((state = 'SUCCESS') = (payer_total IS NOT NULL)),
    CHECK ((state = 'SUCCESS') = (paid_at IS NOT NULL))
) STRICT;

-- name: create_unpaid_index
CREATE INDEX IF NOT EXISTS sandbox_trades_unpaid ON sandbox_trades (created_at)
WHERE state = 'NOTPAY';

-- name: create_notifications
CREATE TABLE IF NOT EXISTS sandbox_notifications (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id     TEXT NOT NULL,  -- the same in a duplicate
    out_trade_no TEXT NOT NULL REFERENCES sandbox_trades (out_trade_no),
    created_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    due_at       INTEGER,        -- null: accepted, or given up
    accepted_at  INTEGER
) STRICT;

-- name: create_due_index
CREATE INDEX IF NOT EXISTS sandbox_notifications_due ON sandbox_notifications (due_at)
WHERE due_at IS NOT NULL;

-- name: find_trade
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, paid_at
FROM sandbox_trades WHERE out_trade_no = $1;

-- name: find_trade_by_transaction
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, paid_at
FROM sandbox_trades WHERE transaction_id = $1;

-- name: find_trade_by_code
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, paid_at
FROM sandbox_trades WHERE code = $1;

-- name: list_payable
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, paid_at
FROM sandbox_trades
WHERE state = 'NOTPAY' AND expires_at > $1 AND code_expires_at > $1
ORDER BY created_at DESC LIMIT $2;

-- name: insert_trade
INSERT INTO sandbox_trades (out_trade_no, request, description, attach, notify_url, total, state,
                            code, code_expires_at, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, 'NOTPAY', $7, $8, $9, $10);

-- name: renew_code
UPDATE sandbox_trades SET code = $2, code_expires_at = $3 WHERE out_trade_no = $1;

-- name: close_trade
UPDATE sandbox_trades SET state = 'CLOSED' WHERE out_trade_no = $1 AND state = 'NOTPAY';

-- name: pay_trade
UPDATE sandbox_trades
SET state = 'SUCCESS', transaction_id = $2, payer = $3, payer_total = $4, paid_at = $5
WHERE out_trade_no = $1 AND state = 'NOTPAY';

-- name: insert_notification
INSERT INTO sandbox_notifications (event_id, out_trade_no, created_at, due_at)
VALUES ($1, $2, $3, $4);

-- name: claim_notification
UPDATE sandbox_notifications SET due_at = $2, attempts = attempts + 1
WHERE id = (SELECT id FROM sandbox_notifications WHERE due_at <= $1 ORDER BY due_at LIMIT 1)
RETURNING id, event_id, out_trade_no, created_at, attempts;

-- name: accept_notification
UPDATE sandbox_notifications SET due_at = NULL, accepted_at = $2 WHERE id = $1;

-- name: postpone_notification
UPDATE sandbox_notifications SET due_at = $2 WHERE id = $1 AND accepted_at IS NULL;
