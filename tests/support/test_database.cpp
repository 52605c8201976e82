#include "support/test_database.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "runtime/migrator.hpp"

namespace doorbuster::test {

namespace {

namespace fs = std::filesystem;

fs::path new_folder() {
    std::string name = (fs::temp_directory_path() / "doorbuster-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error{"cannot make a temporary folder"};
    return name;
}

void migrate(sql::Database& database) {
    const SystemClock clock;
    runtime::Migrator{
        database, clock, runtime::read_migrations(DOORBUSTER_SOURCE_DIR "/migrations")}
        .migrate();
}

using Tuning = TestDatabase::Tuning;

std::unique_ptr<sql::Database> open_sqlite(const fs::path& file, const Tuning& tuning = {}) {
    sqlite::SqliteOptions options;
    options.file = file;
    options.durable = false;
    options.reader_count = 2;
    options.write_queue = options.read_queue = tuning.queue;
    options.clock = tuning.clock;
    // An experiment that a person makes: does anything depend on a transaction being run once?
    options.run_twice = std::getenv("DOORBUSTER_TEST_RUN_TWICE") != nullptr;
    return std::make_unique<sqlite::SqliteDatabase>(std::move(options));
}

// A file migrated once per process, copied for each test.
const fs::path& migrated_file() {
    struct Template {
        fs::path folder = new_folder();
        fs::path file = folder / "migrated.db";
        Template() { migrate(*open_sqlite(file)); }
        ~Template() { fs::remove_all(folder); }
    };
    static const Template made;
    return made.file;
}

}  // namespace

struct TestDatabase::Place {
    std::string location;
    std::function<std::unique_ptr<sql::Database>(const Tuning&)> open;
    std::function<void()> remove;
    std::unique_ptr<sql::Database> database;

    ~Place() {
        database.reset();
        if (remove) remove();
    }
};

namespace {

template <class Place>
void place_sqlite(Place& place, TestDatabase::Schema schema) {
    const fs::path folder = new_folder();
    const fs::path file = folder / "test.db";
    if (schema == TestDatabase::Schema::migrated) fs::copy_file(migrated_file(), file);
    place.location = file.string();
    place.open = [file](const Tuning& tuning) { return open_sqlite(file, tuning); };
    place.remove = [folder] { fs::remove_all(folder); };
}

std::string server_conninfo() {
    const char* const set = std::getenv("DOORBUSTER_TEST_POSTGRES");
    return set ? set : "";
}

std::string conninfo_of(const std::string& name) { return server_conninfo() + " dbname=" + name; }

std::unique_ptr<sql::Database> open_postgres(
    const std::string& conninfo, const Tuning& tuning = {}
) {
    postgres::PostgresOptions options;
    options.conninfo = conninfo;
    options.writer_count = tuning.threads;
    options.reader_count = std::max(tuning.threads / 2, 1);
    options.write_queue = options.read_queue = tuning.queue;
    options.write_statement_max = options.read_statement_max = tuning.statement_max;
    options.clock = tuning.clock;
    return std::make_unique<postgres::PostgresDatabase>(options);
}

// The connection over which databases are made and dropped.
class Admin {
public:
    Admin() : connection_{PQconnectdb(conninfo_of("postgres").c_str())} {
        if (PQstatus(connection_) != CONNECTION_OK) fail();
        run("SET client_min_messages = warning");
    }
    ~Admin() { PQfinish(connection_); }
    Admin(const Admin&) = delete;
    Admin& operator=(const Admin&) = delete;

    // Returns whether there were rows.
    bool run(const std::string& text) {
        PGresult* const result = PQexec(connection_, text.c_str());
        const auto status = PQresultStatus(result);
        const bool rows = PQntuples(result) > 0;
        PQclear(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail();
        return rows;
    }

private:
    [[noreturn]] void fail() { throw std::runtime_error{PQerrorMessage(connection_)}; }

    PGconn* connection_;
};

// A migrated database that all test programs copy, made by the first that needs it. Its name tells
// the migrations in it.
const std::string& postgres_template() {
    static const std::string name = [] {
        std::string texts;
        for (const auto& migration :
             runtime::read_migrations(DOORBUSTER_SOURCE_DIR "/migrations")) {
            texts += migration.name + migration.text;
        }
        const auto made = "doorbuster_template_" + std::to_string(std::hash<std::string>{}(texts));
        Admin admin;
        admin.run("SELECT pg_advisory_lock(77001)");
        if (admin.run("SELECT 1 FROM pg_database WHERE datname = '" + made + "'")) return made;
        admin.run("DROP DATABASE IF EXISTS doorbuster_template_new WITH (FORCE)");
        admin.run("CREATE DATABASE doorbuster_template_new TEMPLATE template0 ENCODING 'UTF8'");
        migrate(*open_postgres(conninfo_of("doorbuster_template_new")));
        admin.run("ALTER DATABASE doorbuster_template_new RENAME TO " + made);
        return made;
    }();
    return name;
}

template <class Place>
void place_postgres(Place& place, TestDatabase::Schema schema) {
    static std::atomic<int> count = 0;
    const std::string name =
        "doorbuster_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    const bool empty = schema == TestDatabase::Schema::empty;
    const std::string from = empty ? "template0" : postgres_template();
    Admin admin;
    admin.run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    admin.run("CREATE DATABASE " + name + " TEMPLATE " + from + " ENCODING 'UTF8'");
    place.location = conninfo_of(name);
    place.open = [conninfo = place.location](const Tuning& tuning) {
        return open_postgres(conninfo, tuning);
    };
    place.remove = [name] { Admin{}.run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); };
}

// Statements are constants, found by their address: one for each text, for ever.
const sql::Statement& statement_for(std::string_view text) {
    static std::mutex mutex;
    static std::map<std::string, sql::Statement, std::less<>> statements;
    const std::lock_guard lock{mutex};
    const auto found = statements.find(text);
    if (found != statements.end()) return found->second;
    const auto added = statements.emplace(std::string{text}, sql::Statement{}).first;
    added->second = {"test", added->first, added->first};
    return added->second;
}

}  // namespace

TestDatabase::TestDatabase(sql::Dialect dialect, Schema schema)
    : place_{std::make_unique<Place>()} {
    if (dialect == sql::Dialect::sqlite) {
        place_sqlite(*place_, schema);
    } else {
        place_postgres(*place_, schema);
    }
    place_->database = place_->open({});
}

TestDatabase::~TestDatabase() = default;

bool TestDatabase::available(sql::Dialect dialect) {
    return dialect == sql::Dialect::sqlite || !server_conninfo().empty();
}

sql::Database& TestDatabase::get() const { return *place_->database; }

const std::string& TestDatabase::location() const { return place_->location; }

void TestDatabase::reopen() { reopen({}); }

void TestDatabase::reopen(const Tuning& tuning) {
    close();
    place_->database = place_->open(tuning);
}

void TestDatabase::close() { place_->database.reset(); }

DatabaseTest::DatabaseTest(TestDatabase::Schema schema)
    : database_{TestDatabase::available(GetParam()) ? GetParam() : sql::Dialect::sqlite, schema} {}

void DatabaseTest::SetUp() {
    if (!TestDatabase::available(GetParam())) {
        GTEST_SKIP() << "DOORBUSTER_TEST_POSTGRES names no server";
    }
}

std::int64_t DatabaseTest::execute(std::string_view text, sql::Params params) const {
    const auto work = [&](sql::Transaction& tx) { return tx.execute(statement_for(text), params); };
    return database().write_blocking(work);
}

std::int64_t DatabaseTest::integer(std::string_view text, sql::Params params) const {
    const auto work = [&](sql::Reader& reader) {
        return reader.find(statement_for(text), params, [](const sql::Row& row) {
            return row.integer(0);
        });
    };
    const auto value = database().read_blocking(work);
    if (!value) throw std::runtime_error{"no row: " + std::string{text}};
    return *value;
}

std::string DatabaseTest::text(std::string_view text, sql::Params params) const {
    const auto work = [&](sql::Reader& reader) {
        return reader.find(statement_for(text), params, [](const sql::Row& row) {
            return row.string(0);
        });
    };
    const auto value = database().read_blocking(work);
    if (!value) throw std::runtime_error{"no row: " + std::string{text}};
    return *value;
}

std::string engine_name(const testing::TestParamInfo<sql::Dialect>& info) {
    return info.param == sql::Dialect::sqlite ? "sqlite" : "postgres";
}

}  // namespace doorbuster::test
