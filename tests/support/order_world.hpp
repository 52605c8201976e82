#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "audit/auditor.hpp"
#include "orders/errors.hpp"
#include "orders/order_queries.hpp"
#include "orders/order_service.hpp"
#include "support/fake_refund_desk.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"
#include "support/shop_data.hpp"
#include "support/test_database.hpp"

namespace doorbuster::test {

// A payment side that a test plays by hand. Thread-safe.
class FakeCheckout final : public payments::Checkout {
public:
    Task<Result<payments::PaymentView>> pay(
        const payments::PaymentOrder& order, const std::string& provider
    ) override {
        const std::lock_guard lock{mutex_};
        if (refusal_) co_return *refusal_;
        asked_.push_back(order);
        attempted_.insert(order.reference);
        payments::PaymentView view;
        view.id = "77";
        view.reference = order.reference;
        view.provider = provider;
        view.status = "pending";
        view.amount = order.amount;
        view.code_url = "weixin://wxpay/bizpayurl?pr=" + order.reference;
        view.qr_svg = "<svg/>";
        view.expires_at = order.expires_at;
        co_return view;
    }

    void close(sql::Transaction& tx, const std::string& reference) override {
        tx.after_commit([this, reference] {
            const std::lock_guard lock{mutex_};
            closed_.push_back(reference);
        });
    }

    bool is_closed(sql::Reader&, const std::string& reference) override {
        const std::lock_guard lock{mutex_};
        return !attempted_.contains(reference);
    }

    bool keep_late(sql::Transaction&, const std::string&, const std::function<bool()>& deliver)
        override {
        return keeps_late_ && deliver();
    }
    void keep_late_payments(bool keep) { keeps_late_ = keep; }

    void refuse_with(const ErrorKind* refusal) {
        const std::lock_guard lock{mutex_};
        refusal_ = refusal;
    }
    void begin_attempt(OrderNo order) {
        const std::lock_guard lock{mutex_};
        attempted_.insert(order.to_string());
    }
    // References whose closing was asked for and committed.
    std::vector<std::string> closed() const {
        const std::lock_guard lock{mutex_};
        return closed_;
    }
    std::vector<payments::PaymentOrder> asked() const {
        const std::lock_guard lock{mutex_};
        return asked_;
    }

private:
    mutable std::mutex mutex_;
    const ErrorKind* refusal_ = nullptr;
    std::atomic<bool> keeps_late_ = false;
    std::set<std::string> attempted_;
    std::vector<std::string> closed_;
    std::vector<payments::PaymentOrder> asked_;
};

// A shop with one shopper, on a fresh database, and what tests of orders do in it.
class OrderWorld : public DatabaseTest {
protected:
    explicit OrderWorld(orders::OrderSettings settings = {})
        : service_{
              {stock_,
               carts_,
               addresses_,
               outbox_,
               audit_log_,
               checkout_,
               refund_desk_,
               numbers_,
               clock_},
              settings} {}

    using Lines = std::vector<inventory::StockLine>;

    template <class Work>
    auto write(Work work) {
        return database().write_blocking(std::move(work));
    }

    orders::PlaceOrder wish(Lines lines) const {
        return {.user = buyer_, .address = address_, .lines = std::move(lines)};
    }
    Result<orders::Order> place(const orders::PlaceOrder& wanted) {
        return write([&](sql::Transaction& tx) { return service_.place(tx, wanted); });
    }
    // Must succeed.
    OrderNo placed(Lines lines) { return place(wish(std::move(lines))).value().number; }

    Result<orders::Order> cancel(OrderNo number) { return cancel(buyer_, number); }
    Result<orders::Order> cancel(UserId user, OrderNo number) {
        return write([&](sql::Transaction& tx) { return service_.cancel(tx, user, number); });
    }
    Result<orders::Order> ship(OrderNo number, const std::string& tracking_number = "SF1") {
        return write([&](sql::Transaction& tx) {
            return service_.ship(tx, staff_, number, "SF Express", tracking_number);
        });
    }
    Result<orders::Order> confirm(UserId user, OrderNo number) {
        return write([&](sql::Transaction& tx) { return service_.confirm(tx, user, number); });
    }
    void expire(OrderNo number) {
        write([&](sql::Transaction& tx) { service_.expire(tx, number); });
    }

    payments::PaymentEvent event(OrderNo number) {
        payments::PaymentEvent event;
        event.payment = "77";
        event.app = "shop";
        event.reference = number.to_string();
        event.provider = "wechat_pay";
        event.amount = order(number).total;
        event.paid_at = clock_.now();
        return event;
    }
    void succeed(OrderNo number) {
        const auto what = event(number);
        write([&](sql::Transaction& tx) { service_.payment_succeeded(tx, what); });
    }
    void tell_closed(OrderNo number) {
        const auto what = event(number);
        write([&](sql::Transaction& tx) { service_.payment_closed(tx, what); });
    }
    void tell_refund_due(OrderNo number, bool duplicate = false) {
        auto what = event(number);
        what.duplicate = duplicate;
        what.late = !duplicate;
        write([&](sql::Transaction& tx) { service_.payment_refund_due(tx, what); });
    }

    orders::OrderDetail detail(OrderNo number) {
        return database()
            .read_blocking([&](sql::Reader& reader) {
                return orders::get_order(reader, std::nullopt, number);
            })
            .value();
    }
    orders::Order order(OrderNo number) { return detail(number).order; }
    std::string status(OrderNo number) {
        return std::string{orders::to_string(order(number).status)};
    }
    // "placed,closing,closed"
    std::string story(OrderNo number) {
        std::string kinds;
        for (const auto& entry : detail(number).timeline) {
            kinds += (kinds.empty() ? "" : ",") + entry.kind;
        }
        return kinds;
    }
    // The topics of everything told about an order, in order.
    std::string topics(OrderNo number) {
        static constexpr sql::Statement kTopics =
            both("SELECT topic FROM outbox WHERE key = $1 ORDER BY id");
        const std::string key = number.to_string();
        const auto read = [&](sql::Reader& reader) {
            return reader.all(kTopics, {key}, [](const sql::Row& row) { return row.string(0); });
        };
        std::string all;
        for (const std::string& topic : database().read_blocking(read)) {
            all += (all.empty() ? "" : ",") + topic;
        }
        return all;
    }
    inventory::StockLevel level(SkuId sku) {
        return database().read_blocking([&](sql::Reader& reader) {
            return stock_.levels(reader, std::span{&sku, 1}).at(sku);
        });
    }
    void expect_level(SkuId sku, std::int64_t available, std::int64_t reserved, std::int64_t sold) {
        const auto found = level(sku);
        EXPECT_EQ(found.available, available);
        EXPECT_EQ(found.reserved, reserved);
        EXPECT_EQ(found.sold, sold);
    }

    // The project's own audit. Payments are played here by hand and leave no rows, so the rules
    // that look for them say nothing about these tests.
    void expect_clean() {
        const auto verdicts = database().read_blocking([&](sql::Reader& reader) {
            return audit::audit(reader, clock_.now());
        });
        for (const auto& verdict : verdicts) {
            if (verdict.rule->query->name == "audit.paid_orders_have_their_payment") continue;
            for (const auto& finding : verdict.findings) {
                ADD_FAILURE() << verdict.rule->id << ' ' << finding.subject << ": " << finding.what;
            }
        }
    }

    ManualClock clock_;
    SeededRandom random_{11};
    inventory::InventoryService stock_{clock_};
    cart::CartService carts_{clock_};
    shipping::AddressService addresses_{clock_};
    events::Outbox outbox_{clock_};
    events::AuditLog audit_log_{clock_};
    FakeCheckout checkout_;
    FakeRefundDesk refund_desk_;
    orders::OrderNumbers numbers_{clock_, random_};
    orders::OrderService service_;

    ShopData shop_{database()};
    UserId buyer_ = shop_.add_user("buyer");
    UserId other_ = shop_.add_user("other");
    UserId staff_ = shop_.add_user("staff");
    AddressId address_ = shop_.add_address(buyer_);
    SkuId teapot_ = shop_.add_stocked_sku(Money::fen(2500), 10, "茶壶");
    SkuId cup_ = shop_.add_stocked_sku(Money::fen(300), 50, "Cup");
};

}  // namespace doorbuster::test
