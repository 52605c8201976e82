-- Refunds of payments, the books of the payment side, and what late payments and returns do to orders.
-- See src/refunds/README.md and src/bookkeeping/README.md.

-- How much of a payment is asked back by refunds that have not failed (succeeded ones included). It is raised, by a
-- guarded UPDATE, in the transaction that stores a refund: so nobody can be given back more than was paid.
-- `refunded` counts the refunds that have succeeded.
ALTER TABLE payments ADD COLUMN refund_reserved @int NOT NULL DEFAULT 0
    CONSTRAINT payments_reserved_at_most_paid CHECK (refund_reserved BETWEEN refunded AND amount);
-- When the money of a payment that is not kept goes back by itself; null when there is nothing to do, or it has begun.
-- Until then one that came late is offered to its caller, who may keep it after all.
ALTER TABLE payments ADD COLUMN give_back_at @int;
UPDATE payments SET give_back_at = paid_at WHERE state = 'paid' AND refund_due = 1;
CREATE INDEX payments_give_back ON payments (give_back_at) WHERE give_back_at IS NOT NULL;
-- When the caller kept it.
ALTER TABLE payments ADD COLUMN accepted_at @int
    CONSTRAINT payments_accepted_is_kept CHECK (accepted_at IS NULL OR (state = 'paid' AND refund_due = 0));

CREATE TABLE refunds (
    id            @id,
    payment_id    @int NOT NULL REFERENCES payments (id),
    provider      TEXT NOT NULL,  -- the payment's, for the unique number below
    merchant      TEXT NOT NULL,
    -- Stored before the provider hears of it: whatever is asked again is asked under the same number.
    out_refund_no TEXT NOT NULL,
    refund_id     TEXT,           -- the provider's number
    -- Who wants it: staff, the order system that asked for the payment, this program because the money came late or
    -- twice, or somebody at the provider.
    origin        TEXT NOT NULL CHECK
        (origin = 'staff' OR origin = 'caller' OR origin = 'late' OR origin = 'duplicate' OR origin = 'external'),
    state         TEXT NOT NULL CHECK
        (state = 'requested' OR state = 'processing' OR state = 'succeeded' OR state = 'failed'
         OR state = 'abnormal'),
    amount        @int NOT NULL CHECK (amount > 0),
    -- Of money that counts as a sale; 0: of money that came late or twice and was never ours.
    kept          @int NOT NULL CHECK (kept = 0 OR kept = 1),
    reason        TEXT NOT NULL,
    asked_by      TEXT NOT NULL,  -- "u42", "order", "system", "provider"
    request_key   TEXT,           -- the asker's own name for it: the same key is the same refund
    created_at    @int NOT NULL,
    sent_at       @int,           -- when the provider was first asked
    settled_at    @int,           -- when it succeeded or failed
    tries         @int NOT NULL DEFAULT 0,
    next_try_at   @int,           -- when the provider is asked next; null: there is no need
    refused_at    @int,           -- when the provider last refused it for good; a later answer must confirm that
    failure       TEXT NOT NULL DEFAULT '',  -- the last refusal, for a person
    stuck         @int NOT NULL DEFAULT 0 CHECK (stuck = 0 OR stuck = 1),  -- it was told that it takes too long
    -- What a person did about it.
    resolution    TEXT,
    resolved_by   @int,
    resolved_at   @int,
    CONSTRAINT refunds_number_unique UNIQUE (provider, merchant, out_refund_no),
    CONSTRAINT refunds_request_unique UNIQUE (payment_id, request_key),
    CONSTRAINT refunds_late_money_is_not_kept CHECK ((origin <> 'late' AND origin <> 'duplicate') OR kept = 0),
    CONSTRAINT refunds_settled_has_time CHECK
        ((state = 'succeeded' OR state = 'failed') = (settled_at IS NOT NULL)),
    CONSTRAINT refunds_resolved_is_whole CHECK ((resolution IS NULL) = (resolved_at IS NULL))
) @table;
CREATE INDEX refunds_payment ON refunds (payment_id);
-- Money that came late or twice is given back by itself once, whatever happens.
CREATE UNIQUE INDEX refunds_automatic ON refunds (payment_id) WHERE origin = 'late' OR origin = 'duplicate';
-- Work lists.
CREATE INDEX refunds_due ON refunds (next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX refunds_for_a_person ON refunds (id)
    WHERE resolved_at IS NULL AND (state = 'failed' OR state = 'abnormal' OR stuck = 1);

-- The books: every row is one transfer of one amount from the credited account to the debited one, so each balances
-- by itself. Rows are added and never changed. Clearing is what a provider owes us: everything paid less everything
-- refunded less its fees.
CREATE TABLE book_entries (
    id         @id,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,  -- "payment 12", "refund 7"
    payment_id @int NOT NULL REFERENCES payments (id),
    provider   TEXT NOT NULL,
    merchant   TEXT NOT NULL,
    debit      TEXT NOT NULL,
    credit     TEXT NOT NULL,
    amount     @int NOT NULL CHECK (amount > 0),
    currency   TEXT NOT NULL CHECK (currency = 'CNY'),
    at         @int NOT NULL,
    -- Each effect is booked once.
    CONSTRAINT book_entries_once UNIQUE (kind, subject),
    CONSTRAINT book_entries_move_something CHECK (debit <> credit),
    CONSTRAINT book_entries_known_postings CHECK
        ((kind = 'sale' AND debit = 'receivable' AND credit = 'sales')
         OR (kind = 'received' AND debit = 'clearing' AND credit = 'receivable')
         OR (kind = 'received_unkept' AND debit = 'clearing' AND credit = 'refunds_payable')
         OR (kind = 'accepted' AND debit = 'refunds_payable' AND credit = 'receivable')
         OR (kind = 'refund_asked' AND debit = 'refunds' AND credit = 'refunds_payable')
         OR (kind = 'refund_failed' AND debit = 'refunds_payable' AND credit = 'refunds')
         OR (kind = 'refund_revived' AND debit = 'refunds' AND credit = 'refunds_payable')
         OR (kind = 'refund_paid' AND debit = 'refunds_payable' AND credit = 'clearing')
         OR (kind = 'fee' AND debit = 'fees' AND credit = 'clearing')
         OR (kind = 'fee_returned' AND debit = 'clearing' AND credit = 'fees'))
) @table;
CREATE INDEX book_entries_payment ON book_entries (payment_id);
--@sqlite
CREATE TRIGGER book_entries_not_changed BEFORE UPDATE ON book_entries BEGIN
    SELECT RAISE(ABORT, 'book entries are never changed');
END;
CREATE TRIGGER book_entries_not_deleted BEFORE DELETE ON book_entries BEGIN
    SELECT RAISE(ABORT, 'book entries are never deleted');
END;
--@end
--@postgres
CREATE FUNCTION refuse_book_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'book entries are never changed or deleted';
END $$;
CREATE TRIGGER book_entries_not_changed BEFORE UPDATE OR DELETE ON book_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_book_change();
CREATE TRIGGER book_entries_not_emptied BEFORE TRUNCATE ON book_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_book_change();
--@end

-- What was paid before there were books.
INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, credit, amount, currency, at)
SELECT 'sale', 'payment ' || CAST(id AS TEXT), id, provider, merchant, 'receivable', 'sales', amount, currency, paid_at
FROM payments WHERE state = 'paid' AND refund_due = 0;
INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, credit, amount, currency, at)
SELECT 'received', 'payment ' || CAST(id AS TEXT), id, provider, merchant, 'clearing', 'receivable', amount, currency,
       paid_at
FROM payments WHERE state = 'paid' AND refund_due = 0;
INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, credit, amount, currency, at)
SELECT 'received_unkept', 'payment ' || CAST(id AS TEXT), id, provider, merchant, 'clearing', 'refunds_payable', amount,
       currency, paid_at
FROM payments WHERE state = 'paid' AND refund_due = 1;

-- A payment that comes after the units were given back takes them again, if they are left: the order is held and
-- resolved a second time.
ALTER TABLE orders ADD COLUMN retaken @int NOT NULL DEFAULT 0 CHECK (retaken = 0 OR retaken = 1);
ALTER TABLE stock_ledger ADD COLUMN hold_no @int NOT NULL DEFAULT 0 CHECK (hold_no = 0 OR hold_no = 1);
DROP INDEX stock_ledger_one_reserve;
DROP INDEX stock_ledger_one_resolution;
CREATE UNIQUE INDEX stock_ledger_one_reserve ON stock_ledger (order_no, sku_id, hold_no) WHERE kind = 'RESERVE';
CREATE UNIQUE INDEX stock_ledger_one_resolution ON stock_ledger (order_no, sku_id, hold_no)
    WHERE kind IN ('CONFIRM', 'RELEASE');

-- How many units of a line came back to the shelf.
ALTER TABLE order_items ADD COLUMN returned @int NOT NULL DEFAULT 0
    CONSTRAINT order_items_returned_at_most_bought CHECK (returned BETWEEN 0 AND quantity);
