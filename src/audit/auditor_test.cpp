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
    "(1, 'GRANT', 12, NULL, 0), (1, 'ADJUST', -2, NULL, 0), "
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
    "amount, currency, description, created_at, expires_at, paid_at, refunded) VALUES "
    "(1, 'shop', '100', '7', 'wechat_pay', 'm', 'T100', 'X100', 'paid', 1100, 'CNY', 'd', 0, 0, 1, "
    "0), "
    "(3, 'shop', '103', '7', 'wechat_pay', 'm', 'T103', 'X103', 'paid', 600, 'CNY', 'd', 0, 0, 1, "
    "600)",
};

class Audit : public test::DatabaseTest {
protected:
    void SetUp() override {
        DatabaseTest::SetUp();
        if (IsSkipped()) return;
        for (const std::string_view statement : kSoundShop) execute(statement);
        execute(
            "INSERT INTO idempotency_keys (owner, key, fingerprint, status, answer, created_at) "
            "VALUES ('u7', 'k1', $1, 201, "
            "'{\"order_no\":\"100\",\"total\":1100,\"expires_at\":\"x\"}', 0)",
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
    std::string_view rule;  // its meaning
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
    {"UPDATE payments SET refunded = 0 WHERE id = 3",
     "late and double payments are refunded or due to be"},
    {"UPDATE payments SET duplicate = 1 WHERE id = 1",
     "late and double payments are refunded or due to be"},
    {"DELETE FROM payments WHERE id = 1", "every paid order has its payment"},
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
};

TEST_P(Audit, finds_every_damage) {
    for (const Damage& damage : kDamages) {
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
