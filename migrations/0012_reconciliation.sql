-- What providers' bills say, held against what we have. See src/reconciliation/README.md.

-- Which payments belong to a day's bill.
CREATE INDEX payments_paid ON payments (provider, merchant, paid_at, id) WHERE paid_at IS NOT NULL;
CREATE INDEX refunds_sent ON refunds (provider, merchant, sent_at, id) WHERE sent_at IS NOT NULL;
CREATE INDEX refunds_settled ON refunds (provider, merchant, settled_at, id) WHERE settled_at IS NOT NULL;

-- One row per bill. The same day may be gone through again, with the same result.
CREATE TABLE reconciliations (
    id               @id,
    provider         TEXT NOT NULL,
    merchant         TEXT NOT NULL,
    day              TEXT NOT NULL,  -- in Beijing: "2026-11-22"
    state            TEXT NOT NULL CHECK
        (state = 'running' OR state = 'clean' OR state = 'differences' OR state = 'failed'),
    started_at       @int NOT NULL,
    finished_at      @int,
    runs             @int NOT NULL DEFAULT 1,
    next_run_at      @int,           -- when it is gone through again by itself; null: it is done with
    failure          TEXT NOT NULL DEFAULT '',
    trade_hash       TEXT NOT NULL DEFAULT '',  -- SHA-256 of the file as it was downloaded; empty: no such file
    fund_hash        TEXT NOT NULL DEFAULT '',
    -- The bill …
    payments         @int NOT NULL DEFAULT 0,
    paid             @int NOT NULL DEFAULT 0,
    refunds          @int NOT NULL DEFAULT 0,
    refunded         @int NOT NULL DEFAULT 0,
    fees             @int NOT NULL DEFAULT 0,
    -- … and how much of it is ours, too.
    matched_payments @int NOT NULL DEFAULT 0,
    matched_paid     @int NOT NULL DEFAULT 0,
    matched_refunds  @int NOT NULL DEFAULT 0,
    matched_refunded @int NOT NULL DEFAULT 0,
    not_kept         @int NOT NULL DEFAULT 0,   -- differences beyond those that are kept
    CONSTRAINT reconciliations_once UNIQUE (provider, merchant, day)
) @table;
CREATE INDEX reconciliations_due ON reconciliations (next_run_at) WHERE next_run_at IS NOT NULL;

CREATE TABLE reconciliation_differences (
    id                @id,
    reconciliation_id @int NOT NULL REFERENCES reconciliations (id),
    subject           TEXT NOT NULL CHECK (subject = 'payment' OR subject = 'refund' OR subject = 'fund'),
    kind              TEXT NOT NULL CHECK
        (kind = 'missing_here' OR kind = 'missing_there' OR kind = 'amount' OR kind = 'status' OR kind = 'twice'
         OR kind = 'other_day'),
    number            TEXT NOT NULL,  -- out_trade_no, out_refund_no, or what of a fund bill
    transaction_id    TEXT NOT NULL DEFAULT '',
    payment_id        @int REFERENCES payments (id),
    refund_id         @int REFERENCES refunds (id),
    ours              @int,           -- fen
    theirs            @int,
    our_status        TEXT NOT NULL DEFAULT '',
    their_status      TEXT NOT NULL DEFAULT '',
    fee               @int NOT NULL DEFAULT 0,  -- what the bill's row takes, or of a refund gives back
    state             TEXT NOT NULL CHECK (state = 'open' OR state = 'repaired' OR state = 'resolved'),
    note              TEXT NOT NULL DEFAULT '',
    found_at          @int NOT NULL,
    seen_at           @int NOT NULL,  -- when a run last found it
    resolved_by       @int,
    resolved_at       @int,
    CONSTRAINT reconciliation_differences_once UNIQUE (reconciliation_id, subject, kind, number),
    CONSTRAINT reconciliation_differences_resolved_by_somebody CHECK
        (state <> 'resolved' OR (resolved_at IS NOT NULL AND note <> ''))
) @table;
CREATE INDEX reconciliation_differences_open ON reconciliation_differences (id) WHERE state = 'open';
CREATE INDEX reconciliation_differences_payment ON reconciliation_differences (payment_id)
    WHERE payment_id IS NOT NULL;
CREATE INDEX reconciliation_differences_refund ON reconciliation_differences (refund_id) WHERE refund_id IS NOT NULL;
