#pragma once

#include <memory>

#include "adapters/sqlite/sqlite_options.hpp"
#include "ports/database.hpp"

namespace doorbuster::sqlite {

// The embedded database: one file, one process that writes it. Whoever opens it for writing has
// made sure that nobody else does (the lock of the data folder): two writers of a write-ahead log
// can damage it in SQLite before 3.51.3.
class SqliteDatabase final : public sql::Database {
public:
    // Opens or creates the file. Throws sql::Error with one line that says what is wrong with it.
    explicit SqliteDatabase(SqliteOptions options);
    // For looking only, while another process may be writing; a write ends in sql::Error. Throws if
    // there is no such file.
    static std::unique_ptr<SqliteDatabase> open_read_only(SqliteOptions options);
    ~SqliteDatabase() override;

    sql::Dialect dialect() const override { return sql::Dialect::sqlite; }
    bool shared() const override { return false; }
    void submit_write(sql::Job& job) override;
    void submit_read(sql::Job& job) override;

    // Copies one snapshot to `path` while reading and writing go on. Blocks; the copy appears whole
    // or not at all. Throws sql::Error.
    void backup_to(const std::filesystem::path& path) const;

    SqliteStats stats() const;

private:
    struct Parts;
    SqliteDatabase(SqliteOptions options, bool writable);
    std::unique_ptr<Parts> parts_;
};

}  // namespace doorbuster::sqlite
