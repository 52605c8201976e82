-- The books of the simulated WeChat Pay, in a database of the simulator's own (SQLite).

-- name: create_trades
CREATE TABLE IF NOT EXISTS wechat_trades (
    out_trade_no    TEXT PRIMARY KEY,  -- unique for ever
    request         TEXT NOT NULL,     -- as the merchant sent it, to compare a re-entry with
    description     TEXT NOT NULL,
    attach          TEXT,
    notify_url      TEXT NOT NULL,
    total           INTEGER NOT NULL CHECK (total > 0),
    state           TEXT NOT NULL CHECK (state IN ('NOTPAY', 'SUCCESS', 'REFUND', 'CLOSED')),
    code            TEXT NOT NULL UNIQUE,
    code_expires_at INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    transaction_id  TEXT UNIQUE,
    payer           TEXT,
    payer_total     INTEGER CHECK (payer_total BETWEEN 0 AND total),
    fee             INTEGER,
    paid_at         INTEGER,
    CHECK ((state IN ('SUCCESS', 'REFUND')) = (transaction_id IS NOT NULL)),
    CHECK ((transaction_id IS NOT NULL) = (payer_total IS NOT NULL)),
    CHECK ((transaction_id IS NOT NULL) = (paid_at IS NOT NULL))
) STRICT;

-- name: create_unpaid_index
CREATE INDEX IF NOT EXISTS wechat_trades_unpaid ON wechat_trades (created_at) WHERE state = 'NOTPAY';

-- name: create_paid_index
CREATE INDEX IF NOT EXISTS wechat_trades_paid ON wechat_trades (paid_at) WHERE paid_at IS NOT NULL;

-- name: create_refunds
CREATE TABLE IF NOT EXISTS wechat_refunds (
    out_refund_no TEXT PRIMARY KEY,
    request       TEXT NOT NULL,
    refund_id     TEXT NOT NULL UNIQUE,
    out_trade_no  TEXT NOT NULL REFERENCES wechat_trades (out_trade_no),
    amount        INTEGER NOT NULL CHECK (amount > 0),
    payer_refund  INTEGER NOT NULL CHECK (payer_refund BETWEEN 0 AND amount),
    fee_back      INTEGER NOT NULL,
    reason        TEXT NOT NULL,
    notify_url    TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL')),
    outcome       TEXT NOT NULL,  -- what it comes to when it is due
    created_at    INTEGER NOT NULL,
    due_at        INTEGER,        -- null: settled
    settled_at    INTEGER,
    CHECK ((state = 'PROCESSING') = (due_at IS NOT NULL))
) STRICT;

-- name: create_refunds_index
CREATE INDEX IF NOT EXISTS wechat_refunds_of_trade ON wechat_refunds (out_trade_no, created_at);

-- name: create_refunds_day_index
CREATE INDEX IF NOT EXISTS wechat_refunds_by_day ON wechat_refunds (created_at);

-- name: create_due_refunds_index
CREATE INDEX IF NOT EXISTS wechat_refunds_due ON wechat_refunds (due_at) WHERE due_at IS NOT NULL;

-- name: find_trade
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, fee, paid_at
FROM wechat_trades WHERE out_trade_no = $1;

-- name: find_trade_by_transaction
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, fee, paid_at
FROM wechat_trades WHERE transaction_id = $1;

-- name: find_trade_by_code
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, fee, paid_at
FROM wechat_trades WHERE code = $1;

-- name: list_payable
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, fee, paid_at
FROM wechat_trades
WHERE state = 'NOTPAY' AND expires_at > $1 AND code_expires_at > $1
ORDER BY created_at DESC LIMIT $2;

-- name: list_trades
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, fee, paid_at
FROM wechat_trades WHERE out_trade_no > $1 ORDER BY out_trade_no LIMIT $2;

-- name: list_paid
SELECT out_trade_no, request, description, attach, notify_url, total, state, code, code_expires_at,
       created_at, expires_at, transaction_id, payer, payer_total, fee, paid_at
FROM wechat_trades WHERE paid_at >= $1 AND paid_at < $2 ORDER BY paid_at, out_trade_no LIMIT $3;

-- name: insert_trade
INSERT INTO wechat_trades (out_trade_no, request, description, attach, notify_url, total, state,
                           code, code_expires_at, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, 'NOTPAY', $7, $8, $9, $10);

-- name: renew_code
UPDATE wechat_trades SET code = $2, code_expires_at = $3 WHERE out_trade_no = $1;

-- name: close_trade
UPDATE wechat_trades SET state = 'CLOSED' WHERE out_trade_no = $1 AND state = 'NOTPAY';

-- name: pay_trade
UPDATE wechat_trades
SET state = 'SUCCESS', transaction_id = $2, payer = $3, payer_total = $4, fee = $5, paid_at = $6
WHERE out_trade_no = $1 AND transaction_id IS NULL;

-- name: mark_refunded
UPDATE wechat_trades SET state = 'REFUND' WHERE out_trade_no = $1 AND state = 'SUCCESS';

-- name: insert_refund
INSERT INTO wechat_refunds (out_refund_no, request, refund_id, out_trade_no, amount, payer_refund,
                            fee_back, reason, notify_url, state, outcome, created_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'PROCESSING', $10, $11, $12);

-- name: find_refund
SELECT out_refund_no, request, refund_id, out_trade_no, amount, payer_refund, fee_back, reason,
       notify_url, state, outcome, created_at, due_at, settled_at
FROM wechat_refunds WHERE out_refund_no = $1;

-- name: list_refunds_of_trade
SELECT out_refund_no, request, refund_id, out_trade_no, amount, payer_refund, fee_back, reason,
       notify_url, state, outcome, created_at, due_at, settled_at
FROM wechat_refunds WHERE out_trade_no = $1 ORDER BY created_at, out_refund_no;

-- name: list_refunds
SELECT out_refund_no, request, refund_id, out_trade_no, amount, payer_refund, fee_back, reason,
       notify_url, state, outcome, created_at, due_at, settled_at
FROM wechat_refunds WHERE out_refund_no > $1 ORDER BY out_refund_no LIMIT $2;

-- name: list_accepted_refunds
SELECT out_refund_no, request, refund_id, out_trade_no, amount, payer_refund, fee_back, reason,
       notify_url, state, outcome, created_at, due_at, settled_at
FROM wechat_refunds WHERE created_at >= $1 AND created_at < $2 ORDER BY created_at, out_refund_no
LIMIT $3;

-- name: find_due_refund
SELECT out_refund_no, request, refund_id, out_trade_no, amount, payer_refund, fee_back, reason,
       notify_url, state, outcome, created_at, due_at, settled_at
FROM wechat_refunds WHERE due_at <= $1 ORDER BY due_at LIMIT 1;

-- name: settle_refund
UPDATE wechat_refunds SET state = $2, settled_at = $3, due_at = NULL
WHERE out_refund_no = $1 AND state IN ('PROCESSING', 'ABNORMAL');

-- name: sum_paid
SELECT COUNT(*), COALESCE(SUM(total), 0) FROM wechat_trades WHERE paid_at >= $1 AND paid_at < $2;

-- name: sum_refunds
SELECT state, COUNT(*), SUM(amount) FROM wechat_refunds
WHERE created_at >= $1 AND created_at < $2 GROUP BY state;
