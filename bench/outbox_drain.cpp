// outbox_drain FOLDER [EVENTS] [WEBHOOKS] [CONNINFO]: what a flash sale leaves behind, told to
// consumers as the product has them: events of placed orders, which only webhooks want, and so many
// webhooks. On SQLite in FOLDER, or on the PostgreSQL database that CONNINFO names, which must be
// empty. The CPU time is this process's own.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>

#include "adapters/memory/in_process_bus.hpp"
#include "adapters/postgres/postgres_database.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "events/outbox.hpp"
#include "events/relay.hpp"
#include "http/event_loops.hpp"
#include "process.hpp"
#include "runtime/migrator.hpp"
#include "webhooks/webhook_service.hpp"

namespace doorbuster {
namespace {

constexpr std::int64_t kPerCommit = 250;

std::unique_ptr<sql::Database> open(int argc, char** argv) {
    if (argc > 4) {
        postgres::PostgresOptions options;
        options.conninfo = argv[4];
        return std::make_unique<postgres::PostgresDatabase>(options);
    }
    sqlite::SqliteOptions options;
    options.file = std::filesystem::path{argv[1]} / "outbox.db";
    return std::make_unique<sqlite::SqliteDatabase>(options);
}

void leave(sql::Database& database, const events::Outbox& outbox, std::int64_t count) {
    const std::string payload =
        R"({"order_no":"123456789012345678","user_id":"4711","status":"pending_payment",)"
        R"("total":10900,"note":""})";
    for (std::int64_t done = 0; done < count; done += kPerCommit) {
        database.write_blocking([&](sql::Transaction& tx) {
            std::vector<std::string> keys;
            for (std::int64_t i = 0; i < kPerCommit; ++i) {
                keys.push_back(std::to_string(123'456'789'000'000'000 + done + i));
            }
            std::vector<events::Outbox::Entry> entries;
            for (const std::string& key : keys) entries.push_back({key, payload});
            outbox.append_many(tx, "order.placed", entries);
        });
    }
}

Task<void> drain(events::Relay& relay, std::int64_t& told, std::promise<void>& done) {
    while (const std::size_t tried = co_await relay.run_once()) {
        told += static_cast<std::int64_t>(tried);
    }
    done.set_value();
}

int run(int argc, char** argv) {
    const std::int64_t count = argc > 2 ? std::atoll(argv[2]) : 100'000;
    const int webhook_count = argc > 3 ? std::atoi(argv[3]) : 0;
    const SystemClock clock;
    SystemRandom random;
    http::EventLoops loops{1};
    const auto database = open(argc, argv);
    runtime::Migrator{
        *database, clock, runtime::read_migrations(DOORBUSTER_SOURCE_DIR "/migrations")}
        .migrate();
    const events::Outbox outbox{clock};
    memory::InProcessBus bus;
    events::Subscriptions subscriptions{bus, *database, clock};
    subscriptions.on("orders.payments", {"payment.succeeded"}, [](auto&, const auto&) {});
    webhooks::WebhookService webhooks{*database, clock, random};
    webhooks.subscribe(subscriptions);
    database->write_blocking([&](sql::Transaction& tx) {
        for (int i = 0; i < webhook_count; ++i) {
            static_cast<void>(webhooks.add(tx, UserId{1}, "https://example.com/", {"*"}));
        }
    });
    leave(*database, outbox, count);

    events::Relay relay{*database, bus, clock};
    std::int64_t told = 0;
    std::promise<void> done;
    const double cpu_before = bench::cpu_seconds();
    const auto begin = clock.steady();
    loops.start();
    loops.spawn(drain(relay, told, done));
    done.get_future().wait();
    const std::chrono::duration<double> took = clock.steady() - begin;
    const double cpu = bench::cpu_seconds() - cpu_before;
    loops.stop();
    std::printf(
        "%.1f events/s, %.2f us of CPU each\n",
        static_cast<double>(told) / took.count(),
        cpu * 1e6 / static_cast<double>(told)
    );
    return told == count ? 0 : 1;
}

}  // namespace
}  // namespace doorbuster

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    return doorbuster::run(argc, argv);
}
