// raw_flash FOLDER BATCH SECONDS [CONNINFO]: the rows of flash orders, BATCH orders to a commit, by
// one thread: what the engine and its disk allow. On SQLite in FOLDER, or on the empty PostgreSQL
// database that CONNINFO names. Schema, bulk inserts (a prepared statement per row; unnest) and
// settings are the product's, the rows sorted by their index keys as it sorts them; reads, checks,
// gate, sessions and HTTP are left out.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "flash_sale/model/sql.hpp"
#include "runtime/migrator.hpp"

namespace {

using namespace doorbuster;
using sql::ColumnType;

constexpr std::int64_t kUsers = 200'000;
constexpr std::int64_t kUnits = 10'000'000;
constexpr std::int64_t kNow = 1'790'000'000'000;
constexpr auto kInteger = ColumnType::integer;
constexpr auto kText = ColumnType::text;

constexpr sql::Statement both(std::string_view text) { return {"bench", text, text}; }

using Column = sql::BulkInsert::Column;
constexpr Column kUser[] = {
    {"id", kInteger},
    {"username", kText},
    {"username_key", kText},
    {"password_hash", kText},
    {"created_at", kInteger},
    {"updated_at", kInteger}};
constexpr Column kOrder[] = {
    {"order_no", kInteger},
    {"user_id", kInteger},
    {"status", kText},
    {"payment_status", kText},
    {"fulfillment_status", kText},
    {"version", kInteger},
    {"items_total", kInteger},
    {"discount_total", kInteger},
    {"freight", kInteger},
    {"total", kInteger},
    {"currency", kText},
    {"address", kText},
    {"note", kText},
    {"created_at", kInteger},
    {"expires_at", kInteger},
    {"request_key", kText},
    {"request_fingerprint", ColumnType::bytes}};
constexpr Column kItem[] = {
    {"order_no", kInteger},
    {"user_id", kInteger},
    {"sku_id", kInteger},
    {"product_id", kInteger},
    {"title", kText},
    {"options", kText},
    {"sku", kText},
    {"image", kText},
    {"price", kInteger},
    {"quantity", kInteger},
    {"subtotal", kInteger},
    {"promotion_item_id", kInteger}};
constexpr Column kEvent[] = {
    {"order_no", kInteger},
    {"version", kInteger},
    {"kind", kText},
    {"status", kText},
    {"actor", kText},
    {"detail", kText},
    {"at", kInteger}};
constexpr Column kMovement[] = {
    {"sku_id", kInteger},
    {"kind", kText},
    {"quantity", kInteger},
    {"order_no", kInteger},
    {"at", kInteger},
    {"actor", kInteger},
    {"note", kText},
    {"promotion_item_id", kInteger}};
constexpr Column kClaim[] = {
    {"item_id", kInteger}, {"user_id", kInteger}, {"slot", kInteger}, {"order_no", kInteger}};
constexpr Column kOutbox[] = {
    {"topic", kText}, {"key", kText}, {"payload", kText}, {"created_at", kInteger}};

constexpr std::string_view kSkip = "ON CONFLICT DO NOTHING";
constexpr sql::BulkInsert kUsersIn{"bench.users", "users", kUser};
constexpr sql::BulkInsert kOrders{"bench.orders", "orders", kOrder, kSkip};
constexpr sql::BulkInsert kItems{"bench.items", "order_items", kItem};
constexpr sql::BulkInsert kEvents{"bench.events", "order_events", kEvent};
constexpr sql::BulkInsert kMovements{"bench.ledger", "stock_ledger", kMovement};
constexpr sql::BulkInsert kClaims{"bench.claims", "promotion_claims", kClaim, kSkip};
constexpr sql::BulkInsert kEntries{"bench.outbox", "outbox", kOutbox};

std::unique_ptr<sql::Database> open(int argc, char** argv) {
    if (argc > 4) {
        postgres::PostgresOptions options;
        options.conninfo = argv[4];
        return std::make_unique<postgres::PostgresDatabase>(options);
    }
    sqlite::SqliteOptions options;
    options.file = std::filesystem::path{argv[1]} / "raw.db";
    return std::make_unique<sqlite::SqliteDatabase>(options);
}

void make_users(sql::Database& database) {
    for (std::int64_t first = 1; first <= kUsers; first += 5'000) {
        database.write_blocking([&](sql::Transaction& tx) {
            std::vector<std::string> names;
            names.reserve(5'000);
            std::vector<sql::Param> rows;
            for (std::int64_t id = first; id < first + 5'000; ++id) {
                const std::string& name = names.emplace_back("u" + std::to_string(id));
                rows.insert(rows.end(), {id, name, name, "x", 0, 0});
            }
            tx.insert_many(kUsersIn, rows);
        });
    }
}

void make_sale(sql::Database& database) {
    static constexpr sql::Statement kRows[] = {
        both("INSERT INTO products (id, handle, title, status, created_at, updated_at) "
             "VALUES (1, 'kettle', 'Kettle', 'active', 0, 0)"),
        both("INSERT INTO skus (id, product_id, option1, price, created_at, updated_at) "
             "VALUES (1, 1, 'Black', 9900, 0, 0)"),
        both("INSERT INTO promotions (id, name, state, starts_at, ends_at, epoch, created_at, "
             "published_at) VALUES (1, 'Sale', 'published', 0, 2000000000000, 1, 0, 0)"),
        both("INSERT INTO promotion_items (id, promotion_id, sku_id, product_id, price, allotment, "
             "per_user_max, per_order_max) VALUES (1, 1, 1, 1, 100, 10000000, 100, 1)"),
        both("INSERT INTO promotion_stock (item_id, open, epoch, opens_at, closes_at, available) "
             "VALUES (1, 1, 1, 0, 2000000000000, 10000000)")};
    database.write_blocking([&](sql::Transaction& tx) {
        for (const sql::Statement& row : kRows) tx.execute(row, {});
    });
}

// One batch after the other, each buyer in turn and once in a batch.
class Orders {
public:
    explicit Orders(int batch) : batch_{static_cast<std::size_t>(batch)} {
        for (std::int64_t id = 1; id <= kUsers; ++id) users_.push_back(id);
        std::shuffle(users_.begin(), users_.end(), random_);
    }

    void write(sql::Transaction& tx) {
        draw();
        Rows rows;
        for (std::size_t i = 0; i < batch_; ++i) add(rows, i);
        tx.insert_many(kOrders, rows.orders);
        tx.insert_many(kItems, rows.items);
        tx.insert_many(kEvents, rows.events);
        tx.insert_many(kEntries, rows.outbox);
        tx.insert_many(kClaims, rows.claims);
        tx.insert_many(kMovements, rows.movements);
        const auto units = static_cast<std::int64_t>(batch_);
        tx.query(
            flash_sale::model::queries::reserve_stock,
            {1, units, 0, units, 1, kNow},
            [](const sql::Row&) {}
        );
    }

private:
    struct Rows {
        std::vector<sql::Param> orders, items, events, outbox, claims, movements;
    };
    struct Draft {
        std::int64_t user = 0, number = 0, slot = 1;
        std::string actor, key, number_text, payload;
        std::array<std::byte, 32> fingerprint{};
    };

    void draw() {
        drafts_.assign(batch_, {});
        for (Draft& draft : drafts_) {
            if (next_ == users_.size()) {
                next_ = 0;
                ++slot_;
            }
            draft.user = users_[next_++];
            draft.slot = slot_;
        }
        std::sort(drafts_.begin(), drafts_.end(), [](const Draft& a, const Draft& b) {
            return a.user < b.user;
        });
        for (Draft& draft : drafts_) {
            draft.number = number_ += 1 + static_cast<std::int64_t>(random_() % 1000);
            draft.number_text = std::to_string(draft.number);
            draft.actor = 'u' + std::to_string(draft.user);
            draft.key =
                "1:b1-" + draft.number_text + '-' + std::to_string(random_() % 1'000'000'000);
            for (std::byte& byte : draft.fingerprint) byte = static_cast<std::byte>(random_());
            draft.payload = "{\"order_no\":\"" + draft.number_text + "\",\"user_id\":\"" +
                            draft.actor +
                            "\",\"status\":\"pending_payment\",\"total\":1100,\"reason\":\"\"}";
        }
    }

    void add(Rows& rows, std::size_t i) {
        const Draft& one = drafts_[i];
        rows.orders.insert(
            rows.orders.end(),
            {one.number,
             one.user,
             "pending_payment",
             "unpaid",
             "unfulfilled",
             1,
             100,
             0,
             1000,
             1100,
             "CNY",
             kAddress,
             "",
             kNow,
             kNow + 300'000,
             one.key,
             sql::Bytes{one.fingerprint}}
        );
        rows.items.insert(
            rows.items.end(),
            {one.number,
             one.user,
             1,
             1,
             "手冲咖啡壶 Pour-over kettle",
             "黑色 Black / 600 ml",
             "",
             "/demo/kettle.svg",
             100,
             1,
             100,
             1}
        );
        rows.events.insert(
            rows.events.end(), {one.number, 1, "placed", "pending_payment", one.actor, "", kNow}
        );
        rows.outbox.insert(rows.outbox.end(), {"order.placed", one.number_text, one.payload, kNow});
        rows.claims.insert(rows.claims.end(), {1, one.user, one.slot, one.number});
        rows.movements.insert(
            rows.movements.end(), {1, "RESERVE", 1, one.number, kNow, std::nullopt, "", 1}
        );
    }

    static constexpr std::string_view kAddress =
        "{\"recipient\":\"王小明\",\"phone\":\"13800138000\",\"province\":\"浙江省\","
        "\"city\":\"杭州市\",\"district\":\"西湖区\",\"detail\":\"文三路 1 号\","
        "\"postcode\":\"310000\"}";
    const std::size_t batch_;
    std::mt19937_64 random_{7};
    std::vector<std::int64_t> users_;
    std::vector<Draft> drafts_;
    std::size_t next_ = 0;
    std::int64_t slot_ = 1;
    std::int64_t number_ = 200'000'000'000'000'000;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    const int batch = std::atoi(argv[2]);
    const std::chrono::seconds length{std::atoi(argv[3])};
    const auto database = open(argc, argv);
    const SystemClock clock;
    runtime::Migrator{
        *database, clock, runtime::read_migrations(DOORBUSTER_SOURCE_DIR "/migrations")}
        .migrate();
    make_users(*database);
    make_sale(*database);
    Orders orders{batch};
    std::int64_t placed = 0;
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < length && placed + batch < kUnits) {
        database->write_blocking([&](sql::Transaction& tx) { orders.write(tx); });
        placed += batch;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.1f orders/s\n", static_cast<double>(placed) / took.count());
    return 0;
}
