#include "support/test_database.hpp"

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>

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

std::unique_ptr<sql::Database> open_sqlite(const fs::path& file) {
    sqlite::SqliteOptions options;
    options.file = file;
    options.durable = false;
    options.reader_count = 2;
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
    std::function<std::unique_ptr<sql::Database>()> open;
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
    place.open = [file] { return open_sqlite(file); };
    place.remove = [folder] { fs::remove_all(folder); };
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

TestDatabase::TestDatabase(sql::Dialect, Schema schema) : place_{std::make_unique<Place>()} {
    place_sqlite(*place_, schema);
    place_->database = place_->open();
}

TestDatabase::~TestDatabase() = default;

bool TestDatabase::available(sql::Dialect dialect) { return dialect == sql::Dialect::sqlite; }

sql::Database& TestDatabase::get() const { return *place_->database; }

const std::string& TestDatabase::location() const { return place_->location; }

void TestDatabase::reopen() {
    place_->database.reset();
    place_->database = place_->open();
}

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
