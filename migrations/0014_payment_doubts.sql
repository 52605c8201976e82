-- What somebody must look at about a payment: what a provider or a bill says of it does not fit. See
-- src/payments/README.md.
CREATE TABLE payment_doubts (
    id            @id,
    payment_id    @int NOT NULL REFERENCES payments (id),
    reason        TEXT NOT NULL,
    -- No refund of the payment is begun before it is resolved.
    holds_refunds @int NOT NULL CHECK (holds_refunds = 0 OR holds_refunds = 1),
    raised_at     @int NOT NULL,
    resolution    TEXT,  -- what a person did about it
    resolved_by   @int,
    resolved_at   @int,
    CONSTRAINT payment_doubts_resolved_is_whole CHECK
        ((resolution IS NULL) = (resolved_at IS NULL) AND (resolved_by IS NULL OR resolved_at IS NOT NULL))
) @table;
-- The same doubt is told once until it is resolved.
CREATE UNIQUE INDEX payment_doubts_once ON payment_doubts (payment_id, reason) WHERE resolved_at IS NULL;
CREATE INDEX payment_doubts_open ON payment_doubts (id) WHERE resolved_at IS NULL;
INSERT INTO payment_doubts (payment_id, reason, holds_refunds, raised_at)
SELECT id, COALESCE(failure, ''), 0, COALESCE(paid_at, created_at) FROM payments WHERE suspect = 1;

-- Attempts past their deadline, for the alarm.
CREATE INDEX payments_open_until ON payments (expires_at)
    WHERE state = 'created' OR state = 'pending' OR state = 'closing';
