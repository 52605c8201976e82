-- Money that must go back to its payer: watched by a gauge, worked off by refunds.
CREATE INDEX payments_refund_due ON payments (id) WHERE refund_due = 1 AND refunded < amount;
