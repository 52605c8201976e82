CREATE TABLE orders (
    order_no           @int NOT NULL PRIMARY KEY,
    user_id            @int NOT NULL REFERENCES users (id),
    status             TEXT NOT NULL CHECK
        (status = 'pending_payment' OR status = 'closing' OR status = 'closed' OR status = 'paid'
         OR status = 'shipped' OR status = 'completed'),
    payment_status     TEXT NOT NULL CHECK
        (payment_status = 'unpaid' OR payment_status = 'paid' OR payment_status = 'refund_due'
         OR payment_status = 'refunding' OR payment_status = 'partly_refunded' OR payment_status = 'refunded'),
    fulfillment_status TEXT NOT NULL CHECK
        (fulfillment_status = 'unfulfilled' OR fulfillment_status = 'shipped'
         OR fulfillment_status = 'received'),
    close_reason       TEXT CHECK
        (close_reason = 'timeout' OR close_reason = 'user' OR close_reason = 'merchant'
         OR close_reason = 'refunded'),
    -- Counts the transitions; names the next row of order_events.
    version            @int NOT NULL DEFAULT 1,
    items_total        @int NOT NULL CHECK (items_total >= 0),
    discount_total     @int NOT NULL DEFAULT 0 CHECK (discount_total >= 0),
    freight            @int NOT NULL CHECK (freight >= 0),
    total              @int NOT NULL,
    currency           TEXT NOT NULL CHECK (currency = 'CNY'),
    address            TEXT NOT NULL,  -- JSON, copied when the order was placed
    note               TEXT NOT NULL DEFAULT '',
    carrier            TEXT,
    tracking_number    TEXT,
    created_at         @int NOT NULL,
    expires_at         @int NOT NULL,
    paid_at            @int,
    shipped_at         @int,
    completed_at       @int,
    closed_at          @int,
    CONSTRAINT orders_total_adds_up CHECK (total = items_total - discount_total + freight AND total >= 0),
    CONSTRAINT orders_closed_has_reason CHECK ((status IN ('closing', 'closed')) = (close_reason IS NOT NULL)),
    CONSTRAINT orders_paid_has_time CHECK
        ((status <> 'paid' AND status <> 'shipped' AND status <> 'completed') OR paid_at IS NOT NULL)
) @table;
CREATE INDEX orders_user ON orders (user_id, order_no);
-- Work lists: small, because they hold only the orders that still wait for something.
CREATE INDEX orders_due ON orders (expires_at) WHERE status = 'pending_payment';
CREATE INDEX orders_closing ON orders (order_no) WHERE status = 'closing';
CREATE INDEX orders_shipped ON orders (shipped_at) WHERE status = 'shipped';

-- One tree serves look-ups by order_no and by (order_no, user_id): both are prefixes of its key.
CREATE TABLE order_items (
    order_no    @int NOT NULL REFERENCES orders (order_no),
    user_id     @int NOT NULL,
    sku_id      @int NOT NULL,
    product_id  @int NOT NULL,
    title       TEXT NOT NULL,
    options     TEXT NOT NULL,
    sku         TEXT NOT NULL,
    image       TEXT NOT NULL DEFAULT '',
    price       @int NOT NULL CHECK (price >= 0),
    quantity    @int NOT NULL CHECK (quantity > 0),
    subtotal    @int NOT NULL,
    PRIMARY KEY (order_no, user_id, sku_id),
    CONSTRAINT order_items_subtotal CHECK (subtotal = price * quantity)
) @keyed;

CREATE TABLE order_events (
    order_no @int NOT NULL REFERENCES orders (order_no),
    version  @int NOT NULL,
    kind     TEXT NOT NULL,
    status   TEXT NOT NULL,
    actor    TEXT NOT NULL,  -- "u42", "system", "payment"
    detail   TEXT NOT NULL DEFAULT '',
    at       @int NOT NULL,
    PRIMARY KEY (order_no, version)
) @keyed;
