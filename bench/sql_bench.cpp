// What the SQLite adapter costs: orders per second through Database::submit_write against the same
// rows written straight to SQLite in transactions of the same size. An order is an order row with
// an index on a random user, an item, a ledger row and an update of the stock.
//
//     bench_sql [folder] [seconds per figure]
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "adapters/sqlite/sqlite_database.hpp"

namespace doorbuster {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr std::int64_t kSkus = 1000;
constexpr std::int64_t kUsers = 1'000'000;
constexpr const char* kSchema =
    "CREATE TABLE orders (order_no INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL,"
    " status TEXT NOT NULL, total INTEGER NOT NULL, address TEXT NOT NULL,"
    " created_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX orders_user ON orders (user_id, order_no);"
    "CREATE TABLE order_items (order_no INTEGER NOT NULL REFERENCES orders (order_no),"
    " sku_id INTEGER NOT NULL, title TEXT NOT NULL, price INTEGER NOT NULL,"
    " quantity INTEGER NOT NULL, PRIMARY KEY (order_no, sku_id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stock (sku_id INTEGER NOT NULL PRIMARY KEY, available INTEGER NOT NULL CHECK"
    " (available >= 0), reserved INTEGER NOT NULL) STRICT;"
    "CREATE TABLE stock_ledger (id INTEGER PRIMARY KEY, sku_id INTEGER NOT NULL,"
    " kind TEXT NOT NULL, quantity INTEGER NOT NULL, order_no INTEGER NOT NULL) STRICT;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
    " INSERT INTO stock SELECT i, 1000000000, 0 FROM n;";

constexpr sql::Statement same(std::string_view name, std::string_view text) {
    return {name, text, text};
}
constexpr auto kOrder = same("order", "INSERT INTO orders VALUES ($1, $2, $3, $4, $5, $6)");
constexpr auto kItem = same("item", "INSERT INTO order_items VALUES ($1, $2, $3, $4, $5)");
constexpr auto kStock = same(
    "stock",
    "UPDATE stock SET available = available - $2, reserved = reserved + $2"
    " WHERE sku_id = $1 AND available >= $2"
);
constexpr auto kLedger = same(
    "ledger", "INSERT INTO stock_ledger (sku_id, kind, quantity, order_no) VALUES ($1, $2, $3, $4)"
);
constexpr std::string_view kAddress =
    R"({"recipient":"李雷","phone":"13800000000","province":"浙江省","city":"杭州市","detail":"文三路 1 号"})";
constexpr std::string_view kTitle = "纯棉短袖衬衫 男士夏季";

struct Order {
    std::int64_t number;
    std::int64_t user;
    std::int64_t sku;
};

// The same orders for both sides.
class Orders {
public:
    Order next() {
        const auto random = static_cast<std::int64_t>(engine_() >> 1);
        return {++number_, random % kUsers, random / kUsers % kSkus + 1};
    }

private:
    std::mt19937_64 engine_{7};
    std::int64_t number_ = 0;
};

// Straight to SQLite's C interface, as fast as we know how.
class Raw {
public:
    explicit Raw(const fs::path& file) {
        sqlite3_open(file.c_str(), &db_);
        run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            "PRAGMA wal_autocheckpoint=10000; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY");
        run(kSchema);
        const std::array texts{"BEGIN IMMEDIATE", "COMMIT"};
        for (std::size_t i = 0; i < 2; ++i) prepare(texts[i], control_[i]);
        const std::array statements{&kOrder, &kItem, &kStock, &kLedger};
        for (std::size_t i = 0; i < 4; ++i) prepare(statements[i]->sqlite.data(), rows_[i]);
    }
    ~Raw() {
        for (sqlite3_stmt* const statement : control_) sqlite3_finalize(statement);
        for (sqlite3_stmt* const statement : rows_) sqlite3_finalize(statement);
        sqlite3_close(db_);
    }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;

    double rate(std::size_t batch, std::chrono::duration<double> time) {
        std::int64_t done = 0;
        const auto start = Steady::now();
        while (Steady::now() - start < time) {
            step(control_[0]);
            for (std::size_t i = 0; i < batch; ++i) write(orders_.next());
            step(control_[1]);
            done += static_cast<std::int64_t>(batch);
        }
        return static_cast<double>(done) /
               std::chrono::duration<double>(Steady::now() - start).count();
    }

private:
    void run(const char* text) {
        if (sqlite3_exec(db_, text, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
    }
    void prepare(const char* text, sqlite3_stmt*& statement) {
        if (sqlite3_prepare_v3(db_, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr)) {
            fail();
        }
    }
    void step(sqlite3_stmt* statement) {
        if (sqlite3_step(statement) != SQLITE_DONE) fail();
        sqlite3_reset(statement);
    }
    [[noreturn]] void fail() {
        std::fprintf(stderr, "%s\n", sqlite3_errmsg(db_));
        std::exit(1);
    }
    static void text(sqlite3_stmt* statement, int index, std::string_view value) {
        sqlite3_bind_text(
            statement, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC
        );
    }
    void write(const Order& order) {
        const auto [number, user, sku] = order;
        sqlite3_bind_int64(rows_[0], 1, number);
        sqlite3_bind_int64(rows_[0], 2, user);
        text(rows_[0], 3, "pending_payment");
        sqlite3_bind_int64(rows_[0], 4, 9900);
        text(rows_[0], 5, kAddress);
        sqlite3_bind_int64(rows_[0], 6, 1'790'000'000'000);
        step(rows_[0]);
        sqlite3_bind_int64(rows_[1], 1, number);
        sqlite3_bind_int64(rows_[1], 2, sku);
        text(rows_[1], 3, kTitle);
        sqlite3_bind_int64(rows_[1], 4, 9900);
        sqlite3_bind_int64(rows_[1], 5, 1);
        step(rows_[1]);
        // SQLite numbers $2 first here, because it appears first.
        sqlite3_bind_int64(rows_[2], 1, 1);
        sqlite3_bind_int64(rows_[2], 2, sku);
        step(rows_[2]);
        sqlite3_bind_int64(rows_[3], 1, sku);
        text(rows_[3], 2, "RESERVE");
        sqlite3_bind_int64(rows_[3], 3, 1);
        sqlite3_bind_int64(rows_[3], 4, number);
        step(rows_[3]);
    }

    sqlite3* db_ = nullptr;
    std::array<sqlite3_stmt*, 2> control_{};
    std::array<sqlite3_stmt*, 4> rows_{};
    Orders orders_;
};

// The same through the port: `batch` buyers, each of whom orders again when the last is durable.
class Adapter {
public:
    explicit Adapter(const fs::path& file) : database_{options(file)} {
        database_.write_blocking([](sql::Transaction& tx) { tx.run_script(kSchema); });
    }

    double rate(std::size_t batch, std::chrono::duration<double> time) {
        std::vector<std::unique_ptr<Buyer>> buyers;
        const auto start = Steady::now();
        end_ = start + std::chrono::duration_cast<Steady::duration>(time);
        for (std::size_t i = 0; i < batch; ++i) buyers.push_back(std::make_unique<Buyer>(*this));
        for (auto& buyer : buyers) database_.submit_write(*buyer);
        std::int64_t done = 0;
        for (auto& buyer : buyers) done += buyer->wait();
        return static_cast<double>(done) /
               std::chrono::duration<double>(Steady::now() - start).count();
    }

private:
    class Buyer final : public sql::Job {
    public:
        explicit Buyer(Adapter& adapter) : adapter_{adapter}, future_{over_.get_future()} {}
        bool run(sql::Transaction& tx) override {
            const auto [number, user, sku] = adapter_.orders_.next();
            tx.execute(
                kOrder, {number, user, "pending_payment", 9900, kAddress, 1'790'000'000'000}
            );
            tx.execute(kItem, {number, sku, kTitle, 9900, 1});
            if (tx.execute(kStock, {sku, 1}) != 1) return false;
            tx.execute(kLedger, {sku, "RESERVE", 1, number});
            return true;
        }
        bool run(sql::Reader&) override { return false; }
        void finished(std::exception_ptr error) noexcept override {
            if (error) std::terminate();
            ++done_;
            if (Steady::now() < adapter_.end_) {
                adapter_.database_.submit_write(*this);
            } else {
                over_.set_value();
            }
        }
        std::int64_t wait() {
            future_.wait();
            return done_;
        }

    private:
        Adapter& adapter_;
        std::promise<void> over_;
        std::future<void> future_;
        std::int64_t done_ = 0;
    };

    static sqlite::SqliteOptions options(const fs::path& file) {
        sqlite::SqliteOptions options;
        options.file = file;
        return options;
    }

    sqlite::SqliteDatabase database_;
    Orders orders_;  // used by the one writer thread
    Steady::time_point end_;
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void measure(const fs::path& folder, std::chrono::duration<double> time) {
    constexpr int kRounds = 11;
    std::printf("orders/s, SQLite, synchronous=FULL; goal at 64: adapter / raw >= 0.85\n");
    std::printf("%10s %12s %12s %8s\n", "batch", "raw", "adapter", "ratio");
    for (const std::size_t batch : {1u, 16u, 64u, 256u}) {
        const auto name = std::to_string(batch);
        Raw raw{folder / ("raw" + name)};
        Adapter adapter{folder / ("adapter" + name)};
        std::vector<double> raw_rates;
        std::vector<double> adapter_rates;
        std::vector<double> ratios;
        for (int round = 0; round < kRounds; ++round) {
            raw_rates.push_back(raw.rate(batch, time / kRounds));
            adapter_rates.push_back(adapter.rate(batch, time / kRounds));
            ratios.push_back(adapter_rates.back() / raw_rates.back());
        }
        std::printf(
            "%10zu %12.0f %12.0f %8.2f\n",
            batch,
            median(raw_rates),
            median(adapter_rates),
            median(ratios)
        );
    }
}

}  // namespace
}  // namespace doorbuster

int main(int argc, char** argv) {
    namespace fs = std::filesystem;
    const fs::path base = argc > 1 ? fs::path{argv[1]} : fs::temp_directory_path();
    const double seconds = argc > 2 ? std::atof(argv[2]) : 5;
    std::string name = (base / "doorbuster-bench-XXXXXX").string();
    if (!::mkdtemp(name.data())) return 1;
    doorbuster::measure(name, std::chrono::duration<double>{seconds});
    fs::remove_all(name);
}
