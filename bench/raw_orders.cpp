// raw_orders FOLDER BATCH SECONDS: the rows of ordinary orders written straight to SQLite, BATCH
// orders to a commit, by one thread and the C interface: what the disk and the engine allow. The
// schema is the product's, the statements and settings are those of its writer; reads are left out.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "events/sql.hpp"
#include "idempotency/sql.hpp"
#include "inventory/sql.hpp"
#include "orders/sql.hpp"
#include "raw_sqlite.hpp"

namespace {

using namespace doorbuster;
using raw::run;
using raw::Statement;

constexpr int kUsers = 2000;
constexpr int kSkus = 60;

void make_shop(sqlite3* db) {
    run(db, "BEGIN");
    for (int i = 1; i <= kUsers; ++i) {
        const std::string n = std::to_string(i);
        run(db,
            "INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at) "
            "VALUES (" +
                n + ",'u" + n + "','u" + n + "','x',0,0)");
    }
    run(db,
        "INSERT INTO products (id, handle, title, status, created_at, updated_at) VALUES "
        "(1,'p','P','active',0,0)");
    for (int i = 1; i <= kSkus; ++i) {
        const std::string n = std::to_string(i);
        run(db,
            "INSERT INTO skus (id, product_id, option1, price, created_at, updated_at) VALUES (" +
                n + ",1,'" + n + "',9900,0,0)");
        run(db, "INSERT INTO stock (sku_id, available) VALUES (" + n + ",1000000000)");
    }
    run(db, "COMMIT");
}

// The statements of one order, in the order in which the service runs them.
class Orders {
public:
    explicit Orders(sqlite3* db)
        : order_{db, orders::queries::insert_order.sqlite},
          item_{
              db,
              "INSERT INTO order_items (order_no, user_id, sku_id, product_id, title, options, "
              "sku, image, price, "
              "quantity, subtotal) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)"},
          reserve_{db, inventory::queries::reserve_stock.sqlite},
          movement_{
              db,
              "INSERT INTO stock_ledger (sku_id, kind, quantity, order_no, at, actor, note) "
              "VALUES ($1,$2,$3,$4,$5,$6,$7)"},
          event_{db, orders::queries::insert_event.sqlite},
          outbox_{db, events::queries::append_event.sqlite},
          key_{db, idempotency::queries::store_key.sqlite} {}

    void place() {
        const std::int64_t user = 1 + static_cast<std::int64_t>(random_() % kUsers);
        const std::int64_t sku = 1 + static_cast<std::int64_t>(random_() % kSkus);
        const std::int64_t number = next_number_ += 1 + static_cast<std::int64_t>(random_() % 1000);
        const std::string owner = 'u' + std::to_string(user);
        const std::string key =
            "b1-" + std::to_string(number) + '-' + std::to_string(random_() % 1000000000);
        for (char& byte : fingerprint_) byte = static_cast<char>(random_());
        const std::string number_text = std::to_string(number);
        const std::string payload =
            "{\"order_no\":\"" + number_text + "\",\"user_id\":\"" + owner +
            "\",\"status\":\"pending_payment\",\"total\":9900,\"reason\":\"\"}";
        const std::string answer = "{\"order_no\":\"" + number_text +
                                   "\",\"total\":9900,\"status\":\"pending_payment\","
                                   "\"expires_at\":\"2026-01-01T00:00:00.000Z\"}";
        order_(
            number,
            user,
            status_,
            unpaid_,
            unfulfilled_,
            1,
            9900,
            0,
            0,
            9900,
            address_,
            empty_,
            kNow,
            kNow
        );
        item_(number, user, sku, 1, title_, options_, empty_, image_, 9900, 1, 9900);
        reserve_(sku, 1);
        movement_(sku, reserve_word_, 1, number, kNow, nullptr, empty_);
        event_(number, 1, placed_, status_, owner, empty_, kNow);
        outbox_(topic_, number_text, payload, kNow, 1);
        key_(owner, key, fingerprint_, 201, answer, kNow);
    }

private:
    static constexpr std::int64_t kNow = 1'790'000'000'000;

    Statement order_, item_, reserve_, movement_, event_, outbox_, key_;
    std::mt19937_64 random_{7};
    std::int64_t next_number_ = 200'000'000'000'000'000;
    std::vector<char> fingerprint_ = std::vector<char>(32);
    const std::string
        status_ = "pending_payment",
        unpaid_ = "unpaid", unfulfilled_ = "unfulfilled", empty_,
        title_ = "手冲咖啡壶 Pour-over kettle", options_ = "黑色 Black / 600 ml",
        image_ = "/demo/kettle.svg", reserve_word_ = "RESERVE", placed_ = "placed",
        topic_ = "order.placed",
        address_ =
            "{\"recipient\":\"王小明\",\"phone\":\"13800138000\",\"province\":\"浙江省\","
            "\"city\":\"杭州市\",\"district\":\"西湖区\",\"detail\":\"文三路 1 号\","
            "\"postcode\":\"310000\"}";
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::filesystem::path file = std::filesystem::path{argv[1]} / "raw.db";
    const int batch = std::atoi(argv[2]);
    const std::chrono::seconds length{std::atoi(argv[3])};
    sqlite::SqliteOptions options;
    options.file = file;
    raw::migrate(*std::make_unique<sqlite::SqliteDatabase>(options));
    sqlite3* const db = raw::open(file);
    make_shop(db);
    std::int64_t placed = 0;
    const auto begin = std::chrono::steady_clock::now();
    {
        Orders orders{db};
        while (std::chrono::steady_clock::now() - begin < length) {
            run(db, "BEGIN IMMEDIATE");
            for (int i = 0; i < batch; ++i) orders.place();
            run(db, "COMMIT");
            placed += batch;
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.1f orders/s\n", static_cast<double>(placed) / took.count());
    sqlite3_close(db);
    return 0;
}
