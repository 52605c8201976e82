-- A receiver's older signing secret, which signs beside the newer one until a stated time, so that a receiver can be
-- given the newer one without a pause.
ALTER TABLE webhooks ADD COLUMN old_secret TEXT NOT NULL DEFAULT '';
ALTER TABLE webhooks ADD COLUMN old_secret_until @int
    CONSTRAINT webhooks_old_secret_has_an_end CHECK ((old_secret = '') = (old_secret_until IS NULL));
