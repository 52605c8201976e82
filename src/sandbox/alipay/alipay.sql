-- The books of the simulated Alipay, in a database of the simulator's own (SQLite).

-- name: create_pages
-- Signed page.pay requests that a browser brought. No trade exists until a buyer logs in there.
CREATE TABLE IF NOT EXISTS alipay_pages (
    token           TEXT PRIMARY KEY,
    out_trade_no    TEXT NOT NULL,
    total           INTEGER NOT NULL CHECK (total > 0),
    subject         TEXT NOT NULL,
    body            TEXT NOT NULL,
    passback_params TEXT NOT NULL,
    notify_url      TEXT NOT NULL,
    return_url      TEXT NOT NULL,
    certified       INTEGER NOT NULL,  -- certificate mode
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL
) STRICT;

-- name: create_pages_index
CREATE INDEX IF NOT EXISTS alipay_pages_of_trade ON alipay_pages (out_trade_no, created_at);

-- name: create_trades
CREATE TABLE IF NOT EXISTS alipay_trades (
    out_trade_no    TEXT PRIMARY KEY,
    trade_no        TEXT NOT NULL UNIQUE,
    total           INTEGER NOT NULL CHECK (total > 0),
    subject         TEXT NOT NULL,
    body            TEXT NOT NULL,
    passback_params TEXT NOT NULL,
    notify_url      TEXT NOT NULL,
    certified       INTEGER NOT NULL,
    buyer           TEXT NOT NULL,  -- the name he logged in with
    buyer_id        TEXT NOT NULL,
    state           TEXT NOT NULL
                    CHECK (state IN ('WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED')),
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    payer_total     INTEGER CHECK (payer_total BETWEEN 0 AND total),
    fee             INTEGER,
    paid_at         INTEGER,
    closed_at       INTEGER,
    CHECK ((paid_at IS NULL) = (payer_total IS NULL)),
    CHECK (state NOT IN ('TRADE_SUCCESS', 'TRADE_FINISHED') OR paid_at IS NOT NULL)
) STRICT;

-- name: create_paid_index
CREATE INDEX IF NOT EXISTS alipay_trades_paid ON alipay_trades (paid_at) WHERE paid_at IS NOT NULL;

-- name: create_refunds
CREATE TABLE IF NOT EXISTS alipay_refunds (
    out_trade_no   TEXT NOT NULL REFERENCES alipay_trades (out_trade_no),
    out_request_no TEXT NOT NULL,
    amount         INTEGER NOT NULL CHECK (amount > 0),
    payer_refund   INTEGER NOT NULL CHECK (payer_refund BETWEEN 0 AND amount),
    fee_back       INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    due_at         INTEGER,  -- null: the money has moved
    settled_at     INTEGER,
    PRIMARY KEY (out_trade_no, out_request_no),
    CHECK ((due_at IS NULL) = (settled_at IS NOT NULL))
) STRICT;

-- name: create_refunds_day_index
CREATE INDEX IF NOT EXISTS alipay_refunds_by_day ON alipay_refunds (settled_at);

-- name: create_due_refunds_index
CREATE INDEX IF NOT EXISTS alipay_refunds_due ON alipay_refunds (due_at) WHERE due_at IS NOT NULL;

-- name: insert_page
INSERT INTO alipay_pages (token, out_trade_no, total, subject, body, passback_params, notify_url,
                          return_url, certified, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: find_page
SELECT token, out_trade_no, total, subject, body, passback_params, notify_url, return_url, certified,
       created_at, expires_at
FROM alipay_pages WHERE token = $1;

-- name: find_first_page
SELECT token, out_trade_no, total, subject, body, passback_params, notify_url, return_url, certified,
       created_at, expires_at
FROM alipay_pages WHERE out_trade_no = $1 ORDER BY created_at LIMIT 1;

-- name: list_open_pages
SELECT token, out_trade_no, total, subject, body, passback_params, notify_url, return_url, certified,
       created_at, expires_at
FROM alipay_pages AS page
WHERE expires_at > $1
  AND NOT EXISTS (SELECT 1 FROM alipay_trades AS trade
                  WHERE trade.out_trade_no = page.out_trade_no AND trade.state <> 'WAIT_BUYER_PAY')
ORDER BY created_at DESC LIMIT $2;

-- name: insert_trade
INSERT INTO alipay_trades (out_trade_no, trade_no, total, subject, body, passback_params, notify_url,
                           certified, buyer, buyer_id, state, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'WAIT_BUYER_PAY', $11, $12);

-- name: find_trade
SELECT out_trade_no, trade_no, total, subject, body, passback_params, notify_url, certified, buyer,
       buyer_id, state, created_at, expires_at, payer_total, fee, paid_at, closed_at
FROM alipay_trades WHERE out_trade_no = $1;

-- name: find_trade_by_no
SELECT out_trade_no, trade_no, total, subject, body, passback_params, notify_url, certified, buyer,
       buyer_id, state, created_at, expires_at, payer_total, fee, paid_at, closed_at
FROM alipay_trades WHERE trade_no = $1;

-- name: list_trades
SELECT out_trade_no, trade_no, total, subject, body, passback_params, notify_url, certified, buyer,
       buyer_id, state, created_at, expires_at, payer_total, fee, paid_at, closed_at
FROM alipay_trades WHERE out_trade_no > $1 ORDER BY out_trade_no LIMIT $2;

-- name: list_paid
SELECT out_trade_no, trade_no, total, subject, body, passback_params, notify_url, certified, buyer,
       buyer_id, state, created_at, expires_at, payer_total, fee, paid_at, closed_at
FROM alipay_trades WHERE paid_at >= $1 AND paid_at < $2 ORDER BY paid_at, out_trade_no LIMIT $3;

-- name: close_expired
UPDATE alipay_trades SET state = 'TRADE_CLOSED', closed_at = expires_at
WHERE state = 'WAIT_BUYER_PAY' AND expires_at <= $2 AND (out_trade_no = $1 OR trade_no = $1);

-- name: close_trade
UPDATE alipay_trades SET state = 'TRADE_CLOSED', closed_at = $2
WHERE out_trade_no = $1 AND state = 'WAIT_BUYER_PAY';

-- name: pay_trade
UPDATE alipay_trades SET state = 'TRADE_SUCCESS', payer_total = $2, fee = $3, paid_at = $4, closed_at = NULL
WHERE out_trade_no = $1 AND paid_at IS NULL;

-- name: change_paid_state
UPDATE alipay_trades SET state = $2, closed_at = $3
WHERE out_trade_no = $1 AND state = 'TRADE_SUCCESS';

-- name: insert_refund
INSERT INTO alipay_refunds (out_trade_no, out_request_no, amount, payer_refund, fee_back, reason,
                            created_at, due_at, settled_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: settle_refund
UPDATE alipay_refunds SET due_at = NULL, settled_at = $3
WHERE out_trade_no = $1 AND out_request_no = $2 AND settled_at IS NULL;

-- name: list_refunds_of_trade
SELECT out_trade_no, out_request_no, amount, payer_refund, fee_back, reason, created_at, due_at,
       settled_at
FROM alipay_refunds WHERE out_trade_no = $1 ORDER BY created_at, out_request_no;

-- name: list_refunds
SELECT out_trade_no, out_request_no, amount, payer_refund, fee_back, reason, created_at, due_at,
       settled_at
FROM alipay_refunds WHERE out_request_no > $1 ORDER BY out_request_no, out_trade_no LIMIT $2;

-- name: list_settled_refunds
SELECT out_trade_no, out_request_no, amount, payer_refund, fee_back, reason, created_at, due_at,
       settled_at
FROM alipay_refunds WHERE settled_at >= $1 AND settled_at < $2
ORDER BY settled_at, out_trade_no, out_request_no LIMIT $3;

-- name: find_due_refund
SELECT out_trade_no, out_request_no, amount, payer_refund, fee_back, reason, created_at, due_at,
       settled_at
FROM alipay_refunds WHERE due_at <= $1 ORDER BY due_at LIMIT 1;

-- name: sum_paid
SELECT COUNT(*), COALESCE(SUM(total), 0) FROM alipay_trades WHERE paid_at >= $1 AND paid_at < $2;

-- name: sum_refunds
SELECT CASE WHEN settled_at IS NULL THEN 'PROCESSING' ELSE 'SUCCESS' END AS state, COUNT(*), SUM(amount)
FROM alipay_refunds WHERE created_at >= $1 AND created_at < $2 GROUP BY state;
