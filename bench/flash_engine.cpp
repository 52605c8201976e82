// bench_flash_engine FOLDER [SECONDS] [AT_ONCE] [CONNINFO]: flash orders through the engine alone,
// from the desk to the durable commit, without HTTP, sessions and tokens: what the edge can at most
// reach. On SQLite in FOLDER, or on the PostgreSQL database that CONNINFO names, which must be
// empty.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>

#include "adapters/memory/memory_gate.hpp"
#include "adapters/postgres/postgres_database.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "cart/cart_service.hpp"
#include "flash_sale/flash_sale.hpp"
#include "flash_sale/model/stock_store.hpp"
#include "flash_setup.hpp"
#include "http/event_loops.hpp"
#include "orders/order_service.hpp"
#include "runtime/migrator.hpp"

namespace doorbuster {
namespace {

using setup::kUnits;
using setup::kUsers;

class NoCheckout final : public payments::Checkout {
public:
    Task<Result<payments::PaymentView>> pay(const payments::PaymentOrder&, const std::string&)
        override {
        co_return kNotFound;
    }
    void close(sql::Transaction&, const std::string&) override {}
    bool is_closed(sql::Reader&, const std::string&) override { return true; }
    bool keep_late(sql::Transaction&, const std::string&, const std::function<bool()>&) override {
        return false;
    }
};

class NoRefunds final : public refunds::RefundDesk {
public:
    Result<RefundId> ask(sql::Transaction&, const Wish&) override { return kNotFound; }
    void decline_late(sql::Transaction&, const std::string&) override {}
    Standing standing(sql::Reader&, const std::string&) override { return {}; }
};

std::unique_ptr<sql::Database> open(int argc, char** argv) {
    if (argc > 4) {
        postgres::PostgresOptions options;
        options.conninfo = argv[4];
        return std::make_unique<postgres::PostgresDatabase>(options);
    }
    sqlite::SqliteOptions options;
    options.file = std::filesystem::path{argv[1]} / "engine.db";
    return std::make_unique<sqlite::SqliteDatabase>(options);
}

void make_sale(sql::Database& database, const inventory::InventoryService& stock, Time now) {
    database.write_blocking([&](sql::Transaction& tx) {
        setup::make_promotion(tx, now + std::chrono::hours{24});
        stock.grant(tx, SkuId{1}, kUnits, std::nullopt, "bench");
        const PromotionItemId item{1};
        if (stock.set_apart(tx, {SkuId{1}, item, kUnits, std::nullopt, "bench"}).has_error()) {
            std::abort();
        }
        const flash_sale::Window window{Time{}, now + std::chrono::hours{24}};
        flash_sale::stock::put(tx, item, {true, 1, window});
        flash_sale::stock::add(tx, item, kUnits);
    });
}

struct Load {
    flash_sale::FlashSale& sale;
    std::atomic<bool> stop = false;
    std::atomic<std::int64_t> placed = 0;
    std::atomic<std::int64_t> refused = 0;
    std::atomic<std::uint64_t> next = 0;
    std::atomic<int> running = 0;
};

Task<void> buyer(Load& load, std::uint64_t seed) {
    std::mt19937_64 random{seed};
    const PromotionItemId item{1};
    while (!load.stop) {
        const std::uint64_t number = ++load.next;
        flash_sale::OrderDesk::Wish wish;
        wish.item = load.sale.board.find(item);
        wish.user = UserId{1 + static_cast<std::int64_t>(random() % kUsers)};
        wish.address = AddressId{wish.user.value()};
        wish.epoch = 1;
        wish.nonce = number;
        wish.key.key = "k:b1-" + std::to_string(number);
        const auto lease = std::chrono::minutes{1};
        static_cast<void>(co_await load.sale.gate.open_door(item, wish.user, number, lease));
        const auto outcome = co_await load.sale.desk.place(std::move(wish));
        ++(outcome.has_value() ? load.placed : load.refused);
    }
    --load.running;
}

int run(int argc, char** argv) {
    const std::chrono::seconds length{argc > 2 ? std::atoi(argv[2]) : 5};
    const int at_once = argc > 3 ? std::atoi(argv[3]) : 256;
    const SystemClock clock;
    SystemRandom random;
    http::EventLoops loops{2};
    const auto database = open(argc, argv);
    runtime::Migrator{
        *database, clock, runtime::read_migrations(DOORBUSTER_SOURCE_DIR "/migrations")}
        .migrate();
    const inventory::InventoryService stock{clock};
    const cart::CartService carts{clock};
    const shipping::AddressService addresses{clock};
    const events::Outbox outbox{clock};
    const events::AuditLog audit{clock};
    NoCheckout checkout;
    NoRefunds refund_desk;
    orders::OrderNumbers numbers{clock, random};
    orders::OrderService orders{
        {stock, carts, addresses, outbox, audit, checkout, refund_desk, numbers, clock}, {}};
    memory::MemoryGate gate{clock};
    flash_sale::FlashSale sale{{*database, clock, gate, stock, addresses, orders}, {}};
    orders.set_promoted_units(sale.promoted);
    setup::make_users(*database);
    make_sale(*database, stock, clock.now());
    sale.loader.reload_blocking();

    Load load{sale};
    loops.start();
    load.running = at_once;
    for (int i = 0; i < at_once; ++i) loops.spawn(buyer(load, static_cast<std::uint64_t>(i)));
    const auto begin = clock.steady();
    std::this_thread::sleep_for(length);
    const std::int64_t placed = load.placed;
    const std::chrono::duration<double> took = clock.steady() - begin;
    load.stop = true;
    while (load.running > 0) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    loops.stop();
    std::printf(
        "%.1f orders/s (%lld refused)\n",
        static_cast<double>(placed) / took.count(),
        static_cast<long long>(load.refused)
    );
    return 0;
}

}  // namespace
}  // namespace doorbuster

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    return doorbuster::run(argc, argv);
}
