-- Flash sales (秒杀). A promotion sells units that were set apart from ordinary stock, at its own price, in a
-- window of time. See src/flash_sale/README.md.

CREATE TABLE promotions (
    id           @id,
    name         TEXT NOT NULL,
    state        TEXT NOT NULL DEFAULT 'draft' CHECK (state = 'draft' OR state = 'published' OR state = 'ended'),
    paused       @int NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    -- A rehearsal: never shown to shoppers, its units come from nowhere and go nowhere.
    shadow       @int NOT NULL DEFAULT 0 CHECK (shadow IN (0, 1)),
    starts_at    @int NOT NULL,
    ends_at      @int NOT NULL,
    -- Raised whenever tokens given out before must count no more.
    epoch        @int NOT NULL DEFAULT 0,
    version      @int NOT NULL DEFAULT 1,
    created_at   @int NOT NULL,
    published_at @int,
    ended_at     @int,
    CONSTRAINT promotions_window CHECK (starts_at < ends_at),
    CONSTRAINT promotions_published_has_time CHECK ((state = 'draft') = (published_at IS NULL)),
    CONSTRAINT promotions_ended_has_time CHECK ((state = 'ended') = (ended_at IS NOT NULL))
) @table;
-- The work list: what is on or coming.
CREATE INDEX promotions_published ON promotions (ends_at) WHERE state = 'published';

CREATE TABLE promotion_items (
    id            @id,
    promotion_id  @int NOT NULL REFERENCES promotions (id),
    sku_id        @int NOT NULL REFERENCES skus (id),
    product_id    @int NOT NULL REFERENCES products (id),
    price         @int NOT NULL CHECK (price > 0),
    allotment     @int NOT NULL CHECK (allotment BETWEEN 1 AND 10000000),  -- what publishing sets apart
    per_user_max  @int NOT NULL CHECK (per_user_max BETWEEN 1 AND 100),
    per_order_max @int NOT NULL,
    CONSTRAINT promotion_items_order_within_user CHECK (per_order_max BETWEEN 1 AND per_user_max),
    CONSTRAINT promotion_items_sku_once UNIQUE (promotion_id, sku_id)
) @table;
CREATE INDEX promotion_items_sku ON promotion_items (sku_id);

-- The hot row of an item, from its publication on: everything that decides whether units may be taken is here, so
-- that one guarded UPDATE of one row decides. `open`, the window and the epoch are copies of the promotion's,
-- written in the transaction that changes them there.
--   available  units that no order holds; `offered` of them are kept for the waitlist
--   reserved   units of orders that are not paid yet
--   sold       units of paid orders
CREATE TABLE promotion_stock (
    item_id   @int NOT NULL PRIMARY KEY REFERENCES promotion_items (id),
    open      @int NOT NULL CHECK (open IN (0, 1)),
    epoch     @int NOT NULL,
    opens_at  @int NOT NULL,
    closes_at @int NOT NULL,
    available @int NOT NULL DEFAULT 0 CONSTRAINT promotion_stock_available_not_negative CHECK (available >= 0),
    offered   @int NOT NULL DEFAULT 0
        CONSTRAINT promotion_stock_offered_are_there CHECK (offered BETWEEN 0 AND available),
    reserved  @int NOT NULL DEFAULT 0 CONSTRAINT promotion_stock_reserved_not_negative CHECK (reserved >= 0),
    sold      @int NOT NULL DEFAULT 0 CONSTRAINT promotion_stock_sold_not_negative CHECK (sold >= 0),
    -- Rises with every change; tells the newer of two views of the row.
    version   @int NOT NULL DEFAULT 1
) @table;

-- One row per unit that a user holds or has bought; the slot is the lowest that was free, so two orders at once can
-- not both go beyond the limit. When an order gives its units back, one row is kept with the slot -order_no, for a late
-- retry of the request; the others go. Narrow, because its place in the tree is random: the pages that a batch of
-- orders changes are what a flash sale costs most.
CREATE TABLE promotion_claims (
    item_id     @int NOT NULL REFERENCES promotion_items (id),
    user_id     @int NOT NULL,
    slot        @int NOT NULL CHECK (slot <> 0 AND slot <= 100),
    order_no    @int NOT NULL,
    PRIMARY KEY (item_id, user_id, slot)
) @keyed;

-- Who waits for units that come back; `id` is the order of the line.
CREATE TABLE promotion_waitlist (
    id            @id,
    item_id       @int NOT NULL REFERENCES promotion_items (id),
    user_id       @int NOT NULL REFERENCES users (id),
    state         TEXT NOT NULL CHECK
        (state = 'waiting' OR state = 'offered' OR state = 'taken' OR state = 'passed' OR state = 'left'
         OR state = 'closed'),
    joined_at     @int NOT NULL,
    offered_until @int,
    order_no      @int,
    CONSTRAINT promotion_waitlist_offer_ends CHECK (state <> 'offered' OR offered_until IS NOT NULL),
    CONSTRAINT promotion_waitlist_taken_has_order CHECK ((state = 'taken') = (order_no IS NOT NULL))
) @table;
CREATE UNIQUE INDEX promotion_waitlist_once ON promotion_waitlist (item_id, user_id)
    WHERE state IN ('waiting', 'offered');
CREATE INDEX promotion_waitlist_line ON promotion_waitlist (item_id, id) WHERE state = 'waiting';
CREATE INDEX promotion_waitlist_offers ON promotion_waitlist (offered_until) WHERE state = 'offered';

-- The kill switch: one row.
CREATE TABLE flash_sale_switch (
    one     @int NOT NULL PRIMARY KEY CHECK (one = 1),
    stopped @int NOT NULL CHECK (stopped IN (0, 1))
) @table;
INSERT INTO flash_sale_switch (one, stopped) VALUES (1, 0);

-- A ledger row that names a promotion item moved that item's units, not the SKU's ordinary ones. Setting units apart
-- is a pair of TRANSFER rows: -n of the SKU, +n of the item.
-- Units of a rehearsal come by a GRANT row and leave by an ADJUST row of the item alone.
ALTER TABLE stock_ledger ADD COLUMN promotion_item_id @int REFERENCES promotion_items (id);
-- How many units came back: for the live view.
CREATE INDEX stock_ledger_promoted_releases ON stock_ledger (promotion_item_id, quantity)
    WHERE kind = 'RELEASE' AND promotion_item_id IS NOT NULL;

-- A flash sale leaves thousands of events a second behind; what a buyer waits for, such as the word that a payment
-- has come, is told before them.
ALTER TABLE outbox ADD COLUMN rank @int NOT NULL DEFAULT 1 CHECK (rank = 0 OR rank = 1);
DROP INDEX outbox_unpublished;
CREATE INDEX outbox_unpublished ON outbox (rank, id) WHERE published_at IS NULL;

-- The line's units came from this promotion item.
ALTER TABLE order_items ADD COLUMN promotion_item_id @int REFERENCES promotion_items (id);

-- The idempotency key of the request that placed a promoted order, and what it asked for. Here, and not in
-- idempotency_keys, because a row of its own in a tree sorted by random keys costs as much as the order itself.
ALTER TABLE orders ADD COLUMN request_key TEXT;
ALTER TABLE orders ADD COLUMN request_fingerprint @bytes
    CONSTRAINT orders_request_is_whole CHECK ((request_key IS NULL) = (request_fingerprint IS NULL));
--@postgres
-- Two processes may place at once. SQLite has one writer, which looks before it writes.
CREATE UNIQUE INDEX orders_request ON orders (user_id, request_key) WHERE request_key IS NOT NULL;
--@end
