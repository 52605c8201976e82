"""Reads what the shop and the simulator have in their databases; shares no code with either."""

import json
import os
import sqlite3

# The next moment at which something is to be done; null when nothing is.
SHOP_DUE = """
SELECT MIN(due) AS due FROM (
    SELECT MIN(next_query_at) AS due FROM payments
    UNION ALL SELECT MIN(give_back_at) FROM payments
    UNION ALL SELECT MIN(next_try_at) FROM refunds
    UNION ALL SELECT MIN(expires_at) FROM orders WHERE status = 'pending_payment'
    UNION ALL SELECT MIN(0) FROM outbox WHERE published_at IS NULL) AS work
"""
SIMULATOR_DUE = """
SELECT MIN(due) AS due FROM (
    SELECT MIN(due_at) AS due FROM sandbox_events
    UNION ALL SELECT MIN(due_at) FROM wechat_refunds
    UNION ALL SELECT MIN(due_at) FROM alipay_refunds)
"""
PAYMENTS = """
SELECT id, reference, provider, out_trade_no, transaction_id, state, amount, refunded, refund_reserved, late,
       duplicate, suspect, refund_due, failure
FROM payments ORDER BY id
"""
REFUNDS = """
SELECT r.id, r.payment_id, r.provider, r.out_refund_no, r.origin, r.state, r.amount, r.failure, r.resolution,
       r.request_key, p.out_trade_no, p.reference
FROM refunds r JOIN payments p ON p.id = r.payment_id ORDER BY r.id
"""
ORDERS = """
SELECT CAST(order_no AS TEXT) AS order_no, status, payment_status, close_reason, total, shipped_at
FROM orders ORDER BY order_no
"""
RETURNED = "SELECT CAST(order_no AS TEXT) AS order_no, CAST(sku_id AS TEXT) AS sku_id, returned FROM order_items"
# What the books say that each provider has of ours.
CLEARING = """
SELECT provider, SUM(CASE WHEN debit = 'clearing' THEN amount ELSE -amount END) AS clearing,
       SUM(CASE WHEN kind LIKE 'received%' THEN amount ELSE 0 END) AS paid,
       SUM(CASE WHEN kind = 'refund_paid' THEN amount ELSE 0 END) AS refunded
FROM book_entries WHERE debit = 'clearing' OR credit = 'clearing' GROUP BY provider
"""

# What WeChat Pay took back of its fee, and charged again when the refund failed.
FAILED_FEES = "SELECT fee_back, created_at, settled_at FROM wechat_refunds WHERE state = 'CLOSED'"


class Reader:
    """Of a SQLite file that somebody else writes."""

    def __init__(self, file):
        self.file = file

    def rows(self, query):
        database = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)
        database.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in database.execute(query)]
        finally:
            database.close()


class PostgresReader:
    def __init__(self, database):
        self.database = database

    def rows(self, query):
        text = self.database.psql(f"SELECT COALESCE(json_agg(t), '[]') FROM ({query}) t", self.database.name)
        return json.loads(text)


def shop_reader(ground, database):
    if database:
        return PostgresReader(database)
    return Reader(os.path.join(ground.shop.data, "doorbuster.db"))


def simulator_reader(ground):
    return Reader(os.path.join(ground.simulator.data, "sandbox.db"))


def next_due(shop, simulator):
    moments = [rows[0]["due"] for rows in (shop.rows(SHOP_DUE), simulator.rows(SIMULATOR_DUE))]
    moments = [moment for moment in moments if moment is not None]
    return min(moments) if moments else None
