-- Refunds that a provider's notification told of and that nobody here asked for, until they are looked up there. See
-- src/refunds/README.md. A row goes when the provider's answer is taken in, or when nothing more can be expected.
CREATE TABLE refund_lookups (
    id            @id,
    payment_id    @int NOT NULL REFERENCES payments (id) ON DELETE CASCADE,
    provider      TEXT NOT NULL,  -- the payment's, for the work list
    out_refund_no TEXT NOT NULL,
    heard_at      @int NOT NULL,
    tries         @int NOT NULL DEFAULT 0,
    next_try_at   @int NOT NULL,
    CONSTRAINT refund_lookups_once UNIQUE (payment_id, out_refund_no)
) @table;
CREATE INDEX refund_lookups_due ON refund_lookups (provider, next_try_at);
