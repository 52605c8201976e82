-- What the callers want to be paid for. Every change of an attempt locks its reference's row first,
-- so that attempts of one reference change one after the other and the answer is given once.
CREATE TABLE payment_references (
    app         TEXT NOT NULL,  -- "shop" for the order side of the same installation
    reference   TEXT NOT NULL,  -- there: the order number
    created_at  @int NOT NULL,
    given_up_at @int,           -- the caller wants no money any more: no new attempts, close the open ones
    answered    TEXT CHECK (answered IN ('succeeded', 'closed')),  -- which event told the outcome
    version     @int NOT NULL DEFAULT 1,
    PRIMARY KEY (app, reference),
    CONSTRAINT payment_references_closed_was_given_up CHECK
        (answered IS NULL OR answered <> 'closed' OR given_up_at IS NOT NULL)
) @keyed;

CREATE TABLE payments (
    id             @id,
    -- The payment side knows no order: this is the caller's reference.
    app            TEXT NOT NULL,
    reference      TEXT NOT NULL,
    owner          TEXT NOT NULL,  -- there: the user id; who may see this payment
    provider       TEXT NOT NULL,
    merchant       TEXT NOT NULL,  -- mchid or app id that was used
    seller         TEXT NOT NULL DEFAULT '',
    out_trade_no   TEXT NOT NULL,
    transaction_id TEXT,
    state          TEXT NOT NULL CHECK
        (state = 'created' OR state = 'pending' OR state = 'closing' OR state = 'closed' OR state = 'failed'
         OR state = 'paid'),
    amount         @int NOT NULL CHECK (amount > 0),
    currency       TEXT NOT NULL CHECK (currency = 'CNY'),
    description    TEXT NOT NULL,
    code_url       TEXT,
    code_at        @int,           -- when the code was made; it is good for two hours
    failure        TEXT,
    late           @int NOT NULL DEFAULT 0 CHECK (late IN (0, 1)),
    duplicate      @int NOT NULL DEFAULT 0 CHECK (duplicate IN (0, 1)),
    suspect        @int NOT NULL DEFAULT 0 CHECK (suspect IN (0, 1)),
    refund_due     @int NOT NULL DEFAULT 0 CHECK (refund_due IN (0, 1)),
    refunded       @int NOT NULL DEFAULT 0,
    created_at     @int NOT NULL,
    expires_at     @int NOT NULL,
    paid_at        @int,
    closed_at      @int,
    close_accepted_at @int,        -- when the provider first accepted to close it
    query_count    @int NOT NULL DEFAULT 0,
    next_query_at  @int,           -- the due time of the next active query; null: none needed
    CONSTRAINT payments_trade_unique UNIQUE (provider, merchant, out_trade_no),
    CONSTRAINT payments_refunded_at_most_paid CHECK (refunded BETWEEN 0 AND amount),
    CONSTRAINT payments_paid_has_proof CHECK
        (state <> 'paid' OR (transaction_id IS NOT NULL AND paid_at IS NOT NULL))
) @table;
CREATE UNIQUE INDEX payments_transaction ON payments (provider, transaction_id) WHERE transaction_id IS NOT NULL;
-- One success per reference; a second one is flagged as a duplicate and refunded.
CREATE UNIQUE INDEX payments_one_success ON payments (app, reference) WHERE state = 'paid' AND duplicate = 0;
-- A second attempt begins only after the first was closed.
CREATE UNIQUE INDEX payments_one_open ON payments (app, reference) WHERE state IN ('created', 'pending');
CREATE INDEX payments_reference ON payments (app, reference);
CREATE INDEX payments_query_due ON payments (next_query_at) WHERE next_query_at IS NOT NULL;

-- Everything that came in as a notification, as it came, with what was made of it.
CREATE TABLE payment_notifications (
    id              @id,
    provider        TEXT NOT NULL,
    notification_id TEXT NOT NULL,
    received_at     @int NOT NULL,
    headers         TEXT NOT NULL,
    body            @bytes NOT NULL,
    verdict         TEXT NOT NULL,
    payment_id      @int REFERENCES payments (id),
    CONSTRAINT payment_notifications_unique UNIQUE (provider, notification_id)
) @table;
