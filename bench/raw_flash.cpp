// raw_flash FOLDER BATCH SECONDS [CONNINFO]: the rows of flash orders, BATCH orders to a commit, by
// one thread and the C interfaces: what the engine and its disk allow. On SQLite in FOLDER, or on
// the empty PostgreSQL database that CONNINFO names. Schema and settings are the product's, and the
// rows are sorted by their index keys as it sorts them; reads, checks, gate, sessions and HTTP are
// left out. What is the same in every row is part of the statement. On PostgreSQL a batch is one
// round trip: prepared statements in a pipeline, each with one binary array a column.
#include <algorithm>
#include <chrono>
#include <random>

#include "adapters/postgres/postgres_database.hpp"
#include "flash_sale/model/sql.hpp"
#include "flash_setup.hpp"
#include "raw_postgres.hpp"
#include "raw_sqlite.hpp"

namespace {

using namespace doorbuster;
using setup::kUnits;
using setup::kUsers;

constexpr std::int64_t kNow = 1'790'000'000'000;
constexpr std::string_view kAddress =
    "{\"recipient\":\"王小明\",\"phone\":\"13800138000\",\"province\":\"浙江省\","
    "\"city\":\"杭州市\",\"district\":\"西湖区\",\"detail\":\"文三路 1 "
    "号\",\"postcode\":\"310000\"}";

// ---- the rows ----------------------------------------------------------------------------------

// What differs from order to order.
struct Order {
    std::int64_t number = 0, user = 0, slot = 1;
    std::string number_text, actor, key, payload, address, fingerprint;
};

enum class Field {
    none,
    number,
    user,
    slot,
    number_text,
    actor,
    key,
    payload,
    address,
    fingerprint
};
bool is_integer(Field field) { return field <= Field::slot; }

std::int64_t integer_of(const Order& order, Field field) {
    return field == Field::number ? order.number : field == Field::user ? order.user : order.slot;
}
const std::string& text_of(const Order& order, Field field) {
    switch (field) {
        case Field::number_text:
            return order.number_text;
        case Field::actor:
            return order.actor;
        case Field::key:
            return order.key;
        case Field::payload:
            return order.payload;
        case Field::address:
            return order.address;
        default:
            return order.fingerprint;
    }
}

struct Column {
    std::string_view name;
    std::string_view same;  // in every row: SQL
    Field field = Field::none;
    Column(std::string_view the_name, std::string_view sql) : name{the_name}, same{sql} {}
    Column(std::string_view the_name, Field the_field) : name{the_name}, field{the_field} {}
};
struct Table {
    std::string_view name;
    std::vector<Column> columns;
};

const std::vector<Table>& tables() {
    static const std::vector<Table> all{
        {"orders",
         {{"order_no", Field::number},
          {"user_id", Field::user},
          {"status", "'pending_payment'"},
          {"payment_status", "'unpaid'"},
          {"fulfillment_status", "'unfulfilled'"},
          {"version", "1"},
          {"items_total", "100"},
          {"discount_total", "0"},
          {"freight", "1000"},
          {"total", "1100"},
          {"currency", "'CNY'"},
          {"address", Field::address},
          {"note", "''"},
          {"created_at", "1790000000000"},
          {"expires_at", "1790000300000"},
          {"request_key", Field::key},
          {"request_fingerprint", Field::fingerprint}}},
        {"order_items",
         {{"order_no", Field::number},
          {"user_id", Field::user},
          {"sku_id", "1"},
          {"product_id", "1"},
          {"title", "'手冲咖啡壶 Pour-over kettle'"},
          {"options", "'黑色 Black / 600 ml'"},
          {"sku", "''"},
          {"image", "'/demo/kettle.svg'"},
          {"price", "100"},
          {"quantity", "1"},
          {"subtotal", "100"},
          {"promotion_item_id", "1"}}},
        {"order_events",
         {{"order_no", Field::number},
          {"version", "1"},
          {"kind", "'placed'"},
          {"status", "'pending_payment'"},
          {"actor", Field::actor},
          {"detail", "''"},
          {"at", "1790000000000"}}},
        {"outbox",
         {{"topic", "'order.placed'"},
          {"key", Field::number_text},
          {"payload", Field::payload},
          {"created_at", "1790000000000"}}},
        {"promotion_claims",
         {{"item_id", "1"},
          {"user_id", Field::user},
          {"slot", Field::slot},
          {"order_no", Field::number}}},
        {"stock_ledger",
         {{"sku_id", "1"},
          {"kind", "'RESERVE'"},
          {"quantity", "1"},
          {"order_no", Field::number},
          {"at", "1790000000000"},
          {"actor", "NULL"},
          {"note", "''"},
          {"promotion_item_id", "1"}}}};
    return all;
}

// The columns that are parameters: $1, $2, …
std::vector<Field> fields_of(const Table& table) {
    std::vector<Field> fields;
    for (const Column& column : table.columns) {
        if (column.field != Field::none) fields.push_back(column.field);
    }
    return fields;
}

// "INSERT INTO orders (order_no, …) " and what is inserted; parameters begin with `mark`.
std::string insert_text(
    const Table& table, std::string_view before, char mark, std::string_view after
) {
    std::string names;
    std::string values;
    int number = 0;
    for (const Column& column : table.columns) {
        if (!names.empty()) names += ", ", values += ", ";
        names += column.name;
        const bool same = column.field == Field::none;
        values += same ? std::string{column.same} : mark + std::to_string(++number);
    }
    return "INSERT INTO " + std::string{table.name} + " (" + names + ") " + std::string{before} +
           values + std::string{after};
}

// Orders in the order of their users, each buyer in turn and once in a batch.
class Draw {
public:
    explicit Draw(std::size_t batch) : orders_(batch) {
        for (std::int64_t id = 1; id <= kUsers; ++id) users_.push_back(id);
        std::shuffle(users_.begin(), users_.end(), random_);
    }

    const std::vector<Order>& next() {
        for (Order& order : orders_) {
            if (next_ == users_.size()) next_ = 0, ++slot_;
            order.user = users_[next_++];
            order.slot = slot_;
        }
        const auto by_user = [](const Order& a, const Order& b) { return a.user < b.user; };
        std::sort(orders_.begin(), orders_.end(), by_user);
        for (Order& order : orders_) fill(order);
        return orders_;
    }

private:
    void fill(Order& order) {
        order.number = number_ += 1 + static_cast<std::int64_t>(random_() % 1000);
        order.number_text = std::to_string(order.number);
        order.actor = 'u' + std::to_string(order.user);
        order.key = "1:b1-" + order.number_text + '-' + std::to_string(random_() % 1'000'000'000);
        order.address = kAddress;
        order.fingerprint.resize(32);
        for (char& byte : order.fingerprint) byte = static_cast<char>(random_());
        order.payload = "{\"order_no\":\"" + order.number_text + "\",\"user_id\":\"" + order.actor +
                        "\",\"status\":\"pending_payment\",\"total\":1100,\"reason\":\"\"}";
    }

    std::mt19937_64 random_{7};
    std::vector<std::int64_t> users_;
    std::vector<Order> orders_;
    std::size_t next_ = 0;
    std::int64_t slot_ = 1;
    std::int64_t number_ = 200'000'000'000'000'000;
};

void make_shop(sql::Database& database) {
    raw::migrate(database);
    setup::make_users(database);
    database.write_blocking([](sql::Transaction& tx) {
        setup::make_promotion(tx, from_milliseconds(kNow + 3'600'000));
        tx.execute(
            setup::both("INSERT INTO promotion_stock (item_id, open, epoch, opens_at, closes_at, "
                        "available) VALUES (1, 1, 1, 0, $1, $2)"),
            {kNow + 3'600'000, kUnits}
        );
    });
}

// ---- SQLite ------------------------------------------------------------------------------------

class Sqlite {
public:
    explicit Sqlite(sqlite3* db)
        : db_{db},
          begin_{db, "BEGIN IMMEDIATE"},
          commit_{db, "COMMIT"},
          reserve_{db, flash_sale::model::queries::reserve_stock.sqlite} {
        for (const Table& table : tables()) {
            inserts_.push_back(
                std::make_unique<raw::Statement>(db, insert_text(table, "VALUES (", '$', ")"))
            );
            fields_.push_back(fields_of(table));
        }
    }

    // A table after the other, so that its pages stay in the processor's caches.
    void write(const std::vector<Order>& orders) {
        begin_();
        for (std::size_t i = 0; i < inserts_.size(); ++i) {
            for (const Order& order : orders) insert(*inserts_[i], fields_[i], order);
        }
        const auto units = static_cast<std::int64_t>(orders.size());
        reserve_(1, units, 0, units, 1, kNow);
        commit_();
    }

private:
    static void insert(
        raw::Statement& statement, const std::vector<Field>& fields, const Order& order
    ) {
        int number = 0;
        for (const Field field : fields) {
            ++number;
            if (is_integer(field)) {
                statement.bind(number, integer_of(order, field));
            } else if (field == Field::fingerprint) {
                statement.bind_bytes(number, text_of(order, field));
            } else {
                statement.bind(number, std::string_view{text_of(order, field)});
            }
        }
        statement.step();
    }

    sqlite3* db_;
    raw::Statement begin_, commit_, reserve_;
    std::vector<std::unique_ptr<raw::Statement>> inserts_;
    std::vector<std::vector<Field>> fields_;
};

// ---- PostgreSQL --------------------------------------------------------------------------------

class Postgres {
public:
    explicit Postgres(const char* conninfo) : pipeline_{conninfo} {
        for (const Table& table : tables()) prepare(table);
        const std::string reserve{flash_sale::model::queries::reserve_stock.postgres};
        pipeline_.prepare("reserve", reserve);
        pipeline_.prepare("begin", "BEGIN");
        pipeline_.prepare("commit", "COMMIT");
        pipeline_.begin();
    }

    void write(const std::vector<Order>& orders) {
        pipeline_.send("begin", {});
        for (const Prepared& insert : inserts_) {
            std::vector<std::string> arrays;
            for (const Field field : insert.fields) arrays.push_back(array_of(orders, field));
            pipeline_.send(insert.name, arrays);
        }
        const auto units = static_cast<std::int64_t>(orders.size());
        std::vector<std::string> numbers;
        for (const std::int64_t number :
             {std::int64_t{1}, units, std::int64_t{0}, units, std::int64_t{1}, kNow}) {
            numbers.push_back(std::to_string(number));
        }
        pipeline_.send("reserve", numbers, 0);
        pipeline_.send("commit", {});
        pipeline_.finish();
    }

private:
    struct Prepared {
        std::string name;
        std::vector<Field> fields;
    };

    void prepare(const Table& table) {
        const Prepared insert{std::string{table.name}, fields_of(table)};
        std::string arrays;
        std::string names;
        for (std::size_t i = 0; i < insert.fields.size(); ++i) {
            const Field field = insert.fields[i];
            const std::string number = std::to_string(i + 1);
            if (i > 0) arrays += ", ", names += ", ";
            arrays += '$' + number;
            arrays += is_integer(field)             ? "::bigint[]"
                      : field == Field::fingerprint ? "::bytea[]"
                                                    : "::text[]";
            names += 'c' + number;
        }
        const std::string from = " FROM unnest(" + arrays + ") AS r(" + names + ")";
        pipeline_.prepare(insert.name, insert_text(table, "SELECT ", 'c', from));
        inserts_.push_back(insert);
    }

    static std::string array_of(const std::vector<Order>& orders, Field field) {
        using Array = raw::BinaryArray;
        const Oid type = is_integer(field)             ? Array::kBigint
                         : field == Field::fingerprint ? Array::kBytea
                                                       : Array::kText;
        Array array{type, orders.size()};
        for (const Order& order : orders) {
            if (is_integer(field)) {
                array.add(integer_of(order, field));
            } else {
                array.add(std::string_view{text_of(order, field)});
            }
        }
        return array.bytes();
    }

    raw::Pipeline pipeline_;
    std::vector<Prepared> inserts_;
};

// ---- the clock ---------------------------------------------------------------------------------

template <class Engine>
void measure(Engine& engine, std::int64_t batch, std::chrono::seconds length) {
    Draw draw{static_cast<std::size_t>(batch)};
    std::int64_t placed = 0;
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < length && placed + batch < kUnits) {
        engine.write(draw.next());
        placed += batch;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.1f orders/s\n", static_cast<double>(placed) / took.count());
}

void measure_sqlite(
    const std::filesystem::path& file, std::int64_t batch, std::chrono::seconds length
) {
    sqlite::SqliteOptions options;
    options.file = file;
    make_shop(*std::make_unique<sqlite::SqliteDatabase>(options));
    sqlite3* const db = raw::open(file);
    {
        Sqlite engine{db};
        measure(engine, batch, length);
    }
    sqlite3_close(db);
}

void measure_postgres(const char* conninfo, std::int64_t batch, std::chrono::seconds length) {
    postgres::PostgresOptions options;
    options.conninfo = conninfo;
    make_shop(*std::make_unique<postgres::PostgresDatabase>(options));
    Postgres engine{conninfo};
    measure(engine, batch, length);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    const std::int64_t batch = std::atoi(argv[2]);
    const std::chrono::seconds length{std::atoi(argv[3])};
    if (argc > 4) {
        measure_postgres(argv[4], batch, length);
    } else {
        measure_sqlite(std::filesystem::path{argv[1]} / "raw.db", batch, length);
    }
    return 0;
}
