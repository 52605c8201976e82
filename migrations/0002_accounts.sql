CREATE TABLE users (
    id            @id,
    username      TEXT NOT NULL,
    -- Case-folded; the name that must be unique.
    username_key  TEXT NOT NULL CONSTRAINT users_username_unique UNIQUE,
    password_hash TEXT NOT NULL,
    display_name  TEXT NOT NULL DEFAULT '',
    email         TEXT NOT NULL DEFAULT '',
    phone         TEXT NOT NULL DEFAULT '',
    rights        @int NOT NULL DEFAULT 0 CHECK (rights >= 0),
    disabled      @int NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_at    @int NOT NULL,
    updated_at    @int NOT NULL
) @table;

CREATE TABLE sessions (
    id           @id,
    token_hash   @bytes NOT NULL CONSTRAINT sessions_token_unique UNIQUE,
    csrf_hash    @bytes NOT NULL,
    user_id      @int NOT NULL REFERENCES users (id),
    created_at   @int NOT NULL,
    last_seen_at @int NOT NULL,
    expires_at   @int NOT NULL,
    address      TEXT NOT NULL,
    user_agent   TEXT NOT NULL
) @table;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- A one-time link that makes its user an administrator.
CREATE TABLE admin_invitations (
    token_hash @bytes NOT NULL PRIMARY KEY,
    created_at @int NOT NULL,
    expires_at @int NOT NULL,
    used_at    @int,
    used_by    @int REFERENCES users (id)
) @keyed;
