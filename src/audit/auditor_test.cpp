#include "audit/auditor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/test_database.hpp"

namespace doorbuster::audit {
namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;

// A small shop in which every rule holds: SKU 1 with 10 units granted; order 100 paid (2 units),
// order 101 awaiting payment (1), order 102 closed by time (3), order 103 refunded after payment
// (1).
const std::vector<std::string_view> kSoundShop = {
    "INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at) "
    "VALUES (7, 'ann', 'ann', 'x', 0, 0)",
    "INSERT INTO products (id, handle, title, status, created_at, updated_at) "
    "VALUES (1, 'cup', 'Cup', 'active', 0, 0)",
    "INSERT INTO skus (id, product_id, price, created_at, updated_at) VALUES (1, 1, 500, 0, 0)",
    "INSERT INTO stock (sku_id, available, reserved, sold) VALUES (1, 6, 1, 3)",
    "INSERT INTO stock_ledger (sku_id, kind, quantity, order_no, at) VALUES "
    "(1, 'GRANT', 17, NULL, 0), (1, 'ADJUST', -2, NULL, 0), (1, 'TRANSFER', -5, NULL, 0), "
    "(1, 'RESERVE', 2, 100, 0), (1, 'CONFIRM', 2, 100, 0), (1, 'RESERVE', 1, 101, 0), "
    "(1, 'RESERVE', 3, 102, 0), (1, 'RELEASE', 3, 102, 0), "
    "(1, 'RESERVE', 1, 103, 0), (1, 'CONFIRM', 1, 103, 0)",
    "INSERT INTO orders (order_no, user_id, status, payment_status, fulfillment_status, "
    "close_reason, version, "
    "items_total, freight, total, currency, address, created_at, expires_at, paid_at) VALUES "
    "(100, 7, 'paid', 'paid', 'unfulfilled', NULL, 2, 1000, 100, 1100, 'CNY', '{}', 0, 0, 1), "
    "(101, 7, 'pending_payment', 'unpaid', 'unfulfilled', NULL, 1, 500, 100, 600, 'CNY', '{}', 0, "
    "1790000000000, NULL), "
    "(102, 7, 'closed', 'unpaid', 'unfulfilled', 'timeout', 2, 1500, 100, 1600, 'CNY', '{}', 0, 0, "
    "NULL), "
    "(103, 7, 'closed', 'refunded', 'unfulfilled', 'refunded', 3, 500, 100, 600, 'CNY', '{}', 0, "
    "0, 1)",
    "INSERT INTO order_items (order_no, user_id, sku_id, product_id, title, options, sku, price, "
    "quantity, "
    "subtotal) VALUES (100, 7, 1, 1, 'Cup', '', '', 500, 2, 1000), (101, 7, 1, 1, 'Cup', '', '', "
    "500, 1, 500), "
    "(102, 7, 1, 1, 'Cup', '', '', 500, 3, 1500), (103, 7, 1, 1, 'Cup', '', '', 500, 1, 500)",
    "INSERT INTO order_events (order_no, version, kind, status, actor, at) VALUES "
    "(100, 1, 'placed', 'pending_payment', 'u7', 0), (100, 2, 'paid', 'paid', 'payment', 0), "
    "(101, 1, 'placed', 'pending_payment', 'u7', 0), "
    "(102, 1, 'placed', 'pending_payment', 'u7', 0), (102, 2, 'closed', 'closed', 'system', 0), "
    "(103, 1, 'placed', 'pending_payment', 'u7', 0), (103, 2, 'paid', 'paid', 'payment', 0), "
    "(103, 3, 'refunded', 'closed', 'u1', 0)",
    "INSERT INTO payments (id, app, reference, owner, provider, merchant, out_trade_no, "
    "transaction_id, state, "
    "amount, currency, description, created_at, expires_at, paid_at, refunded, refund_reserved) "
    "VALUES "
    "(1, 'shop', '100', '7', 'wechat_pay', 'm', 'T100', 'X100', 'paid', 1100, 'CNY', 'd', 0, 0, 1, "
    "0, 0), "
    "(3, 'shop', '103', '7', 'wechat_pay', 'm', 'T103', 'X103', 'paid', 600, 'CNY', 'd', 0, 0, 1, "
    "600, 600)",
};

// Order 100 was paid a second time (payment 4): that money is on its way back.
const std::vector<std::string_view> kSoundBooks = {
    "INSERT INTO payments (id, app, reference, owner, provider, merchant, out_trade_no, "
    "transaction_id, state, amount, currency, description, created_at, expires_at, paid_at, "
    "duplicate, refund_due, refund_reserved) VALUES "
    "(4, 'shop', '100', '7', 'alipay', 'm', 'T100b', 'X100b', 'paid', 1100, 'CNY', 'd', 0, 0, 1, "
    "1, 1, 1100)",
    "INSERT INTO refunds (id, payment_id, provider, merchant, out_refund_no, origin, state, "
    "amount, kept, reason, asked_by, created_at, settled_at) VALUES "
    "(1, 13, 'wechat_pay', 'm', 'T203R1', 'staff', 'failed', 100, 1, 'r', 'u1', 0, 1), "
    "(2, 3, 'wechat_pay', 'm', 'T103R2', 'staff', 'succeeded', 600, 1, 'r', 'u1', 0, 1), "
    "(3, 4, 'alipay', 'm', 'T100bA', 'duplicate', 'processing', 1100, 0, 'r', 'system', "
    "1789999000000, NULL)",
    "INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, credit, "
    "amount, currency, at) VALUES "
    "('sale', 'payment 1', 1, 'wechat_pay', 'm', 'receivable', 'sales', 1100, 'CNY', 1), "
    "('received', 'payment 1', 1, 'wechat_pay', 'm', 'clearing', 'receivable', 1100, 'CNY', 1), "
    "('fee', 'payment 1', 1, 'wechat_pay', 'm', 'fees', 'clearing', 7, 'CNY', 1), "
    "('sale', 'payment 3', 3, 'wechat_pay', 'm', 'receivable', 'sales', 600, 'CNY', 1), "
    "('received', 'payment 3', 3, 'wechat_pay', 'm', 'clearing', 'receivable', 600, 'CNY', 1), "
    "('refund_asked', 'refund 1', 13, 'wechat_pay', 'm', 'refunds', 'refunds_payable', 100, 'CNY', "
    "1), "
    "('refund_failed', 'refund 1', 13, 'wechat_pay', 'm', 'refunds_payable', 'refunds', 100, "
    "'CNY', "
    "1), "
    "('refund_asked', 'refund 2', 3, 'wechat_pay', 'm', 'refunds', 'refunds_payable', 600, 'CNY', "
    "1), "
    "('refund_paid', 'refund 2', 3, 'wechat_pay', 'm', 'refunds_payable', 'clearing', 600, 'CNY', "
    "1), "
    "('received_unkept', 'payment 4', 4, 'alipay', 'm', 'clearing', 'refunds_payable', 1100, "
    "'CNY', 1), "
    "('sale', 'payment 11', 11, 'wechat_pay', 'm', 'receivable', 'sales', 300, 'CNY', 1), "
    "('received', 'payment 11', 11, 'wechat_pay', 'm', 'clearing', 'receivable', 300, 'CNY', 1), "
    "('sale', 'payment 13', 13, 'wechat_pay', 'm', 'receivable', 'sales', 200, 'CNY', 1), "
    "('received', 'payment 13', 13, 'wechat_pay', 'm', 'clearing', 'receivable', 200, 'CNY', 1)",
};

// Its flash sales: promotion 1 is on, with 5 units set apart for item 1: order 200 awaits payment
// (1, from the waitlist), order 201 is paid (2), order 202 closed by time (1), one unit is offered
// to user 7 while user 9 waits. Promotion 2 was a rehearsal of 4 units and is over: order 203 (1).
// Promotion 3 is a draft.
const std::vector<std::string_view> kSoundSales = {
    "INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at) VALUES "
    "(8, 'bob', 'bob', 'x', 0, 0), (9, 'cay', 'cay', 'x', 0, 0)",
    "INSERT INTO promotions (id, name, state, shadow, starts_at, ends_at, epoch, created_at, "
    "published_at, ended_at) VALUES (1, 'On', 'published', 0, 5, 9, 2, 0, 1, NULL), "
    "(2, 'Over', 'ended', 1, 5, 9, 1, 0, 1, 9), (3, 'Draft', 'draft', 0, 5, 9, 0, 0, NULL, NULL)",
    "INSERT INTO promotion_items (id, promotion_id, sku_id, product_id, price, allotment, "
    "per_user_max, per_order_max) VALUES (1, 1, 1, 1, 100, 5, 2, 2), (2, 2, 1, 1, 100, 4, 1, 1), "
    "(3, 3, 1, 1, 100, 4, 1, 1)",
    "INSERT INTO promotion_stock (item_id, open, epoch, opens_at, closes_at, available, offered, "
    "reserved, sold) VALUES (1, 1, 2, 5, 9, 2, 1, 1, 2), (2, 0, 1, 5, 9, 0, 0, 0, 1)",
    "INSERT INTO stock_ledger (sku_id, kind, quantity, order_no, at, promotion_item_id) VALUES "
    "(1, 'TRANSFER', 5, NULL, 0, 1), (1, 'RESERVE', 1, 200, 0, 1), (1, 'RESERVE', 2, 201, 0, 1), "
    "(1, 'CONFIRM', 2, 201, 0, 1), (1, 'RESERVE', 1, 202, 0, 1), (1, 'RELEASE', 1, 202, 0, 1), "
    "(1, 'GRANT', 4, NULL, 0, 2), (1, 'RESERVE', 1, 203, 0, 2), (1, 'CONFIRM', 1, 203, 0, 2), "
    "(1, 'ADJUST', -3, NULL, 0, 2)",
    "INSERT INTO orders (order_no, user_id, status, payment_status, fulfillment_status, "
    "close_reason, version, items_total, freight, total, currency, address, created_at, "
    "expires_at, paid_at) VALUES "
    "(200, 8, 'pending_payment', 'unpaid', 'unfulfilled', NULL, 1, 100, 100, 200, 'CNY', '{}', 0, "
    "1790000000000, NULL), "
    "(201, 7, 'paid', 'paid', 'unfulfilled', NULL, 2, 200, 100, 300, 'CNY', '{}', 0, 0, 1), "
    "(202, 9, 'closed', 'unpaid', 'unfulfilled', 'timeout', 2, 100, 100, 200, 'CNY', '{}', 0, 0, "
    "NULL), "
    "(203, 7, 'paid', 'paid', 'unfulfilled', NULL, 2, 100, 100, 200, 'CNY', '{}', 0, 0, 1)",
    "INSERT INTO order_items (order_no, user_id, sku_id, product_id, title, options, sku, price, "
    "quantity, subtotal, promotion_item_id) VALUES "
    "(200, 8, 1, 1, 'Cup', '', '', 100, 1, 100, 1), (201, 7, 1, 1, 'Cup', '', '', 100, 2, 200, 1), "
    "(202, 9, 1, 1, 'Cup', '', '', 100, 1, 100, 1), (203, 7, 1, 1, 'Cup', '', '', 100, 1, 100, 2)",
    "INSERT INTO order_events (order_no, version, kind, status, actor, at) VALUES "
    "(200, 1, 'placed', 'pending_payment', 'u8', 0), "
    "(201, 1, 'placed', 'pending_payment', 'u7', 0), (201, 2, 'paid', 'paid', 'payment', 0), "
    "(202, 1, 'placed', 'pending_payment', 'u9', 0), (202, 2, 'closed', 'closed', 'system', 0), "
    "(203, 1, 'placed', 'pending_payment', 'u7', 0), (203, 2, 'paid', 'paid', 'payment', 0)",
    "INSERT INTO payments (id, app, reference, owner, provider, merchant, out_trade_no, "
    "transaction_id, state, amount, currency, description, created_at, expires_at, paid_at) VALUES "
    "(11, 'shop', '201', '7', 'wechat_pay', 'm', 'T201', 'X201', 'paid', 300, 'CNY', 'd', 0, 0, "
    "1), "
    "(13, 'shop', '203', '7', 'wechat_pay', 'm', 'T203', 'X203', 'paid', 200, 'CNY', 'd', 0, 0, "
    "1)",
    "INSERT INTO promotion_claims (item_id, user_id, slot, order_no) VALUES (1, 8, 1, 200), "
    "(1, 7, 1, 201), (1, 7, 2, 201), (1, 9, -202, 202), (2, 7, 1, 203)",
    "INSERT INTO promotion_waitlist (id, item_id, user_id, state, joined_at, offered_until, "
    "order_no) VALUES (1, 1, 8, 'taken', 0, 1, 200), (2, 1, 7, 'offered', 0, 1, NULL), "
    "(3, 1, 9, 'waiting', 0, NULL, NULL)",
};

class Audit : public test::DatabaseTest {
protected:
    void SetUp() override {
        DatabaseTest::SetUp();
        if (IsSkipped()) return;
        for (const std::string_view statement : kSoundShop) execute(statement);
        for (const std::string_view statement : kSoundSales) execute(statement);
        for (const std::string_view statement : kSoundBooks) execute(statement);
        execute(
            "INSERT INTO idempotency_keys (owner, key, fingerprint, status, answer, created_at) "
            "VALUES ('u7', 'k1', $1, 201, "
            "'{\"order_no\":\"100\",\"total\":1100,\"expires_at\":\"x\"}', 0)",
            {sql::Bytes{}}
        );
        execute(
            "UPDATE orders SET request_key = 'k' || CAST(order_no AS TEXT), "
            "request_fingerprint = $1 WHERE order_no >= 200",
            {sql::Bytes{}}
        );
    }

    std::vector<Verdict> verdicts() {
        const auto look = [](sql::Reader& reader) {
            return audit(reader, from_milliseconds(kNow));
        };
        return database().read_blocking(look);
    }
    std::set<std::string> broken() {
        std::set<std::string> meanings;
        for (const Verdict& verdict : verdicts()) {
            if (!verdict.findings.empty()) meanings.insert(std::string{verdict.rule->meaning});
        }
        return meanings;
    }

    std::vector<Verdict> found_;
};

DOORBUSTER_ON_BOTH_ENGINES(Audit);

TEST_P(Audit, finds_nothing_in_a_sound_shop) {
    const auto found = verdicts();
    EXPECT_TRUE(is_clean(found)) << report(found);
    EXPECT_EQ(found.size(), rules().size());
}

struct Damage {
    std::string_view statement;
    std::string_view rule;     // its meaning
    bool sqlite_only = false;  // the other engine has a constraint against it
};

// Every rule is broken by at least one of these.
const std::vector<Damage> kDamages = {
    {"UPDATE stock SET available = 7", "stock equals the sums of its ledger"},
    {"UPDATE stock SET sold = 2, available = 7", "stock equals the sums of its ledger"},
    {"UPDATE stock_ledger SET quantity = 13 WHERE kind = 'GRANT'",
     "available + reserved + sold = granted"},
    {"DELETE FROM stock", "every ledger row has its stock"},
    {"DELETE FROM stock_ledger WHERE order_no = 101",
     "every order line is reserved once and resolved as its order is"},
    {"DELETE FROM stock_ledger WHERE kind = 'CONFIRM' AND order_no = 100",
     "every order line is reserved once and resolved as its order is"},
    {"DELETE FROM stock_ledger WHERE kind = 'RELEASE'",
     "every order line is reserved once and resolved as its order is"},
    {"INSERT INTO stock_ledger (sku_id, kind, quantity, order_no, at) VALUES (1, 'RELEASE', 1, "
     "101, 0)",
     "every order line is reserved once and resolved as its order is"},
    {"INSERT INTO stock_ledger (sku_id, kind, quantity, order_no, at) VALUES (1, 'RESERVE', 1, "
     "999, 0)",
     "the ledger names only order lines that exist"},
    {"UPDATE idempotency_keys SET status = NULL", "every idempotency key has its answer"},
    {"UPDATE idempotency_keys SET answer = '{\"order_no\":\"999\",\"total\":1}'",
     "one idempotency key, one order"},
    {"INSERT INTO idempotency_keys (owner, key, fingerprint, status, answer, created_at) "
     "SELECT owner, 'k2', fingerprint, status, answer, 0 FROM idempotency_keys",
     "one idempotency key, one order"},
    {"UPDATE payments SET reference = '101' WHERE id = 1",
     "every payment is a paid order, or money to give back"},
    {"UPDATE payments SET amount = 1099 WHERE id = 1",
     "every payment is a paid order, or money to give back"},
    {"UPDATE payments SET reference = '999' WHERE id = 1",
     "every payment is a paid order, or money to give back"},
    {"UPDATE payments SET refunded = 0, refund_reserved = 0 WHERE id = 3",
     "late and double payments are refunded or due to be"},
    {"UPDATE payments SET duplicate = 1 WHERE id = 1",
     "late and double payments are refunded or due to be"},
    {"UPDATE payments SET app = 'other' WHERE id = 1", "every paid order has its payment"},
    {"UPDATE order_items SET returned = 1 WHERE order_no = 100",
     "units that came back are in the ledger"},
    {"INSERT INTO stock_ledger (sku_id, kind, quantity, order_no, at) VALUES (1, 'RETURN', 1, "
     "100, 0)",
     "units that came back are in the ledger"},
    {"UPDATE orders SET retaken = 1 WHERE order_no = 100",
     "every order line is reserved once and resolved as its order is"},
    {"UPDATE payments SET refund_reserved = 500 WHERE id = 1", "payments count their refunds"},
    {"UPDATE payments SET refunded = 599 WHERE id = 3", "payments count their refunds"},
    {"UPDATE refunds SET amount = 599 WHERE id = 2", "payments count their refunds"},
    {"UPDATE refunds SET payment_id = 1 WHERE id = 3", "payments count their refunds"},
    {"UPDATE payments SET state = 'closed' WHERE id = 3", "payments count their refunds"},
    {"UPDATE payments SET refund_due = 1 WHERE id = 1",
     "the books agree with payments and refunds"},
    {"UPDATE payments SET state = 'closed' WHERE id = 1",
     "the books agree with payments and refunds"},
    {"UPDATE refunds SET kept = 0 WHERE id = 2", "the books agree with payments and refunds"},
    {"UPDATE refunds SET state = 'failed', settled_at = 1 WHERE id = 2",
     "the books agree with payments and refunds"},
    {"INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, credit, "
     "amount, currency, at) VALUES ('refund_asked', 'refund 99', 1, 'wechat_pay', 'm', 'refunds', "
     "'refunds_payable', 1, 'CNY', 1)",
     "the books agree with payments and refunds"},
    {"INSERT INTO book_entries (kind, subject, payment_id, provider, merchant, debit, credit, "
     "amount, currency, at) VALUES ('refund_paid', 'refund 99', 1, 'wechat_pay', 'm', "
     "'refunds_payable', 'clearing', 1, 'CNY', 1)",
     "what providers owe is paid - refunded - fees"},
    {"UPDATE payments SET merchant = 'n' WHERE id = 1",
     "what providers owe is paid - refunded - fees"},
    {"UPDATE refunds SET created_at = 0 WHERE id = 3", "a refund that takes a day is told"},
    {"UPDATE orders SET expires_at = expires_at - 60001 WHERE order_no = 101",
     "no order awaits payment a minute after its expiry"},
    {"UPDATE orders SET items_total = 900, total = 1000 WHERE order_no = 100",
     "items - discounts + freight = total"},
    {"DELETE FROM order_items WHERE order_no = 101", "items - discounts + freight = total"},
    {"UPDATE order_items SET user_id = 8 WHERE order_no = 100",
     "an order's lines belong to its buyer"},
    {"DELETE FROM order_events WHERE order_no = 100 AND version = 1",
     "every transition has its event"},
    {"UPDATE orders SET version = 5 WHERE order_no = 100", "every transition has its event"},
    {"UPDATE order_events SET status = 'paid' WHERE order_no = 101",
     "the last event tells the status"},

    // Flash sales.
    {"UPDATE promotion_stock SET available = 3 WHERE item_id = 1",
     "the stock of a promotion item equals the sums of its ledger"},
    {"UPDATE promotion_stock SET reserved = 0, sold = 3 WHERE item_id = 1",
     "the stock of a promotion item equals the sums of its ledger"},
    {"UPDATE stock_ledger SET quantity = 5 WHERE kind = 'GRANT' AND promotion_item_id = 2",
     "the stock of a promotion item equals the sums of its ledger"},
    {"DELETE FROM promotion_stock WHERE item_id = 2",
     "the ledger of a promotion item has its stock"},
    {"UPDATE stock_ledger SET promotion_item_id = 3 WHERE kind = 'ADJUST' AND quantity = -3",
     "the ledger of a promotion item has its stock"},
    {"UPDATE stock_ledger SET quantity = 4 WHERE kind = 'TRANSFER' AND quantity = 5",
     "what ordinary stock gives, promotions get"},
    {"DELETE FROM stock_ledger WHERE kind = 'TRANSFER' AND promotion_item_id IS NULL",
     "what ordinary stock gives, promotions get"},
    {"UPDATE promotion_stock SET offered = 0 WHERE item_id = 1",
     "a unit is kept for every offer to the waitlist"},
    {"UPDATE promotion_waitlist SET state = 'passed' WHERE id = 2",
     "a unit is kept for every offer to the waitlist"},
    {"UPDATE stock_ledger SET promotion_item_id = NULL WHERE order_no = 200",
     "an order line moves the stock it is of"},
    {"UPDATE stock_ledger SET promotion_item_id = 1 WHERE order_no = 100 AND kind = 'CONFIRM'",
     "an order line moves the stock it is of"},
    {"UPDATE promotion_items SET per_user_max = 1, per_order_max = 1 WHERE id = 1",
     "nobody has more of a promotion item than its limit"},
    {"INSERT INTO promotion_claims (item_id, user_id, slot, order_no) VALUES (1, 7, 3, 201)",
     "nobody has more of a promotion item than its limit"},
    {"DELETE FROM promotion_claims WHERE order_no = 200",
     "an order has as many claims as units of a promotion"},
    {"UPDATE promotion_claims SET slot = 1 WHERE order_no = 202",
     "an order has as many claims as units of a promotion"},
    {"UPDATE promotion_claims SET order_no = 999 WHERE order_no = 202",
     "every claim is an order's"},
    {"UPDATE promotion_claims SET user_id = 9 WHERE order_no = 200", "every claim is an order's"},
    {"UPDATE orders SET request_key = 'k', request_fingerprint = (SELECT o.request_fingerprint "
     "FROM orders o WHERE o.order_no = 200) WHERE order_no = 100",
     "one key of a promotion's buyer, one order"},
    {"UPDATE orders SET request_key = 'k201' WHERE order_no = 203",
     "one key of a promotion's buyer, one order",
     true},
    {"UPDATE order_items SET price = 99, subtotal = 99 WHERE order_no = 200",
     "a promotion's units are sold at its price"},
    {"UPDATE promotion_items SET price = 101 WHERE id = 2",
     "a promotion's units are sold at its price"},
    {"UPDATE promotion_stock SET open = 0 WHERE item_id = 1",
     "what may be sold is what promotion and kill switch say"},
    {"UPDATE promotion_stock SET epoch = 1 WHERE item_id = 1",
     "what may be sold is what promotion and kill switch say"},
    {"UPDATE promotion_stock SET closes_at = 10 WHERE item_id = 1",
     "what may be sold is what promotion and kill switch say"},
    {"UPDATE promotions SET paused = 1 WHERE id = 1",
     "what may be sold is what promotion and kill switch say"},
    {"UPDATE flash_sale_switch SET stopped = 1",
     "what may be sold is what promotion and kill switch say"},
    {"INSERT INTO promotion_stock (item_id, open, epoch, opens_at, closes_at) "
     "VALUES (3, 0, 0, 5, 9)",
     "what may be sold is what promotion and kill switch say"},
    {"DELETE FROM promotion_stock WHERE item_id = 1",
     "what may be sold is what promotion and kill switch say"},
    {"UPDATE promotion_stock SET available = 1 WHERE item_id = 2",
     "an ended promotion keeps nothing"},
    {"INSERT INTO promotion_waitlist (id, item_id, user_id, state, joined_at) "
     "VALUES (50, 2, 9, 'waiting', 0)",
     "an ended promotion keeps nothing"},
    {"UPDATE promotion_waitlist SET state = CASE WHEN id = 2 THEN 'waiting' ELSE 'offered' END, "
     "offered_until = 1 WHERE id IN (2, 3)",
     "the waitlist is served in its order"},
    {"UPDATE promotion_waitlist SET order_no = 201 WHERE id = 1", "every taken offer is an order"},
};

TEST_P(Audit, finds_every_damage) {
    for (const Damage& damage : kDamages) {
        if (damage.sqlite_only && !on_sqlite()) continue;
        const auto harm_and_look = [&](sql::Transaction& tx) -> Result<std::vector<Verdict>> {
            const sql::Statement statement{"test.damage", damage.statement, damage.statement};
            const auto changed = tx.execute(statement, {});
            EXPECT_GT(changed, 0) << damage.statement;
            found_ = audit(tx, from_milliseconds(kNow));
            return kNotFound;  // rolls the damage back
        };
        EXPECT_TRUE(database().write_blocking(harm_and_look).has_error());
        std::set<std::string> meanings;
        for (const Verdict& verdict : found_) {
            if (!verdict.findings.empty()) meanings.insert(std::string{verdict.rule->meaning});
        }
        EXPECT_TRUE(meanings.contains(std::string{damage.rule})) << damage.statement << '\n'
                                                                 << report(found_);
    }
    EXPECT_TRUE(broken().empty());
}

TEST_P(Audit, every_rule_has_a_damage_that_it_finds) {
    for (const Rule& rule : rules()) {
        const bool tried = std::any_of(kDamages.begin(), kDamages.end(), [&](const Damage& damage) {
            return damage.rule == rule.meaning;
        });
        EXPECT_TRUE(tried) << rule.meaning;
    }
}

TEST_P(Audit, an_event_on_its_way_excuses_a_payment) {
    execute("UPDATE orders SET status = 'pending_payment', paid_at = NULL WHERE order_no = 100");
    execute("DELETE FROM order_events WHERE order_no = 100 AND version = 2");
    execute("UPDATE orders SET version = 1, expires_at = 1790000000000 WHERE order_no = 100");
    execute("DELETE FROM stock_ledger WHERE order_no = 100 AND kind = 'CONFIRM'");
    execute("UPDATE stock SET reserved = 3, sold = 1");
    EXPECT_EQ(
        broken(), std::set<std::string>{"every payment is a paid order, or money to give back"}
    );
    execute(
        "INSERT INTO outbox (topic, key, payload, created_at) VALUES ('payment.succeeded', '100', "
        "'{}', 0)"
    );
    EXPECT_EQ(broken(), std::set<std::string>{});
}

}  // namespace
}  // namespace doorbuster::audit
