#pragma once

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/sqlite_database.hpp"
#include "runtime/migrator.hpp"

// SQLite by its C interface, with the product's schema and the settings of its writer: for rows
// that are written as fast as we know how, so that the product can be measured against them.
namespace doorbuster::raw {

inline void check(int code, sqlite3* db) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    std::fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
    std::exit(1);
}

inline void run(sqlite3* db, const std::string& text) {
    check(sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr), db);
}

inline void migrate(sql::Database& database) {
    const SystemClock clock;
    runtime::Migrator{
        database, clock, runtime::read_migrations(DOORBUSTER_SOURCE_DIR "/migrations")}
        .migrate();
}

// As src/adapters/sqlite/writer.cpp opens it. Checkpoints come by themselves after as many pages.
inline sqlite3* open(const std::filesystem::path& file) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3* db = nullptr;
    const int how = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    check(sqlite3_open_v2(file.c_str(), &db, how, nullptr), db);
    run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON");
    run(db, "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000");
    const int pages = sqlite::SqliteOptions{}.checkpoint_pages;
    run(db, "PRAGMA wal_autocheckpoint=" + std::to_string(pages));
    return db;
}

// A prepared statement; its parameters are $1, $2, …
class Statement {
public:
    Statement(sqlite3* db, std::string_view text) : db_{db} {
        const int size = static_cast<int>(text.size());
        check(
            sqlite3_prepare_v3(
                db, text.data(), size, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr
            ),
            db
        );
        for (int number = 1; number <= sqlite3_bind_parameter_count(statement_); ++number) {
            const std::string name = '$' + std::to_string(number);
            indexes_.push_back(sqlite3_bind_parameter_index(statement_, name.c_str()));
        }
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    template <class... Values>
    void operator()(const Values&... values) {
        int number = 0;
        (bind(++number, values), ...);
        step();
    }
    void step() {
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW) code = sqlite3_step(statement_);
        check(code, db_);
        sqlite3_reset(statement_);
    }

    // Texts and bytes must live until the step.
    void bind(int number, std::int64_t value) {
        sqlite3_bind_int64(statement_, index(number), value);
    }
    void bind(int number, int value) { bind(number, std::int64_t{value}); }
    void bind(int number, std::nullptr_t) { sqlite3_bind_null(statement_, index(number)); }
    void bind(int number, std::string_view value) {
        const int size = static_cast<int>(value.size());
        sqlite3_bind_text(statement_, index(number), value.data(), size, SQLITE_STATIC);
    }
    void bind_bytes(int number, std::string_view value) {
        const int size = static_cast<int>(value.size());
        sqlite3_bind_blob(statement_, index(number), value.data(), size, SQLITE_STATIC);
    }
    void bind(int number, const std::vector<char>& value) {
        bind_bytes(number, {value.data(), value.size()});
    }

private:
    int index(int number) const { return indexes_[static_cast<std::size_t>(number) - 1]; }

    sqlite3* db_;
    sqlite3_stmt* statement_ = nullptr;
    std::vector<int> indexes_;
};

}  // namespace doorbuster::raw
