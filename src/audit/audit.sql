-- Each query returns the rows that break a rule: what is broken, and how. `$1` is the present time.
-- A ledger row that names a promotion item moved that item's units; the others moved ordinary stock.

-- name: stock_equals_ledger
SELECT 'sku ' || CAST(s.sku_id AS TEXT),
       'stock ' || CAST(s.available AS TEXT) || '/' || CAST(s.reserved AS TEXT) || '/' || CAST(s.sold AS TEXT)
       || ', ledger ' || CAST(COALESCE(l.available, 0) AS TEXT) || '/' || CAST(COALESCE(l.reserved, 0) AS TEXT)
       || '/' || CAST(COALESCE(l.sold, 0) AS TEXT) || ' (available/reserved/sold)'
FROM stock s
LEFT JOIN (
    SELECT sku_id,
           SUM(CASE kind WHEN 'GRANT' THEN quantity WHEN 'TRANSFER' THEN quantity WHEN 'ADJUST' THEN quantity
                         WHEN 'RELEASE' THEN quantity WHEN 'RETURN' THEN quantity
                         WHEN 'RESERVE' THEN -quantity ELSE 0 END) AS available,
           SUM(CASE kind WHEN 'RESERVE' THEN quantity WHEN 'CONFIRM' THEN -quantity
                         WHEN 'RELEASE' THEN -quantity ELSE 0 END) AS reserved,
           SUM(CASE kind WHEN 'CONFIRM' THEN quantity WHEN 'RETURN' THEN -quantity ELSE 0 END) AS sold
    FROM stock_ledger WHERE promotion_item_id IS NULL GROUP BY sku_id
) l ON l.sku_id = s.sku_id
WHERE s.available <> COALESCE(l.available, 0) OR s.reserved <> COALESCE(l.reserved, 0)
   OR s.sold <> COALESCE(l.sold, 0)

-- name: ledger_without_stock
SELECT 'sku ' || CAST(l.sku_id AS TEXT), CAST(COUNT(*) AS TEXT) || ' ledger rows, no stock row'
FROM stock_ledger l
WHERE l.promotion_item_id IS NULL AND NOT EXISTS (SELECT 1 FROM stock s WHERE s.sku_id = l.sku_id)
GROUP BY l.sku_id

-- name: stock_is_conserved
SELECT 'sku ' || CAST(s.sku_id AS TEXT),
       'available + reserved + sold = ' || CAST(s.available + s.reserved + s.sold AS TEXT)
       || ', granted ' || CAST(COALESCE(g.units, 0) AS TEXT)
FROM stock s
LEFT JOIN (
    SELECT sku_id, SUM(quantity) AS units FROM stock_ledger
    WHERE kind IN ('GRANT', 'TRANSFER', 'ADJUST') AND promotion_item_id IS NULL GROUP BY sku_id
) g ON g.sku_id = s.sku_id
WHERE s.available + s.reserved + s.sold <> COALESCE(g.units, 0)

-- What the ledger must hold for an order line in each status: a RESERVE of its quantity, and then
-- nothing while the order may still be paid, a CONFIRM once paid, a RELEASE once closed. An order that
-- was paid and then closed (refunded) keeps its CONFIRM. One whose payment came late and whose units were
-- taken again has both of the first hold, and a second one.
-- name: order_lines_match_ledger
SELECT 'order ' || CAST(o.order_no AS TEXT) || ' sku ' || CAST(i.sku_id AS TEXT),
       o.status || ': quantity ' || CAST(i.quantity AS TEXT)
       || ', reserved ' || CAST(COALESCE(SUM(CASE WHEN l.kind = 'RESERVE' THEN l.quantity END), 0) AS TEXT)
       || ', confirmed ' || CAST(COALESCE(SUM(CASE WHEN l.kind = 'CONFIRM' THEN l.quantity END), 0) AS TEXT)
       || ', released ' || CAST(COALESCE(SUM(CASE WHEN l.kind = 'RELEASE' THEN l.quantity END), 0) AS TEXT)
FROM orders o
JOIN order_items i ON i.order_no = o.order_no
LEFT JOIN stock_ledger l ON l.order_no = o.order_no AND l.sku_id = i.sku_id
     AND l.kind IN ('RESERVE', 'CONFIRM', 'RELEASE')
GROUP BY o.order_no, o.status, o.close_reason, o.retaken, i.sku_id, i.quantity
HAVING COALESCE(SUM(CASE WHEN l.kind = 'RESERVE' THEN l.quantity END), 0) <> i.quantity * (1 + o.retaken)
    OR COALESCE(SUM(CASE WHEN l.kind = 'CONFIRM' THEN l.quantity END), 0)
       <> CASE WHEN o.status IN ('paid', 'shipped', 'completed')
                 OR (o.status = 'closed' AND o.close_reason = 'refunded') THEN i.quantity ELSE 0 END
    OR COALESCE(SUM(CASE WHEN l.kind = 'RELEASE' THEN l.quantity END), 0)
       <> CASE WHEN o.status = 'closed' AND o.close_reason <> 'refunded' THEN i.quantity ELSE 0 END + o.retaken * i.quantity

-- name: returns_are_counted
SELECT 'order ' || CAST(i.order_no AS TEXT) || ' sku ' || CAST(i.sku_id AS TEXT),
       CAST(i.returned AS TEXT) || ' units came back, the ledger has ' || CAST(COALESCE(l.units, 0) AS TEXT)
FROM order_items i
LEFT JOIN (SELECT order_no, sku_id, SUM(quantity) AS units FROM stock_ledger WHERE kind = 'RETURN'
           GROUP BY order_no, sku_id) l ON l.order_no = i.order_no AND l.sku_id = i.sku_id
WHERE i.returned <> COALESCE(l.units, 0)

-- name: ledger_without_order_line
SELECT 'order ' || CAST(l.order_no AS TEXT) || ' sku ' || CAST(l.sku_id AS TEXT), l.kind || ' of no order line'
FROM stock_ledger l
WHERE l.order_no IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM order_items i WHERE i.order_no = l.order_no AND i.sku_id = l.sku_id)

-- name: keys_are_answered
SELECT 'idempotency key of ' || owner, 'claimed and committed without an answer'
FROM idempotency_keys WHERE status IS NULL OR answer IS NULL

-- Answers to placed orders carry order_no and total and no id of their own.
-- name: keys_name_their_order (sqlite)
SELECT 'order ' || CAST(json_extract(k.answer, '$.order_no') AS TEXT),
       CAST(COUNT(*) AS TEXT) || ' idempotency keys of ' || MIN(k.owner) || ' name it, orders: '
       || CAST((SELECT COUNT(*) FROM orders o
                WHERE o.order_no = CAST(json_extract(k.answer, '$.order_no') AS INTEGER)) AS TEXT)
FROM idempotency_keys k
WHERE k.status = 201 AND json_extract(k.answer, '$.order_no') IS NOT NULL
  AND json_extract(k.answer, '$.total') IS NOT NULL AND json_extract(k.answer, '$.id') IS NULL
GROUP BY json_extract(k.answer, '$.order_no')
HAVING COUNT(*) <> 1
    OR NOT EXISTS (SELECT 1 FROM orders o
                   WHERE o.order_no = CAST(json_extract(k.answer, '$.order_no') AS INTEGER))

-- name: keys_name_their_order (postgres)
SELECT 'order ' || k.order_no, CAST(COUNT(*) AS TEXT) || ' idempotency keys name it'
FROM (SELECT answer::json ->> 'order_no' AS order_no FROM idempotency_keys
      WHERE status = 201 AND answer::json ->> 'order_no' IS NOT NULL
        AND answer::json ->> 'total' IS NOT NULL AND answer::json ->> 'id' IS NULL) k
LEFT JOIN orders o ON o.order_no = CAST(k.order_no AS BIGINT)
GROUP BY k.order_no, o.order_no
HAVING COUNT(*) <> 1 OR o.order_no IS NULL

-- The keys of promoted orders stand in the orders themselves.
-- name: request_keys_name_one_order
SELECT 'order ' || CAST(MIN(o.order_no) AS TEXT),
       CASE WHEN COUNT(*) > 1 THEN CAST(COUNT(*) AS TEXT) || ' orders of user ' || CAST(o.user_id AS TEXT)
                 || ' have one request key'
            ELSE 'has a request key, but no line of a promotion' END
FROM orders o
WHERE o.request_key IS NOT NULL
GROUP BY o.user_id, o.request_key
HAVING COUNT(*) > 1
    OR MIN(CASE WHEN EXISTS (SELECT 1 FROM order_items i
                             WHERE i.order_no = o.order_no AND i.promotion_item_id IS NOT NULL)
                THEN 1 ELSE 0 END) = 0

-- A payment whose event is still on its way has not reached its order yet. One whose refund failed waits for a person,
-- who finds it in the list of refunds.
-- name: payments_reach_their_order
SELECT 'payment ' || CAST(p.id AS TEXT), 'paid for order ' || p.reference || ', which is '
       || COALESCE(o.status, 'absent') || '/' || COALESCE(o.payment_status, '-')
FROM payments p
LEFT JOIN orders o ON CAST(o.order_no AS TEXT) = p.reference
WHERE p.app = 'shop' AND p.state = 'paid' AND p.duplicate = 0 AND p.refund_due = 0 AND p.refund_reserved = 0
  AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.state = 'failed')
  AND (o.order_no IS NULL OR o.status NOT IN ('paid', 'shipped', 'completed') OR o.total <> p.amount)
  AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.key = p.reference AND e.topic LIKE 'payment.%'
                  AND e.published_at IS NULL)

-- name: late_payments_are_flagged
SELECT 'payment ' || CAST(p.id AS TEXT), 'paid ' || CASE WHEN p.duplicate = 1 THEN 'twice' ELSE 'late' END
       || ', neither refunded nor due to be'
FROM payments p
LEFT JOIN orders o ON p.app = 'shop' AND CAST(o.order_no AS TEXT) = p.reference
WHERE p.state = 'paid' AND (p.duplicate = 1 OR o.status = 'closed') AND p.refund_due = 0
  AND p.refund_reserved < p.amount
  AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.state = 'failed')
  AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.key = p.reference AND e.topic LIKE 'payment.%'
                  AND e.published_at IS NULL)

-- name: paid_orders_have_their_payment
SELECT 'order ' || CAST(o.order_no AS TEXT), o.status || ' without a payment of ' || CAST(o.total AS TEXT) || ' fen'
FROM orders o
WHERE o.status IN ('paid', 'shipped', 'completed') AND o.total > 0
  AND NOT EXISTS (SELECT 1 FROM payments p
                  WHERE p.app = 'shop' AND p.reference = CAST(o.order_no AS TEXT) AND p.state = 'paid'
                    AND p.duplicate = 0 AND p.amount = o.total)

-- name: payments_count_their_refunds
SELECT 'payment ' || CAST(p.id AS TEXT) || ' (' || p.state || ')',
       'counts ' || CAST(p.refund_reserved AS TEXT) || ' fen asked back and ' || CAST(p.refunded AS TEXT)
       || ' given back, its refunds say ' || CAST(COALESCE(r.reserved, 0) AS TEXT) || ' and '
       || CAST(COALESCE(r.succeeded, 0) AS TEXT)
FROM payments p
LEFT JOIN (
    SELECT payment_id, SUM(CASE WHEN state = 'failed' THEN 0 ELSE amount END) AS reserved,
           SUM(CASE WHEN state = 'succeeded' THEN amount ELSE 0 END) AS succeeded
    FROM refunds GROUP BY payment_id
) r ON r.payment_id = p.id
WHERE p.refund_reserved <> COALESCE(r.reserved, 0) OR p.refunded <> COALESCE(r.succeeded, 0)
   OR p.refund_reserved > p.amount OR (r.payment_id IS NOT NULL AND p.state <> 'paid')

-- What the books must hold of each payment: its money lies with the provider until it is refunded; it is a sale, or
-- owed to its payer; refunds of kept money are owed from the moment they are asked for. Fees apart.
-- name: books_agree_with_payments
SELECT 'payment ' || CAST(p.id AS TEXT) || ' (' || p.state || ')',
       'booked as clearing ' || CAST(COALESCE(b.clearing, 0) AS TEXT) || ', sales '
       || CAST(COALESCE(b.sales, 0) AS TEXT) || ', refunds ' || CAST(COALESCE(b.refunds, 0) AS TEXT)
       || ', owed ' || CAST(COALESCE(b.payable, 0) AS TEXT) || ', receivable '
       || CAST(COALESCE(b.receivable, 0) AS TEXT)
FROM payments p
LEFT JOIN (
    SELECT payment_id,
           SUM(CASE WHEN kind LIKE 'fee%' THEN 0 WHEN debit = 'clearing' THEN amount
                    WHEN credit = 'clearing' THEN -amount ELSE 0 END) AS clearing,
           SUM(CASE WHEN credit = 'sales' THEN amount WHEN debit = 'sales' THEN -amount ELSE 0 END) AS sales,
           SUM(CASE WHEN debit = 'refunds' THEN amount WHEN credit = 'refunds' THEN -amount ELSE 0 END) AS refunds,
           SUM(CASE WHEN credit = 'refunds_payable' THEN amount WHEN debit = 'refunds_payable' THEN -amount
                    ELSE 0 END) AS payable,
           SUM(CASE WHEN debit = 'receivable' THEN amount WHEN credit = 'receivable' THEN -amount
                    ELSE 0 END) AS receivable
    FROM book_entries GROUP BY payment_id
) b ON b.payment_id = p.id
LEFT JOIN (
    SELECT payment_id, SUM(CASE WHEN kept = 1 AND state <> 'failed' THEN amount ELSE 0 END) AS asked,
           SUM(CASE WHEN state = 'succeeded' THEN amount ELSE 0 END) AS succeeded
    FROM refunds GROUP BY payment_id
) r ON r.payment_id = p.id
WHERE COALESCE(b.clearing, 0) <> CASE WHEN p.state = 'paid' THEN p.amount ELSE 0 END - COALESCE(r.succeeded, 0)
   OR COALESCE(b.sales, 0) <> CASE WHEN p.state = 'paid' AND p.refund_due = 0 THEN p.amount ELSE 0 END
   OR COALESCE(b.refunds, 0) <> COALESCE(r.asked, 0)
   OR COALESCE(b.payable, 0) <> CASE WHEN p.state = 'paid' AND p.refund_due = 1 THEN p.amount ELSE 0 END
                                + COALESCE(r.asked, 0) - COALESCE(r.succeeded, 0)
   OR COALESCE(b.receivable, 0) <> 0

-- In sum, for each provider: paid - refunded - fees.
-- name: clearing_is_paid_less_refunded
SELECT t.provider || ' ' || t.merchant,
       'paid - refunded is ' || CAST(SUM(t.expected) AS TEXT) || ', clearing and fees hold '
       || CAST(SUM(t.booked) AS TEXT)
FROM (
    SELECT provider, merchant, amount - refunded AS expected, 0 AS booked FROM payments WHERE state = 'paid'
    UNION ALL
    SELECT provider, merchant, 0, CASE WHEN debit = 'clearing' OR debit = 'fees' THEN amount ELSE 0 END
                                  - CASE WHEN credit = 'clearing' OR credit = 'fees' THEN amount ELSE 0 END
    FROM book_entries
) AS t
GROUP BY t.provider, t.merchant
HAVING SUM(t.expected) <> SUM(t.booked)

-- name: slow_refunds_are_told
SELECT 'refund ' || CAST(id AS TEXT),
       state || ' for ' || CAST(($1 - created_at) / 3600000 AS TEXT) || ' hours, and no person was told'
FROM refunds
WHERE (state = 'requested' OR state = 'processing') AND stuck = 0 AND created_at < $1 - 90000000

-- name: unpaid_orders_expire
SELECT 'order ' || CAST(order_no AS TEXT),
       'still awaits payment ' || CAST(($1 - expires_at) / 1000 AS TEXT) || ' s after its expiry'
FROM orders WHERE status = 'pending_payment' AND expires_at < $1 - 60000

-- name: totals_add_up
SELECT 'order ' || CAST(o.order_no AS TEXT),
       'items ' || CAST(COALESCE(SUM(i.subtotal), 0) AS TEXT) || ' - ' || CAST(o.discount_total AS TEXT) || ' + '
       || CAST(o.freight AS TEXT) || ' is not ' || CAST(o.total AS TEXT)
FROM orders o
LEFT JOIN order_items i ON i.order_no = o.order_no
GROUP BY o.order_no, o.items_total, o.discount_total, o.freight, o.total
HAVING COUNT(i.sku_id) = 0 OR COALESCE(SUM(i.subtotal), 0) <> o.items_total
    OR COALESCE(SUM(i.subtotal), 0) - o.discount_total + o.freight <> o.total

-- name: items_belong_to_the_buyer
SELECT 'order ' || CAST(o.order_no AS TEXT), 'a line names user ' || CAST(i.user_id AS TEXT)
FROM orders o JOIN order_items i ON i.order_no = o.order_no WHERE i.user_id <> o.user_id

-- name: timelines_are_whole
SELECT 'order ' || CAST(o.order_no AS TEXT),
       'version ' || CAST(o.version AS TEXT) || ' and ' || CAST(COUNT(e.version) AS TEXT) || ' events'
FROM orders o
LEFT JOIN order_events e ON e.order_no = o.order_no
GROUP BY o.order_no, o.version
HAVING COUNT(e.version) <> o.version OR MAX(e.version) <> o.version

-- name: timelines_end_in_the_status
SELECT 'order ' || CAST(o.order_no AS TEXT), 'is ' || o.status || ', its last event says ' || e.status
FROM orders o JOIN order_events e ON e.order_no = o.order_no AND e.version = o.version
WHERE e.status <> o.status

-- name: promotion_stock_equals_ledger
SELECT 'promotion item ' || CAST(s.item_id AS TEXT),
       'stock ' || CAST(s.available AS TEXT) || '/' || CAST(s.reserved AS TEXT) || '/' || CAST(s.sold AS TEXT)
       || ', ledger ' || CAST(COALESCE(l.available, 0) AS TEXT) || '/' || CAST(COALESCE(l.reserved, 0) AS TEXT)
       || '/' || CAST(COALESCE(l.sold, 0) AS TEXT) || ' (available/reserved/sold)'
FROM promotion_stock s
LEFT JOIN (
    SELECT promotion_item_id,
           SUM(CASE kind WHEN 'GRANT' THEN quantity WHEN 'TRANSFER' THEN quantity WHEN 'ADJUST' THEN quantity
                         WHEN 'RELEASE' THEN quantity WHEN 'RETURN' THEN quantity
                         WHEN 'RESERVE' THEN -quantity ELSE 0 END) AS available,
           SUM(CASE kind WHEN 'RESERVE' THEN quantity WHEN 'CONFIRM' THEN -quantity
                         WHEN 'RELEASE' THEN -quantity ELSE 0 END) AS reserved,
           SUM(CASE kind WHEN 'CONFIRM' THEN quantity WHEN 'RETURN' THEN -quantity ELSE 0 END) AS sold
    FROM stock_ledger WHERE promotion_item_id IS NOT NULL GROUP BY promotion_item_id
) l ON l.promotion_item_id = s.item_id
WHERE s.available <> COALESCE(l.available, 0) OR s.reserved <> COALESCE(l.reserved, 0)
   OR s.sold <> COALESCE(l.sold, 0)

-- name: promoted_ledger_has_stock
SELECT 'promotion item ' || CAST(l.promotion_item_id AS TEXT),
       CAST(COUNT(*) AS TEXT) || ' ledger rows of sku ' || CAST(l.sku_id AS TEXT)
       || CASE WHEN MIN(i.sku_id) = l.sku_id THEN ', no row of promotion_stock' ELSE ', which is not its SKU' END
FROM stock_ledger l
JOIN promotion_items i ON i.id = l.promotion_item_id
LEFT JOIN promotion_stock s ON s.item_id = l.promotion_item_id
WHERE s.item_id IS NULL OR i.sku_id <> l.sku_id
GROUP BY l.promotion_item_id, l.sku_id

-- What a promotion item gets by TRANSFER, ordinary stock gives, and the other way round.
-- name: transfers_balance
SELECT 'sku ' || CAST(sku_id AS TEXT),
       'ordinary stock gave ' || CAST(-SUM(CASE WHEN promotion_item_id IS NULL THEN quantity ELSE 0 END) AS TEXT)
       || ' units, promotions got '
       || CAST(SUM(CASE WHEN promotion_item_id IS NULL THEN 0 ELSE quantity END) AS TEXT)
FROM stock_ledger WHERE kind = 'TRANSFER'
GROUP BY sku_id HAVING SUM(quantity) <> 0

-- name: offers_are_counted
SELECT 'promotion item ' || CAST(s.item_id AS TEXT),
       CAST(s.offered AS TEXT) || ' units kept for the waitlist, offers open: ' || CAST(COUNT(w.id) AS TEXT)
FROM promotion_stock s
LEFT JOIN promotion_waitlist w ON w.item_id = s.item_id AND w.state = 'offered'
GROUP BY s.item_id, s.offered
HAVING COUNT(w.id) <> s.offered

-- name: lines_move_their_own_stock
SELECT 'order ' || CAST(l.order_no AS TEXT) || ' sku ' || CAST(l.sku_id AS TEXT),
       l.kind || ' of ' || COALESCE('promotion item ' || CAST(l.promotion_item_id AS TEXT), 'ordinary stock')
       || ', the line is of ' || COALESCE('promotion item ' || CAST(i.promotion_item_id AS TEXT), 'ordinary stock')
FROM stock_ledger l
JOIN order_items i ON i.order_no = l.order_no AND i.sku_id = l.sku_id
WHERE COALESCE(l.promotion_item_id, 0) <> COALESCE(i.promotion_item_id, 0)

-- name: nobody_is_above_the_limit
SELECT 'promotion item ' || CAST(c.item_id AS TEXT) || ' user ' || CAST(c.user_id AS TEXT),
       CAST(COUNT(*) AS TEXT) || ' live units, the limit is ' || CAST(i.per_user_max AS TEXT)
FROM promotion_claims c
JOIN promotion_items i ON i.id = c.item_id
WHERE c.slot > 0
GROUP BY c.item_id, c.user_id, i.per_user_max
HAVING COUNT(*) > i.per_user_max

-- An order that was paid and then closed (refunded) has bought its units.
-- name: claims_match_their_order
SELECT 'order ' || CAST(o.order_no AS TEXT) || ' promotion item ' || CAST(i.promotion_item_id AS TEXT),
       o.status || ': quantity ' || CAST(i.quantity AS TEXT) || ', live claims ' || CAST(COUNT(c.slot) AS TEXT)
FROM order_items i
JOIN orders o ON o.order_no = i.order_no
LEFT JOIN promotion_claims c ON c.item_id = i.promotion_item_id AND c.user_id = i.user_id
     AND c.order_no = i.order_no AND c.slot > 0
WHERE i.promotion_item_id IS NOT NULL
GROUP BY o.order_no, o.status, o.close_reason, i.promotion_item_id, i.quantity
HAVING COUNT(c.slot) <> CASE WHEN o.status = 'closed' AND o.close_reason <> 'refunded' THEN 0
                             ELSE i.quantity END

-- name: claims_name_an_order_line
SELECT 'promotion item ' || CAST(c.item_id AS TEXT) || ' user ' || CAST(c.user_id AS TEXT),
       'a claim of order ' || CAST(c.order_no AS TEXT) || ', which has no such line'
FROM promotion_claims c
WHERE NOT EXISTS (SELECT 1 FROM order_items i WHERE i.order_no = c.order_no AND i.user_id = c.user_id
                  AND i.promotion_item_id = c.item_id)

-- name: promoted_lines_have_the_price
SELECT 'order ' || CAST(l.order_no AS TEXT),
       'sku ' || CAST(l.sku_id AS TEXT) || ' for ' || CAST(l.price AS TEXT) || ' fen, promotion item '
       || CAST(i.id AS TEXT) || ' sells sku ' || CAST(i.sku_id AS TEXT) || ' for ' || CAST(i.price AS TEXT)
FROM order_items l
JOIN promotion_items i ON i.id = l.promotion_item_id
WHERE l.price <> i.price OR l.sku_id <> i.sku_id OR l.product_id <> i.product_id

-- The row that decides holds copies; they are written in the transaction that changes what they copy.
-- name: promotion_stock_copies_its_promotion
SELECT 'promotion item ' || CAST(i.id AS TEXT) || ' (' || p.state || ')',
       CASE WHEN s.item_id IS NULL THEN 'no row of promotion_stock'
            WHEN p.state = 'draft' THEN 'a row of promotion_stock before publication'
            WHEN s.epoch <> p.epoch THEN 'epoch ' || CAST(s.epoch AS TEXT) || ', the promotion has '
                 || CAST(p.epoch AS TEXT)
            WHEN s.opens_at <> p.starts_at OR s.closes_at <> p.ends_at THEN 'another window than its promotion'
            ELSE 'open is ' || CAST(s.open AS TEXT) || ', paused ' || CAST(p.paused AS TEXT) || ', stopped '
                 || CAST(w.stopped AS TEXT) END
FROM promotion_items i
JOIN promotions p ON p.id = i.promotion_id
CROSS JOIN flash_sale_switch w
LEFT JOIN promotion_stock s ON s.item_id = i.id
WHERE (p.state = 'draft' AND s.item_id IS NOT NULL)
   OR (p.state <> 'draft' AND s.item_id IS NULL)
   OR s.epoch <> p.epoch OR s.opens_at <> p.starts_at OR s.closes_at <> p.ends_at
   OR s.open <> CASE WHEN p.state = 'published' AND p.paused = 0 AND w.stopped = 0 THEN 1 ELSE 0 END

-- name: ended_promotions_keep_nothing
SELECT 'promotion item ' || CAST(i.id AS TEXT),
       CAST(s.available AS TEXT) || ' units left, live places on the waitlist: '
       || CAST((SELECT COUNT(*) FROM promotion_waitlist w
                WHERE w.item_id = i.id AND w.state IN ('waiting', 'offered')) AS TEXT)
FROM promotion_items i
JOIN promotions p ON p.id = i.promotion_id
JOIN promotion_stock s ON s.item_id = i.id
WHERE p.state = 'ended'
  AND (s.available <> 0 OR EXISTS (SELECT 1 FROM promotion_waitlist w
                                   WHERE w.item_id = i.id AND w.state IN ('waiting', 'offered')))

-- name: waitlists_are_in_order
SELECT 'promotion item ' || CAST(w.item_id AS TEXT) || ' user ' || CAST(w.user_id AS TEXT),
       'has an offer at place ' || CAST(w.id AS TEXT) || ', place ' || CAST(f.id AS TEXT) || ' still waits'
FROM promotion_waitlist w
JOIN (SELECT item_id, MIN(id) AS id FROM promotion_waitlist WHERE state = 'waiting' GROUP BY item_id) f
     ON f.item_id = w.item_id
WHERE w.state = 'offered' AND w.id > f.id

-- name: taken_offers_are_orders
SELECT 'promotion item ' || CAST(w.item_id AS TEXT) || ' user ' || CAST(w.user_id AS TEXT),
       'the offer was taken by order ' || CAST(w.order_no AS TEXT) || ', which has no such line'
FROM promotion_waitlist w
WHERE w.state = 'taken'
  AND NOT EXISTS (SELECT 1 FROM order_items i WHERE i.order_no = w.order_no AND i.user_id = w.user_id
                  AND i.promotion_item_id = w.item_id)
