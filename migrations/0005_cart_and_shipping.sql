-- A signed-in user's cart has owner "u<user id>", a guest's "g<hash of the guest token>".
CREATE TABLE cart_items (
    owner      TEXT NOT NULL,
    sku_id     @int NOT NULL REFERENCES skus (id),
    quantity   @int NOT NULL CHECK (quantity BETWEEN 1 AND 999),
    selected   @int NOT NULL DEFAULT 1 CHECK (selected IN (0, 1)),
    price_seen @int NOT NULL CHECK (price_seen >= 0),  -- the price when it was put in or last accepted
    added_at   @int NOT NULL,
    updated_at @int NOT NULL,
    PRIMARY KEY (owner, sku_id)
) @keyed;
-- Guests leave their carts behind; the sweeper finds old ones here.
CREATE INDEX cart_items_guest_age ON cart_items (updated_at) WHERE owner LIKE 'g%';

CREATE TABLE addresses (
    id         @id,
    user_id    @int NOT NULL REFERENCES users (id),
    recipient  TEXT NOT NULL,
    phone      TEXT NOT NULL,
    province   TEXT NOT NULL,
    city       TEXT NOT NULL,
    district   TEXT NOT NULL,
    detail     TEXT NOT NULL,
    postcode   TEXT NOT NULL DEFAULT '',
    is_default @int NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
    created_at @int NOT NULL,
    updated_at @int NOT NULL
) @table;
CREATE INDEX addresses_user ON addresses (user_id, id);
CREATE UNIQUE INDEX addresses_one_default ON addresses (user_id) WHERE is_default = 1;
