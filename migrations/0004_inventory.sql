CREATE TABLE stock (
    sku_id    @int NOT NULL PRIMARY KEY REFERENCES skus (id),
    available @int NOT NULL DEFAULT 0 CONSTRAINT stock_available_not_negative CHECK (available >= 0),
    reserved  @int NOT NULL DEFAULT 0 CONSTRAINT stock_reserved_not_negative CHECK (reserved >= 0),
    sold      @int NOT NULL DEFAULT 0 CONSTRAINT stock_sold_not_negative CHECK (sold >= 0)
) @table;

-- Every movement of a unit (库存流水); append-only. What each kind does to (available, reserved, sold):
--   GRANT +n 0 0 · RESERVE -n +n 0 · CONFIRM 0 -n +n · RELEASE +n -n 0 · RETURN +n 0 -n
--   TRANSFER n 0 0 and ADJUST n 0 0, where n may be negative
CREATE TABLE stock_ledger (
    id       @id,
    sku_id   @int NOT NULL REFERENCES skus (id),
    kind     TEXT NOT NULL CHECK
        (kind = 'GRANT' OR kind = 'RESERVE' OR kind = 'CONFIRM' OR kind = 'RELEASE' OR kind = 'RETURN'
         OR kind = 'TRANSFER' OR kind = 'ADJUST'),
    quantity @int NOT NULL CHECK (quantity > 0 OR (quantity < 0 AND kind IN ('TRANSFER', 'ADJUST'))),
    order_no @int CHECK
        ((order_no IS NOT NULL) = ((kind = 'RESERVE' OR kind = 'CONFIRM' OR kind = 'RELEASE'
         OR kind = 'RETURN'))),
    at       @int NOT NULL,
    actor    @int,
    note     TEXT NOT NULL DEFAULT ''
) @table;
-- An order line is reserved once and resolved once.
CREATE UNIQUE INDEX stock_ledger_one_reserve ON stock_ledger (order_no, sku_id) WHERE kind = 'RESERVE';
CREATE UNIQUE INDEX stock_ledger_one_resolution ON stock_ledger (order_no, sku_id)
    WHERE kind IN ('CONFIRM', 'RELEASE');
CREATE INDEX stock_ledger_sku ON stock_ledger (sku_id, id);

-- What other domains may read in their own queries: how many units can be bought now.
CREATE VIEW sku_availability AS SELECT sku_id, available FROM stock;
