-- How domains tell each other what happened, and how a retry finds its first answer.

CREATE TABLE outbox (
    id              @id,
    topic           TEXT NOT NULL,
    key             TEXT NOT NULL,
    payload         TEXT NOT NULL,
    created_at      @int NOT NULL,
    attempts        @int NOT NULL DEFAULT 0,
    next_attempt_at @int NOT NULL DEFAULT 0,
    published_at    @int
) @table;
-- Only what is still to be told is in the index, so it stays small however long the history is.
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;

CREATE TABLE inbox (
    consumer    TEXT NOT NULL,
    event_id    @int NOT NULL,
    received_at @int NOT NULL,
    PRIMARY KEY (consumer, event_id)
) @keyed;

CREATE TABLE idempotency_keys (
    owner       TEXT NOT NULL,   -- "u42" for a user, a hash of the address for a guest
    key         TEXT NOT NULL,
    fingerprint @bytes NOT NULL, -- SHA-256 of method, path and body
    status      @int,            -- null while the first request is under way
    answer      TEXT,
    created_at  @int NOT NULL,
    PRIMARY KEY (owner, key)
) @keyed;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Who of the staff did what; append-only.
CREATE TABLE audit_log (
    id       @id,
    at       @int NOT NULL,
    actor    @int,               -- user id; null for a command on this machine
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL
) @table;
