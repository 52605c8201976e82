CREATE TABLE webhooks (
    id         @id,
    url        TEXT NOT NULL,
    topics     TEXT NOT NULL,  -- comma-separated; "*" for all
    secret     TEXT NOT NULL,
    enabled    @int NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at @int NOT NULL,
    deleted_at @int            -- kept for its deliveries until they are swept
) @table;

CREATE TABLE webhook_deliveries (
    id              @id,
    webhook_id      @int NOT NULL REFERENCES webhooks (id),
    event_id        @int NOT NULL,
    topic           TEXT NOT NULL,
    payload         TEXT NOT NULL,  -- the body as it is sent and signed
    state           TEXT NOT NULL CHECK (state = 'waiting' OR state = 'delivered' OR state = 'given_up'),
    attempts        @int NOT NULL DEFAULT 0,
    next_attempt_at @int,
    last_status     @int,
    last_error      TEXT NOT NULL DEFAULT '',
    created_at      @int NOT NULL,
    delivered_at    @int,
    UNIQUE (webhook_id, event_id)
) @table;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at) WHERE state = 'waiting';
