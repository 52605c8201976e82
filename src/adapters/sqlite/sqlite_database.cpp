#include "adapters/sqlite/sqlite_database.hpp"

#include "adapters/sqlite/backup.hpp"
#include "adapters/sqlite/readers.hpp"
#include "adapters/sqlite/writer.hpp"
#include "ports/queue_watch.hpp"

namespace doorbuster::sqlite {

namespace {

const Clock& clock_of(const SqliteOptions& options) {
    static const SystemClock system;
    return options.clock ? *options.clock : system;
}

}  // namespace

// Readers go first at the end, so that the writer's connection is the last to close the file.
struct SqliteDatabase::Parts {
    SqliteOptions options;
    std::unique_ptr<Writer> writer;
    std::unique_ptr<Readers> readers;
    std::unique_ptr<sql::QueueWatch> watch;
};

SqliteDatabase::SqliteDatabase(SqliteOptions options) : SqliteDatabase{std::move(options), true} {}

SqliteDatabase::SqliteDatabase(SqliteOptions options, bool writable)
    : parts_{std::make_unique<Parts>()} {
    parts_->options = std::move(options);
    const Clock& clock = clock_of(parts_->options);
    try {
        if (writable) parts_->writer = std::make_unique<Writer>(parts_->options, clock);
        parts_->readers = std::make_unique<Readers>(parts_->options, clock);
        std::vector<sql::QueueWatch::Watched> queues{{"read", &parts_->readers->queue()}};
        if (writable) queues.push_back({"write", &parts_->writer->queue()});
        parts_->watch = std::make_unique<sql::QueueWatch>(queues, parts_->options.metrics);
    } catch (const std::exception& error) {
        throw sql::Error{"cannot use " + parts_->options.file.string() + ": " + error.what()};
    }
}

std::unique_ptr<SqliteDatabase> SqliteDatabase::open_read_only(SqliteOptions options) {
    return std::unique_ptr<SqliteDatabase>{new SqliteDatabase{std::move(options), false}};
}

SqliteDatabase::~SqliteDatabase() = default;

void SqliteDatabase::submit_write(sql::Job& job) {
    if (parts_->writer) return parts_->writer->queue().push(job);
    job.finished(std::make_exception_ptr(sql::Error{"the database was opened for reading only"}));
}

void SqliteDatabase::submit_read(sql::Job& job) { parts_->readers->queue().push(job); }

void SqliteDatabase::backup_to(const std::filesystem::path& path) const {
    backup(parts_->options.file, path);
}

SqliteStats SqliteDatabase::stats() const {
    return parts_->writer ? parts_->writer->stats() : SqliteStats{};
}

}  // namespace doorbuster::sqlite
